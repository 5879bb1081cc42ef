#pragma once

#include <vector>

namespace kiln {

/// Slopes and curvatures at the knots of the C4 quintic spline through given knot values, as linear operators on them.
/// Knots are uniform on [0, cutoff], both ends included; R = R' = R'' = 0 at the cutoff (the value there is given as
/// 0), not-a-knot at 0 (the fifth derivative is continuous at the first two inner knots).
struct SplineOperators {
  int n_knots = 0;                ///< at least 6
  double spacing = 0.0;           ///< Å between knots, cutoff / (n_knots - 1)
  std::vector<double> slope;      ///< [n_knots, n_knots] row-major: R'(knot i) = sum_j slope[i, j] R(knot j), per Å
  std::vector<double> curvature;  ///< [n_knots, n_knots]: R''(knot i), per Å^2
};

/// Throws Error of kind configuration if n_knots < 6 or cutoff <= 0.
SplineOperators spline_operators(int n_knots, double cutoff);

/// Weights of (value, slope, curvature) at the left and right knots of an interval: for t = (r - left) / spacing,
///   R(r) = value[0] R_0 + value[1] R'_0 + value[2] R''_0 + value[3] R_1 + value[4] R'_1 + value[5] R''_1,
/// R'(r) the same with `slope`.
struct HermiteWeights {
  double value[6];
  double slope[6];
};
HermiteWeights hermite_weights(double t, double spacing);

/// Interval of a length: 0 .. n_knots - 2; lengths beyond the last knot belong to the last one (t > 1 there).
int interval_of(double length, double spacing, int n_knots);

}  // namespace kiln
