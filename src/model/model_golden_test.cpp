#include <gtest/gtest.h>

#include "kiln/potential.h"

namespace kiln {
namespace {

bool close(double got, double want) { return std::abs(got - want) <= 1e-10 * (1.0 + std::abs(want)); }

// tests/golden/model_v1.kiln: format version 1, written with
//   kiln export tests/cli/si_h.yaml --to kiln --species Si,H --seed 3
// Energy and force of H and Si 1.6 Å apart from the torch engine of the same Kiln (0.1.0), another implementation.
TEST(ModelGolden, Version1LoadsToItsRecordedEnergy) {
  const Potential potential = Potential::load(KILN_SOURCE_DIR "/tests/golden/model_v1.kiln");
  const auto scratch = potential.make_scratch();
  const Structure dimer{{1, 14}, {{0.0, 0.0, 0.0}, {0.0, 0.0, 1.6}}, {}, {}};
  const Prediction prediction = potential.evaluate(dimer, {}, *scratch);
  EXPECT_TRUE(close(prediction.energy, -0.6567551470313568)) << prediction.energy;
  EXPECT_TRUE(close(prediction.forces[2], 0.18127039062457867)) << prediction.forces[2];
  EXPECT_TRUE(close(prediction.forces[5], -0.18127039062457867)) << prediction.forces[5];
}

}  // namespace
}  // namespace kiln
