#include "structure/stress.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

Structure with_cell(const std::array<double, 9>& cell, const std::array<bool, 3>& periodic = {true, true, true}) {
  Structure structure;
  structure.cell = cell;
  structure.periodic = periodic;
  return structure;
}

TEST(Stress, NeedsACellThatIsPeriodicAlongAllThree) {
  const std::array<double, 9> slanted = {2, 0, 0, 1, 3, 0, 0, 0, 4};
  EXPECT_DOUBLE_EQ(stress_volume(with_cell(slanted)), 24.0);
  for (const auto& periodic :
       {std::array<bool, 3>{false, true, true}, {true, false, true}, {true, true, false}, {false, false, false}})
    EXPECT_EQ(stress_volume(with_cell(slanted, periodic)), 0.0);
  EXPECT_EQ(stress_volume(with_cell({})), 0.0);
  EXPECT_EQ(stress_volume(with_cell({1, 0, 0, 0, 1, 0, 1, 1, 0})), 0.0);  // in one plane
}

TEST(Stress, IsMinusTheVirialByTheVolume) {
  const std::vector<double> virial = {1, 2, 3, 4, 5, 6, 7, 8, 12};
  const std::vector<double> stress = stress_of(with_cell({2, 0, 0, 0, 1, 0, 0, 0, 1}), virial);
  EXPECT_EQ(stress, (std::vector<double>{-0.5, -1, -1.5, -2, -2.5, -3, -3.5, -4, -6}));
  EXPECT_EQ(stress_of(with_cell({0, 1, 0, 2, 0, 0, 0, 0, 1}), virial), stress);  // left-handed
  EXPECT_TRUE(stress_of(with_cell({2, 0, 0, 0, 1, 0, 0, 0, 1}, {true, true, false}), virial).empty());
}

}  // namespace
}  // namespace kiln
