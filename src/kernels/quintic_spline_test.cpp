#include "kernels/quintic_spline.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "kiln/error.h"

namespace kiln {
namespace {

/// A spline through knot values, as the engines evaluate it.
struct Spline {
  SplineOperators operators;
  std::vector<double> values, slopes, curvatures;

  Spline(int n_knots, double cutoff, const std::function<double(double)>& function)
      : operators(spline_operators(n_knots, cutoff)), slopes(n_knots, 0.0), curvatures(n_knots, 0.0) {
    for (int i = 0; i < n_knots; ++i) values.push_back(i + 1 < n_knots ? function(i * operators.spacing) : 0.0);
    for (int i = 0; i < n_knots; ++i)
      for (int j = 0; j < n_knots; ++j) {
        slopes[i] += operators.slope[i * n_knots + j] * values[j];
        curvatures[i] += operators.curvature[i * n_knots + j] * values[j];
      }
  }

  double combine(int interval, const double (&w)[6]) const {
    double sum = 0.0;
    for (int end = 0; end < 2; ++end)
      sum += w[3 * end] * values[interval + end] + w[3 * end + 1] * slopes[interval + end] +
             w[3 * end + 2] * curvatures[interval + end];
    return sum;
  }
  double at(double r) const { return combine(interval(r), weights(r).value); }
  double slope_at(double r) const { return combine(interval(r), weights(r).slope); }

  int interval(double r) const { return interval_of(r, operators.spacing, operators.n_knots); }
  HermiteWeights weights(double r) const {
    return hermite_weights(r / operators.spacing - interval(r), operators.spacing);
  }

  /// Power coefficients of an interval in t, from six of its values.
  double derivative(int interval, double t, int order) const {
    double sum = 0.0;
    const double a3[6] = {-10, -6, -1.5, 10, -4, 0.5}, a4[6] = {15, 8, 1.5, -15, 7, -1},
                 a5[6] = {-6, -3, -0.5, 6, -3, 0.5};
    const double h = operators.spacing;
    const double ends[6] = {values[interval],     slopes[interval] * h,     curvatures[interval] * h * h,
                            values[interval + 1], slopes[interval + 1] * h, curvatures[interval + 1] * h * h};
    for (int k = 0; k < 6; ++k) {
      if (order == 3) sum += ends[k] * (6 * a3[k] + 24 * t * a4[k] + 60 * t * t * a5[k]);
      if (order == 4) sum += ends[k] * (24 * a4[k] + 120 * t * a5[k]);
      if (order == 5) sum += ends[k] * 120 * a5[k];
    }
    return sum;
  }
};

double smooth(double r) { return std::sin(2.0 * r + 0.3) * std::pow(1.0 - r / 5.0, 3) * (1.0 + r); }

TEST(QuinticSpline, InterpolatesAndVanishesTwiceAtTheCutoff) {
  const Spline spline(24, 5.0, smooth);
  for (int i = 0; i < 23; ++i) EXPECT_NEAR(spline.at(i * spline.operators.spacing), spline.values[i], 1e-14);
  EXPECT_NEAR(spline.at(5.0), 0.0, 1e-13);
  EXPECT_NEAR(spline.slopes[23], 0.0, 1e-13);
  EXPECT_NEAR(spline.curvatures[23], 0.0, 1e-13);
}

TEST(QuinticSpline, IsFourTimesContinuouslyDifferentiable) {
  const Spline spline(24, 5.0, smooth);
  for (int knot = 1; knot < 23; ++knot)
    for (const int order : {3, 4})
      EXPECT_NEAR(spline.derivative(knot - 1, 1.0, order), spline.derivative(knot, 0.0, order), 1e-10);
  for (const int knot : {1, 2})  // not a knot
    EXPECT_NEAR(spline.derivative(knot - 1, 1.0, 5), spline.derivative(knot, 0.0, 5), 1e-9);
}

TEST(QuinticSpline, SlopeIsTheDerivative) {
  const Spline spline(24, 5.0, smooth);
  for (const double r : {0.01, 0.7, 2.22, 3.9, 4.99}) {
    const double h = 1e-5;
    EXPECT_NEAR((spline.at(r + h) - spline.at(r - h)) / (2 * h), spline.slope_at(r), 1e-8);
  }
}

/// A quintic with a triple zero at the cutoff obeys every condition, so it is its own spline.
TEST(QuinticSpline, ReproducesQuintics) {
  const auto quintic = [](double r) { return std::pow(3.0 - r, 3) * (0.7 - 0.4 * r + 0.9 * r * r); };
  const Spline spline(9, 3.0, quintic);
  for (double r = 0.0; r < 3.0; r += 0.037) EXPECT_NEAR(spline.at(r), quintic(r), 1e-11);
}

TEST(QuinticSpline, ErrorFallsWithTheSixthPower) {
  const auto error = [](int n_knots) {
    const Spline spline(n_knots, 5.0, smooth);
    double worst = 0.0;
    for (double r = 0.0; r < 5.0; r += 0.0113) {
      const double here = std::abs(spline.at(r) - smooth(r));
      if (std::isnan(here)) return here;  // std::max would forget it
      worst = std::max(worst, here);
    }
    return worst;
  };
  EXPECT_LE(error(65), error(33) / 32.0);
  EXPECT_LE(error(129), 1e-8);
}

TEST(QuinticSpline, RefusesWhatIsNoTable) {
  EXPECT_THROW(spline_operators(5, 5.0), Error);
  EXPECT_THROW(spline_operators(128, 0.0), Error);
  EXPECT_THROW(spline_operators(128, std::nan("")), Error);
}

}  // namespace
}  // namespace kiln
