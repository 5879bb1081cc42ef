#pragma once

#include <string>
#include <vector>

#include "operators/irreps.h"

namespace kiln {

// Operators on atoms, and from atoms to the system (operation.h).

/// species -> one-hot rows [n_species x 0e].
struct OneHot {
  int n_species = 1;
  int first = 0;  ///< index of the first column: 0, or 1 where the input holds atomic numbers
};

/// Per irrep:  y_{w m} = scale * sum over matching input blocks of sum_u W_{u w} x_{u m}  (o3.Linear, docs/layers.md).
/// With attributes (second input, n_attributes x 0e):  W = sum_a attribute_a W_a  (FullyConnectedTensorProduct with
/// scalars); if the attributes are one-hot species this is a look-up. Path scales include every normalization.
struct LinearPath {
  int in_block = 0, out_block = 0;
  int weight_offset = 0;  ///< into the flat weight; the block is [mul_in(, n_attributes), mul_out], row-major
  double scale = 1.0;
};
struct Linear {
  Irreps in, out;
  int n_attributes = 0;  ///< 0: no second input
  std::vector<LinearPath> paths;
  std::string weight;  ///< flat
};

/// A [K copies of 0e, 1o, …, lmax] and species (or attributes) -> B [K copies of each of `out`]  (MACE;
/// docs/layers.md, products):
///   B^{L}_{c,M} = sum_nu sum_k W^{nu,L}_{z,k,c} sum_{m1..m_nu} U^{nu,L}_{M,m1..m_nu,k} prod_t A_{c,m_t}
/// in the symmetrized basis of kernels/symmetric_basis.h. Inputs: A, attributes (one-hot or soft).
struct SymmetricContraction {
  int lmax = 0;
  int correlation = 1;
  int channels = 1;  ///< K
  int n_attributes = 1;
  std::vector<Irrep> out;  ///< in the order of the output blocks
  std::vector<std::vector<std::string>>
      weights;  ///< [out][nu - 1], each [n_attributes, n_paths, K]; "" where there is no path
};

/// Sum of equal fields.
struct Add {};

/// Scalars, componentwise: constant * act(x); silu only.
struct Activation {
  double constant = 1.0;
};

/// species -> values[species], 1x0e.
struct SpeciesTable {
  int n_species = 1;
  std::string values;  ///< weight [n_species]
};

/// scale * x + shift, both weights [1].
struct Affine {
  std::string scale, shift;
};

/// atom field(s) -> system field: sum over the owned atoms of each structure, in float64. Inputs: source, optional
/// structure index.
struct SumAtoms {};

}  // namespace kiln
