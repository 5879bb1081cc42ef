#include "kernels/wigner_3j.h"

#include <gtest/gtest.h>

#include <cmath>

#include "golden.h"
#include "kernels/harmonics.h"

namespace kiln {
namespace {

std::vector<double> dense(int l1, int l2, int l3) {
  const int n2 = 2 * l2 + 1, n3 = 2 * l3 + 1;
  std::vector<double> values(static_cast<std::size_t>(2 * l1 + 1) * n2 * n3, 0.0);
  for (const CouplingTerm& t : wigner_3j(l1, l2, l3)) values[(t.m1 * n2 + t.m2) * n3 + t.m3] = t.value;
  return values;
}

TEST(Wigner3j, EqualsE3nn) {
  for (const auto& c : golden::cases("wigner_3j")) {
    const auto l = c.at("config").at("l").get<std::vector<int>>();
    EXPECT_TRUE(golden::relative_difference(dense(l[0], l[1], l[2]), golden::numbers(c.at("outputs").at("C"))) <= 1e-13)
        << l[0] << l[1] << l[2];
  }
}

TEST(Wigner3j, KnownElements) {  // L2 of the golden numbers: exact values
  EXPECT_NEAR(dense(1, 1, 1)[(0 * 3 + 1) * 3 + 2], 1.0 / std::sqrt(6.0), 1e-15);
  EXPECT_NEAR(dense(1, 1, 2)[(1 * 3 + 1) * 5 + 2], 2.0 / std::sqrt(30.0), 1e-15);
  EXPECT_NEAR(dense(1, 1, 2)[(0 * 3 + 0) * 5 + 4], -1.0 / std::sqrt(10.0), 1e-15);
  for (int l = 0; l <= 6; ++l)
    for (const CouplingTerm& t : wigner_3j(0, l, l))
      EXPECT_NEAR(t.value, t.m2 == t.m3 ? 1.0 / std::sqrt(2.0 * l + 1) : 0.0, 1e-15);
  EXPECT_TRUE(wigner_3j(1, 1, 3).empty());
}

TEST(Wigner3j, RowsAreOrthonormal) {
  for (const auto& l : {std::array<int, 3>{6, 6, 6}, {11, 11, 11}, {11, 7, 5}, {3, 2, 4}}) {
    const int n3 = 2 * l[2] + 1;
    std::vector<double> gram(static_cast<std::size_t>(n3) * n3, 0.0);
    const std::vector<double> c = dense(l[0], l[1], l[2]);
    for (std::size_t row = 0; row < c.size() / n3; ++row)
      for (int a = 0; a < n3; ++a)
        for (int b = 0; b < n3; ++b) gram[a * n3 + b] += c[row * n3 + a] * c[row * n3 + b];
    for (int a = 0; a < n3; ++a)
      for (int b = 0; b < n3; ++b) EXPECT_TRUE(std::abs(gram[a * n3 + b] - (a == b ? 1.0 / n3 : 0.0)) <= 1e-14);
  }
}

/// The product of two harmonics of one direction is proportional to the third where l1 + l2 + l3 is even.
TEST(Wigner3j, CouplesHarmonicsToHarmonics) {
  const double v[3] = {0.3, -1.1, 0.7};
  const HarmonicsBasis basis = make_harmonics(std::vector<double>(12, 1.0));
  std::vector<double> y(144);
  harmonics_forward(basis, 1, v, y.data(), VectorLevel::x86_64);
  for (const auto& l : {std::array<int, 3>{1, 1, 2}, {2, 2, 2}, {3, 4, 5}, {6, 5, 11}, {9, 8, 7}}) {
    std::vector<double> product(2 * l[2] + 1, 0.0);
    for (const CouplingTerm& t : wigner_3j(l[0], l[1], l[2]))
      product[t.m3] += t.value * y[l[0] * l[0] + t.m1] * y[l[1] * l[1] + t.m2];
    const double ratio = product[0] / y[l[2] * l[2]];
    for (int m = 0; m <= 2 * l[2]; ++m)
      EXPECT_TRUE(std::abs(product[m] - ratio * y[l[2] * l[2] + m]) <= 1e-12) << l[0] << l[1] << l[2];
  }
}

}  // namespace
}  // namespace kiln
