#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "operators/field.h"
#include "operators/row_function.h"

namespace kiln {

/// The operators every layer lowers to. Plain data: what is computed, with weights by name. The arithmetic stands in
/// kernels/ (native) and in operators/*_text (ATen). Inputs and output are indices into the fields of the lowered
/// graph.
///
/// Convention of a lowered graph: receiver = center i, edge vectors r_ij from receiver to sender; layers that are
/// defined with the other direction carry (-1)^l in their path coefficients.

/// species -> one-hot rows [n_species x 0e].
struct OneHot {
  int n_species = 1;
  int first = 0;  ///< index of the first column: 0, or 1 where the input holds atomic numbers
};

/// edge vectors -> lengths.
struct EdgeLengths {};

/// edge vectors -> real spherical harmonics 0 .. lmax of the unit vector; e3nn's order and signs
/// (docs/layers.md, harmonics). The zero vector gives Y_0 = 1 (in this normalization) and 0 for the rest.
enum class HarmonicsNormalization { component, integral, norm };
struct Harmonics {
  int lmax = 1;
  HarmonicsNormalization normalization = HarmonicsNormalization::component;
};

/// lengths -> B_n(r) f(r):  B_n = (2/r_c) sin(w_n r / r_c) / r,  f = PolynomialCutoff of the degree p (may be
/// fractional). At r = 0 the limit 2 w_n / r_c^2.
struct RadialBasis {
  double cutoff = 5.0;  ///< r_c, Å
  int n_basis = 8;
  double degree = 6;
  std::string frequencies;  ///< weight [n_basis], initially n pi
  bool trainable = true;
};

/// lengths -> [n_outputs] radial functions: the basis, then a bias-free network with e3nn's normalization
/// (docs/layers.md, radial functions): hidden layers  c act(x W / sqrt(h_in)),  last layer  x W / sqrt(h_in). exact:
/// evaluated as it stands. tabulated: the C4 quintic interpolating spline of it on n_knots uniform knots
/// (docs/architecture.md, what is frozen).
struct RadialFunctions {
  RadialBasis basis;
  std::vector<int> widths;           ///< n_basis, hidden …, n_outputs
  std::vector<std::string> weights;  ///< [widths.size() - 1] names, each [h_in, h_out]
  int n_knots = 0;                   ///< 0: exact
};

/// scalars -> scalars by the same bias-free network, for radial inputs that are not made by RadialBasisEdgeEncoding.
struct Network {
  std::vector<int> widths;
  std::vector<std::string> weights;
};

/// Per irrep:  y_{w m} = scale * sum over matching input blocks of sum_u W_{u w} x_{u m}  (o3.Linear, docs/layers.md).
/// With attributes (second input, n_attributes x 0e):  W = sum_a attribute_a W_a  (FullyConnectedTensorProduct with
/// scalars); if the attributes are one-hot species this is a look-up. Path scales include every normalization.
struct LinearPath {
  int in_block = 0, out_block = 0;
  int weight_offset =
      0;  ///< into the flat weight; the block is [mul_in, mul_out] or [mul_in, n_attributes, mul_out], row-major
  double scale = 1.0;
};
struct Linear {
  Irreps in, out;
  int n_attributes = 0;  ///< 0: no second input
  std::vector<LinearPath> paths;
  std::string weight;  ///< flat
};

/// sender features [sender], harmonics [lmax], radial functions [n_paths * multiplicities] -> receiver features [out]:
///   out_{i, slot, u, M} = sum_{e of i} sum_{m1 m2} coefficient C^{l1 l2 l3}_{m1 m2 M} R_{e, offset + u} x_{j(e), u,
///   m1} Y_{e, l2, m2}
/// C: real Wigner 3j (docs/layers.md). Inputs: sender features, harmonics, radial functions.
struct ConvolutionPath {
  int in_block = 0;
  int l_edge = 0;
  Irrep irrep;               ///< of the product
  int mul = 0;               ///< of in_block: the channels
  int out_channel = 0;       ///< first copy in the out block
  int out_block = 0;         ///< block of `out` (simplified)
  int radial_offset = 0;     ///< first of `mul` radial functions
  double coefficient = 1.0;  ///< sqrt(2 l3 + 1), (-1)^l, 1 / avg_num_neighbors, …
};
struct EdgeConvolution {
  Irreps sender, out;
  int lmax = 0;  ///< of the harmonics
  int edge_set = 0;
  int n_radial = 0;
  std::vector<ConvolutionPath> paths;
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

/// A torch function or module that has no operator of its own: the expression with $0, $1 … for its inputs and $name
/// for its weights (operators/torch_target.h). Runs on the torch engine only.
struct Call {
  std::string target;           ///< for messages
  std::string expression;       ///< TorchScript
  std::vector<int> list_sizes;  ///< per $k: -1 for one field, else so many fields as a list
  std::vector<std::pair<std::string, std::string>> weights;  ///< name in the expression, full name
  bool evaluation = false;  ///< frozen: in evaluation mode also while others are trained
  bool random = false;      ///< draws random numbers in training (Dropout)
};

/// Element of the tuple or list that a call gives; of a tensor, the row. Negative: from the end.
struct Element {
  int index = 0;
  bool optional = false;  ///< by its type it may be None: of code from outside
};

using Operator =
    std::variant<OneHot, EdgeLengths, Harmonics, RadialBasis, RadialFunctions, Network, Linear, EdgeConvolution,
                 SymmetricContraction, Add, Activation, SpeciesTable, Affine, SumAtoms, Call, Element, RowFunction>;

/// One step of a lowered graph.
struct Operation {
  Operator op;
  std::vector<int> inputs;  ///< field indices
  int output = -1;          ///< field index
  std::string layer;        ///< the YAML layer it comes from, for messages
  int hops = 0;  ///< its output is needed on the first n_rows[hops] rows (atom level), or on the edges of their
                 ///< receivers (edge level); 0 for system fields
};

const char* name_of(const Operator& op);  ///< "linear", "edge_convolution", …

}  // namespace kiln
