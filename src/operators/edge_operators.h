#pragma once

#include <string>
#include <vector>

#include "operators/irreps.h"

namespace kiln {

// Operators on edges, and from edges to atoms (operation.h).

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

}  // namespace kiln
