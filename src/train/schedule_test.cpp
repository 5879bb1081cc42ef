#include "train/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kiln {
namespace {

TEST(Schedule, RisesThenFallsAsACosine) {
  const CosineSchedule s = make_schedule(0.1, 0.01, 0.1, 110);
  EXPECT_EQ(s.n_warmup, 11);
  EXPECT_TRUE(std::abs(learning_rate(s, 0) - 0.1 / 12) <= 1e-15);  // not zero
  EXPECT_TRUE(std::abs(learning_rate(s, 10) - 0.1 * 11 / 12) <= 1e-15);
  EXPECT_TRUE(std::abs(learning_rate(s, 11) - 0.1) <= 1e-15);
  EXPECT_TRUE(std::abs(learning_rate(s, 11 + 33) - (0.01 + 0.045 * (1 + std::cos(M_PI / 3)))) <= 1e-15);
  EXPECT_TRUE(std::abs(learning_rate(s, 110) - 0.01) <= 1e-15);
}

TEST(Schedule, StaysWithinItsBounds) {
  for (const double warmup : {0.0, 0.01, 0.5, 1.0})
    for (const std::int64_t n : {1, 2, 7, 100}) {
      const CosineSchedule s = make_schedule(0.1, 0.001, warmup, n);
      for (std::int64_t k = 0; k < n; ++k) {
        const double rate = learning_rate(s, k);
        EXPECT_TRUE(rate > 0.0 && rate <= 0.1 + 1e-15) << warmup << " " << n << " " << k;
      }
    }
}

}  // namespace
}  // namespace kiln
