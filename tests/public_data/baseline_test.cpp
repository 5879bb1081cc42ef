#include "train/baseline.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kiln {
namespace {

// Least squares of published files; the expected numbers come from exact rational arithmetic.
struct PublicData : testing::Test {
  std::vector<std::string> notes;

  std::vector<Sample> read(const std::string& name, const std::string& key) {
    DatasetOptions o;
    o.name = "training_set";
    o.file = std::string(KILN_PUBLIC_DATA) + "/" + name;
    o.energy_key = key;
    o.forces.use = o.stress.use = o.virial.use = DerivativeOptions::Use::off;
    return read_dataset(o, notes).samples;
  }
};

#define KILN_CLOSE(got, want) EXPECT_TRUE(std::abs((got) - (want)) <= 1e-9) << (got) - (want)

TEST_F(PublicData, Qm9) {  // T1, TR2
  const Baseline b = fit_baseline(read("small/qm9_reduced_100.xyz", "U0"), {1, 6, 7, 8});
  EXPECT_EQ(b.rank, 4);
  KILN_CLOSE(b.energies[0], -0.6032588054427303);
  KILN_CLOSE(b.energies[1], -38.07328601700097);
  KILN_CLOSE(b.energies[2], -54.75260223035561);
  KILN_CLOSE(b.energies[3], -75.22216878241704);
  KILN_CLOSE(b.scale, 0.0028345017033739824);
}

TEST_F(PublicData, Carbon) {  // T2
  const Baseline b = fit_baseline(read("small/carbon_reduced_100.xyz", "energy"), {6});
  KILN_CLOSE(b.energies[0], -158.08071144);
  KILN_CLOSE(b.scale, 0.1731917858987982);
}

TEST_F(PublicData, Ethanol) {  // T3, TR3
  const Baseline b = fit_baseline(read("small/ethanol_reduced_100.xyz", "energy"), {1, 6, 8});
  EXPECT_EQ(b.rank, 1);
  KILN_CLOSE(6 * b.energies[0] + 2 * b.energies[1] + b.energies[2], -97076.14929243119);
  KILN_CLOSE(b.scale, 0.4351017002108733);
  KILN_CLOSE(b.energies[0], -14206.265750111881);
}

}  // namespace
}  // namespace kiln
