#pragma once

#include <vector>

#include "kernels/radial_basis.h"

namespace kiln {

/// E[silu(z)^2]^{-1/2} as e3nn 0.4.4 .. 0.6.0 computes it (from random numbers, so not exactly); trained weights carry
/// it.
constexpr double kSiluConstant = 1.6791767923989418;

ValueAndSlope silu(double x);

/// Bias-free network with e3nn's normalization: hidden layers  c silu(x W / sqrt(h_in)),  last layer x W / sqrt(h_in).
struct RadialNetwork {
  std::vector<int> widths;                   ///< inputs, hidden …, outputs; at least two
  std::vector<std::vector<double>> weights;  ///< [widths.size() - 1], each [h_in, h_out]
};

/// Values and derivatives by the length (forward mode) of a layer's units.
struct RadialUnits {
  std::vector<double> values;
  std::vector<double> slopes;
};

/// All layers but the last: what the last matrix is applied to, divided by sqrt(h_in).
RadialUnits last_hidden_units(const RadialNetwork& network, RadialUnits inputs);

/// The whole network.
RadialUnits network_outputs(const RadialNetwork& network, RadialUnits inputs);

/// The basis at a length, as input of a network.
RadialUnits radial_basis_units(const BesselBasis& basis, double length);

}  // namespace kiln
