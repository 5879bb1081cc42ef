#include "kernels/radial_basis.h"

#include <algorithm>
#include <cmath>

namespace kiln {
namespace {

/// sin(a r) / r and its derivative; by series where the difference in the derivative loses digits.
ValueAndSlope sine_over_length(double a, double r) {
  const double x = a * r, x2 = x * x;
  if (std::abs(x) < 0.1) {
    return {a * (1.0 - x2 / 6.0 * (1.0 - x2 / 20.0 * (1.0 - x2 / 42.0))),
            -a * a * x / 3.0 * (1.0 - x2 / 10.0 * (1.0 - x2 / 28.0 * (1.0 - x2 / 54.0)))};
  }
  return {std::sin(x) / r, (x * std::cos(x) - std::sin(x)) / (r * r)};
}

}  // namespace

ValueAndSlope polynomial_cutoff(double length, double cutoff, double degree) {
  const double u = length / cutoff;
  if (!(u < 1.0)) return {0.0, 0.0};
  const double p = degree;
  const double up = std::pow(u, p - 1.0);
  const double value = 1.0 - up * u * (0.5 * (p + 1) * (p + 2) - u * (p * (p + 2) - u * 0.5 * p * (p + 1)));
  const double slope = -0.5 * p * (p + 1) * (p + 2) * up * (1.0 - u) * (1.0 - u);
  return {value, slope / cutoff};
}

void radial_basis(const BesselBasis& basis, double length, double* values, double* slopes) {
  if (!(length < basis.cutoff)) {
    std::fill_n(values, basis.frequencies.size(), 0.0);
    std::fill_n(slopes, basis.frequencies.size(), 0.0);
    return;
  }
  const ValueAndSlope f = polynomial_cutoff(length, basis.cutoff, basis.degree);
  const double scale = 2.0 / basis.cutoff;
  for (std::size_t n = 0; n < basis.frequencies.size(); ++n) {
    const ValueAndSlope s = sine_over_length(basis.frequencies[n] / basis.cutoff, length);
    values[n] = scale * s.value * f.value;
    slopes[n] = scale * (s.slope * f.value + s.value * f.slope);
  }
}

}  // namespace kiln
