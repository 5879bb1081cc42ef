#include "kernels/quintic_spline.h"

#include <Eigen/Dense>
#include <algorithm>
#include <string>

#include "kiln/error.h"

namespace kiln {
namespace {

// In units of the spacing: unknowns are the slopes s_i and curvatures c_i, i = 0 .. n - 1, in this order. An interval
// is the polynomial a_0 + … + a_5 t^5 with these as linear functions of (v, s, c) at its two ends:
//   a_3 = 10 D - 4 E + F / 2,  a_4 = -15 D + 7 E - F,  a_5 = 6 D - 3 E + F / 2,
//   D = v_1 - v_0 - s_0 - c_0 / 2,  E = s_1 - s_0 - c_0,  F = c_1 - c_0.
constexpr double kA3[6] = {-10, -6, -1.5, 10, -4, 0.5};  // of v_0, s_0, c_0, v_1, s_1, c_1
constexpr double kA4[6] = {15, 8, 1.5, -15, 7, -1};
constexpr double kA5[6] = {-6, -3, -0.5, 6, -3, 0.5};

/// The conditions  unknowns_side * (s, c) = values_side * v.
struct Conditions {
  int n;
  Eigen::MatrixXd unknowns, values;
  int row = 0;

  explicit Conditions(int n_knots)
      : n(n_knots), unknowns(Eigen::MatrixXd::Zero(2 * n, 2 * n)), values(Eigen::MatrixXd::Zero(2 * n, n)) {}

  /// Adds factor * (weights . ends of the interval) to the current row.
  void add(int interval, const double (&weights)[6], double factor) {
    for (int end = 0; end < 2; ++end) {
      const int knot = interval + end;
      values(row, knot) -= factor * weights[3 * end];
      unknowns(row, knot) += factor * weights[3 * end + 1];
      unknowns(row, n + knot) += factor * weights[3 * end + 2];
    }
  }
};

/// Third, fourth (and near 0 fifth) derivative of both sides agree at an inner knot.
void add_continuity(Conditions& conditions, int knot) {
  const int left = knot - 1, right = knot;
  conditions.add(left, kA3, 1.0);  // p'''(1) / 6 = a_3 + 4 a_4 + 10 a_5
  conditions.add(left, kA4, 4.0);
  conditions.add(left, kA5, 10.0);
  conditions.add(right, kA3, -1.0);
  ++conditions.row;
  conditions.add(left, kA4, 1.0);  // p''''(1) / 24 = a_4 + 5 a_5
  conditions.add(left, kA5, 5.0);
  conditions.add(right, kA4, -1.0);
  ++conditions.row;
}

void add_not_a_knot(Conditions& conditions, int knot) {
  conditions.add(knot - 1, kA5, 1.0);
  conditions.add(knot, kA5, -1.0);
  ++conditions.row;
}

}  // namespace

SplineOperators spline_operators(int n_knots, double cutoff) {
  if (n_knots < 6 || !(cutoff > 0.0)) {
    throw Error(ErrorKind::configuration, "bad-spline",
                "a radial table needs at least 6 knots and a positive cutoff, not " + std::to_string(n_knots) +
                    " knots and a cutoff of " + std::to_string(cutoff) + " Å");
  }
  Conditions conditions(n_knots);
  add_not_a_knot(conditions, 1);
  add_not_a_knot(conditions, 2);
  for (int knot = 1; knot < n_knots - 1; ++knot) add_continuity(conditions, knot);
  conditions.unknowns(conditions.row++, n_knots - 1) = 1.0;      // R'(r_c) = 0
  conditions.unknowns(conditions.row++, 2 * n_knots - 1) = 1.0;  // R''(r_c) = 0
  const Eigen::MatrixXd solution = conditions.unknowns.partialPivLu().solve(conditions.values);

  SplineOperators operators;
  operators.n_knots = n_knots;
  operators.spacing = cutoff / (n_knots - 1);
  const double per_length = 1.0 / operators.spacing;
  for (int i = 0; i < n_knots; ++i)
    for (int j = 0; j < n_knots; ++j) {
      operators.slope.push_back(solution(i, j) * per_length);
      operators.curvature.push_back(solution(n_knots + i, j) * per_length * per_length);
    }
  return operators;
}

HermiteWeights hermite_weights(double t, double spacing) {
  const double t2 = t * t, t3 = t2 * t, t4 = t2 * t2, t5 = t4 * t;
  const double h = spacing, inverse = 1.0 / spacing;
  HermiteWeights w;
  w.value[0] = 1.0 - 10.0 * t3 + 15.0 * t4 - 6.0 * t5;
  w.value[1] = h * (t - 6.0 * t3 + 8.0 * t4 - 3.0 * t5);
  w.value[2] = h * h * 0.5 * (t2 - 3.0 * t3 + 3.0 * t4 - t5);
  w.value[3] = 10.0 * t3 - 15.0 * t4 + 6.0 * t5;
  w.value[4] = h * (-4.0 * t3 + 7.0 * t4 - 3.0 * t5);
  w.value[5] = h * h * 0.5 * (t3 - 2.0 * t4 + t5);
  w.slope[0] = inverse * (-30.0 * t2 + 60.0 * t3 - 30.0 * t4);
  w.slope[1] = 1.0 - 18.0 * t2 + 32.0 * t3 - 15.0 * t4;
  w.slope[2] = h * 0.5 * (2.0 * t - 9.0 * t2 + 12.0 * t3 - 5.0 * t4);
  w.slope[3] = inverse * (30.0 * t2 - 60.0 * t3 + 30.0 * t4);
  w.slope[4] = -12.0 * t2 + 28.0 * t3 - 15.0 * t4;
  w.slope[5] = h * 0.5 * (3.0 * t2 - 8.0 * t3 + 5.0 * t4);
  return w;
}

int interval_of(double length, double spacing, int n_knots) {
  return std::min(static_cast<int>(length / spacing), n_knots - 2);
}

}  // namespace kiln
