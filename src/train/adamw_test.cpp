#include "train/adamw.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kiln {
namespace {

TEST(AdamW, FirstUpdateIsTheSignOfTheGradient) {
  AdamW state;
  state.weight_decay = 0.1;
  std::vector<double> x = {1.0, -2.0};
  const std::vector<double> g = {1e-3, -5.0};
  adamw_update(state, 0.01, Span<const double>(g), Span<double>(x));
  // m/(1-b1) = g, v/(1-b2) = g^2:  x (1 - rate decay) - rate g/(|g| + epsilon)
  EXPECT_TRUE(std::abs(x[0] - (1.0 * (1 - 0.001) - 0.01 * 1e-3 / (1e-3 + 1e-8))) <= 1e-15);
  EXPECT_TRUE(std::abs(x[1] - (-2.0 * (1 - 0.001) + 0.01 * 5.0 / (5.0 + 1e-8))) <= 1e-15);
}

/// The paper's algorithm with explicit sums over the history instead of running averages.
double adamw_by_sums(double x, const std::vector<double>& gradients, double rate, double decay) {
  for (std::size_t t = 1; t <= gradients.size(); ++t) {
    double m = 0, v = 0, m_norm = 0, v_norm = 0;
    for (std::size_t k = 1; k <= t; ++k) {
      const double age = static_cast<double>(t - k);
      m += std::pow(0.9, age) * gradients[k - 1];
      v += std::pow(0.999, age) * gradients[k - 1] * gradients[k - 1];
      m_norm += std::pow(0.9, age);
      v_norm += std::pow(0.999, age);
    }
    x -= rate * (decay * x + (m / m_norm) / (std::sqrt(v / v_norm) + 1e-8));
  }
  return x;
}

TEST(AdamW, FollowsTheWeightedMeansOfItsDefinition) {
  const std::vector<double> gradients = {0.5, -0.2, 3.0, 0.0, -1e-4, 0.7, 0.7, -2.0};
  AdamW state;
  state.weight_decay = 0.05;
  std::vector<double> x = {0.8};
  for (double g : gradients) {
    const std::vector<double> one = {g};
    adamw_update(state, 0.02, Span<const double>(one), Span<double>(x));
  }
  EXPECT_TRUE(std::abs(x[0] - adamw_by_sums(0.8, gradients, 0.02, 0.05)) <= 1e-13) << x[0];
  EXPECT_EQ(state.step, 8);
}

TEST(AdamW, FindsTheMinimumOfAParabola) {
  AdamW state;
  std::vector<double> x = {3.0, -1.0};
  for (int k = 0; k < 2000; ++k) {
    const std::vector<double> g = {2 * (x[0] - 1.0), 20 * (x[1] - 2.0)};
    adamw_update(state, 0.01, Span<const double>(g), Span<double>(x));
  }
  EXPECT_TRUE(std::abs(x[0] - 1.0) <= 1e-3);
  EXPECT_TRUE(std::abs(x[1] - 2.0) <= 1e-3);
}

TEST(ClipNorm, ShortensOnlyWhatIsTooLong) {
  std::vector<double> g = {3.0, 4.0};
  EXPECT_DOUBLE_EQ(clip_norm(Span<double>(g), 10.0), 5.0);
  EXPECT_DOUBLE_EQ(g[0], 3.0);
  EXPECT_DOUBLE_EQ(clip_norm(Span<double>(g), 1.0), 5.0);
  EXPECT_TRUE(std::abs(g[0] - 0.6) <= 1e-15 && std::abs(g[1] - 0.8) <= 1e-15);
  EXPECT_DOUBLE_EQ(clip_norm(Span<double>(g), 0.0), 1.0);  // 0: never
}

}  // namespace
}  // namespace kiln
