#include "base/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/level.h"

namespace kiln {
namespace {

TEST(Rng, DependsOnSeedAndStreamOnly) {
  Rng a(7, "weights"), b(7, "weights");
  EXPECT_EQ(a.next(), b.next());
  std::set<std::uint64_t> first;
  for (std::uint64_t seed : {0u, 1u, 2u}) {
    for (const char* stream : {"", "a", "b", "weights"}) first.insert(Rng(seed, stream).next());
  }
  EXPECT_EQ(first.size(), 12u);
}

// From Python, written after the published definitions (splitmix64, FNV-1a, xoshiro256++; prng.di.unimi.it): from the
// state {1, 2, 3, 4} that script gives the published 41943041, 58720359, 3588806011781223, 3591011842654386.
TEST(Rng, IsXoshiro256PlusPlus) {
  Rng rng(1, "frozen");
  EXPECT_EQ(rng.next(), 4019738389182424987u);
  EXPECT_EQ(rng.next(), 7190812419857189495u);
  EXPECT_EQ(rng.next(), 10582936950190444044u);
  EXPECT_EQ(rng.next(), 11713381035650638527u);
}

TEST(Rng, MomentsAreThoseOfTheDistributions) {
  Rng rng(5, "moments");
  const int n = 200000;
  double uniform = 0, mean = 0, square = 0, fourth = 0;
  for (int i = 0; i < n; ++i) {
    const double u = rng.uniform(), x = rng.normal();
    EXPECT_TRUE(u >= 0.0 && u < 1.0);
    uniform += u / n, mean += x / n, square += x * x / n, fourth += x * x * x * x / n;
  }
  EXPECT_TRUE(std::abs(uniform - 0.5) <= 0.003);  // 4 to 5 standard errors each
  EXPECT_TRUE(std::abs(mean) <= 0.01);
  EXPECT_TRUE(std::abs(square - 1.0) <= 0.015);
  EXPECT_TRUE(std::abs(fourth - 3.0) <= 0.1);
}

TEST(Rng, BelowIsEvenAndBounded) {
  Rng rng(5, "below");
  std::array<int, 7> counts{};
  for (int i = 0; i < 70000; ++i) ++counts[rng.below(7)];
  for (int count : counts) EXPECT_TRUE(std::abs(count - 10000) <= 500);
  EXPECT_EQ(rng.below(1), 0u);
}

// From the same algorithm in Python (numbers of its math.log); frozen, so that a seed gives the same weights in every
// release and on every machine.
TEST(Rng, NormalDeviatesAreFrozen) {
  Rng rng(1, "frozen");
  EXPECT_EQ(rng.normal(), -1.3191132889839916);
  EXPECT_EQ(rng.normal(), 1.040702522676613);
}

TEST(VectorLevel, HasAName) {
  EXPECT_STREQ(name_of(VectorLevel::x86_64), "x86-64");
  EXPECT_STREQ(name_of(VectorLevel::x86_64_v3), "x86-64-v3");
  EXPECT_STREQ(name_of(VectorLevel::x86_64_v4), "x86-64-v4");
  EXPECT_EQ(best_level(), best_level());
}

}  // namespace
}  // namespace kiln
