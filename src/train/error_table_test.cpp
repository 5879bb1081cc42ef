#include "train/error_table.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

Metrics metrics_with(double energy, const std::vector<double>& forces) {
  Metrics m;
  m.energy.add(std::vector<double>{energy}, std::vector<double>{0.0});
  m.forces.add(forces, std::vector<double>(forces.size(), 0.0));
  m.n_structures = 1;
  return m;
}

TEST(ErrorTable, HasARowForEachQuantityOfEachSet) {
  EXPECT_EQ(error_table({{"training", metrics_with(0.002, {0.003, -0.004, 0.0})},
                         {"validation", {}},
                         {"test", metrics_with(-0.5, {})}}),
            "error                    MAE         RMSE  unit         frames\n"
            "training energy       2.0000       2.0000  meV/atom          1\n"
            "training forces       2.3333       2.8868  meV/Å             1\n"
            "test energy         500.0000     500.0000  meV/atom          1");
}

TEST(ErrorTable, NeedsNoNameForTheOnlySet) {
  EXPECT_EQ(error_table({{"", metrics_with(0.25, {})}}),
            "error               MAE         RMSE  unit         frames\n"
            "energy         250.0000     250.0000  meV/atom          1");
  EXPECT_EQ(error_table({{"", {}}}), "");
}

}  // namespace
}  // namespace kiln
