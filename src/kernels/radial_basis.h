#pragma once

#include <vector>

namespace kiln {

/// B_n(r) f(r):  B_n = (2 / r_c) sin(w_n r / r_c) / r,  f = PolynomialCutoff (docs/layers.md). At r = 0 the
/// limit 2 w_n / r_c^2; zero at and beyond the cutoff.
struct BesselBasis {
  double cutoff = 5.0;              ///< r_c, Å
  double degree = 6.0;              ///< p of the cutoff, >= 2, may be fractional
  std::vector<double> frequencies;  ///< [n_basis], w_n, usually n pi
};

/// A number and its derivative by the length.
struct ValueAndSlope {
  double value = 0.0;
  double slope = 0.0;
};

/// f(u) = 1 - (p+1)(p+2)/2 u^p + p(p+2) u^{p+1} - p(p+1)/2 u^{p+2},  u = length / cutoff < 1, else 0.
ValueAndSlope polynomial_cutoff(double length, double cutoff, double degree);

/// @param values, slopes  [n_basis], overwritten
void radial_basis(const BesselBasis& basis, double length, double* values, double* slopes);

}  // namespace kiln
