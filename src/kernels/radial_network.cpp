#include "kernels/radial_network.h"

#include <cmath>
#include <utility>

namespace kiln {
namespace {

void multiply(const std::vector<double>& x, const std::vector<double>& weights, std::vector<double>& y) {
  for (double& value : y) value = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = 0; j < y.size(); ++j) y[j] += x[i] * weights[i * y.size() + j];
}

RadialUnits linear(const RadialUnits& x, const std::vector<double>& weights, int n_out) {
  RadialUnits y{std::vector<double>(n_out), std::vector<double>(n_out)};
  multiply(x.values, weights, y.values);
  multiply(x.slopes, weights, y.slopes);
  return y;
}

void scale(RadialUnits& x, double factor) {
  for (double& value : x.values) value *= factor;
  for (double& slope : x.slopes) slope *= factor;
}

void activate(RadialUnits& x) {
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    const ValueAndSlope act = silu(x.values[i]);
    x.values[i] = kSiluConstant * act.value;
    x.slopes[i] *= kSiluConstant * act.slope;
  }
}

}  // namespace

ValueAndSlope silu(double x) {
  const double s = 1.0 / (1.0 + std::exp(-x));
  return {x * s, s * (1.0 + x * (1.0 - s))};
}

RadialUnits last_hidden_units(const RadialNetwork& network, RadialUnits x) {
  scale(x, 1.0 / std::sqrt(static_cast<double>(network.widths[0])));
  for (std::size_t layer = 0; layer + 1 < network.weights.size(); ++layer) {
    x = linear(x, network.weights[layer], network.widths[layer + 1]);
    activate(x);
    scale(x, 1.0 / std::sqrt(static_cast<double>(network.widths[layer + 1])));
  }
  return x;
}

RadialUnits network_outputs(const RadialNetwork& network, RadialUnits inputs) {
  return linear(last_hidden_units(network, std::move(inputs)), network.weights.back(), network.widths.back());
}

RadialUnits radial_basis_units(const BesselBasis& basis, double length) {
  RadialUnits units{std::vector<double>(basis.frequencies.size()), std::vector<double>(basis.frequencies.size())};
  radial_basis(basis, length, units.values.data(), units.slopes.data());
  return units;
}

}  // namespace kiln
