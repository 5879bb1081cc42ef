#include "kernels/coupling_pattern.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/wigner_3j.h"

namespace kiln::kernels {
namespace {

TEST(CouplingPattern, NoCouplingIsForbidden) {
  for (int l1 = 0; l1 <= 4; ++l1)
    for (int l2 = 0; l2 <= 5; ++l2)
      for (int l3 = 0; l3 <= 6; ++l3)
        for (const CouplingTerm& t : wigner_3j(l1, l2, l3))
          EXPECT_TRUE(coupling_allowed(l1, t.m1, l2, t.m2, l3, t.m3)) << l1 << l2 << l3;
}

TEST(CouplingPattern, IsSparse) {
  EXPECT_EQ((CouplingPattern<0, 3, 3>().n), 7);
  EXPECT_EQ((CouplingPattern<1, 1, 0>().n), 3);
  EXPECT_EQ((CouplingPattern<1, 1, 2>().n), static_cast<int>(wigner_3j(1, 1, 2).size()));
  EXPECT_EQ((PairPattern<1, 0, 1>().n), 3);
}

}  // namespace
}  // namespace kiln::kernels
