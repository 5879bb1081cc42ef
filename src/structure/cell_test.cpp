#include "structure/cell.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(Cell, ReciprocalGivesFractionalCoordinates) {
  const Cell cell{2, 0.1, 0, -1, 3, 0.5, 0.3, 0.2, -4};  // left-handed
  EXPECT_LT(signed_volume(cell), 0.0);
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      const double overlap = dot(reciprocal(cell)[static_cast<std::size_t>(a)], row(cell, b));
      EXPECT_TRUE(std::abs(overlap - (a == b ? 1.0 : 0.0)) <= 1e-14);
    }
  }
}

TEST(Cell, FlatOnesHaveNoVolume) {
  EXPECT_TRUE(has_volume({1e-3, 0, 0, 0, 1e3, 0, 0, 0, -1}));
  EXPECT_FALSE(has_volume({}));
  EXPECT_FALSE(has_volume({1, 0, 0, 0, 1, 0, 1, 1, 0}));
  EXPECT_FALSE(has_volume({1, 0, 0, 0, 1, 0, 0, 0, NAN}));
  EXPECT_FALSE(has_volume({1e200, 0, 0, 0, 1e200, 0, 0, 0, 1e200}));
}

}  // namespace
}  // namespace kiln
