#include <gtest/gtest.h>

#include "kiln/physics_checks.h"
#include "model/test_model.h"

namespace kiln {
namespace {

using test::random_crystal;

// A model from its file: what holds for the engines inside must hold at the library's door.
class PotentialLaws : public testing::Test {
 protected:
  Potential potential = Potential::from_bytes(write_model(test::small_model()), "small.kiln");
  std::unique_ptr<Potential::Scratch> scratch = potential.make_scratch();
  Evaluate evaluate = [this](const Structure& structure, const Request& request) {
    return potential.evaluate(structure, request, *scratch);
  };
  Structure crystal = random_crystal(2, 2);

  static void expect(const LawReport& report) { EXPECT_TRUE(report.ok()) << to_string(report); }
};

TEST_F(PotentialLaws, Derivatives) {
  expect(check_forces(evaluate, crystal));
  expect(check_virial(evaluate, crystal));
  expect(check_atom_energies(evaluate, crystal));
  expect(check_atom_virials(evaluate, crystal));
}

TEST_F(PotentialLaws, Symmetries) {
  expect(check_translation(evaluate, crystal));
  expect(check_rotation(evaluate, crystal));
  expect(check_permutation(evaluate, crystal));
  expect(check_periodic_images(evaluate, crystal));
}

TEST_F(PotentialLaws, Locality) {
  const double reach = potential.influence_distance();
  expect(check_additivity(evaluate, random_crystal(2, 2, 1, false), random_crystal(1, 1, 2, false), reach));
  for (const int z : potential.atomic_numbers()) expect(check_isolated_atoms(evaluate, z, 2 * reach));
  for (const int z : potential.atomic_numbers()) {
    DimerScan scan;
    scan.atomic_numbers[1] = z;
    scan.cutoff = potential.cutoff();
    expect(check_continuous_at_cutoff(evaluate, scan));
    expect(check_smooth_at_cutoff(evaluate, scan));
  }
}

/// The checks can fail: the file's forces off by a thousandth.
TEST_F(PotentialLaws, SeeForcesOffByAThousandth) {
  const Evaluate wrong = [this](const Structure& structure, const Request& request) {
    Prediction prediction = evaluate(structure, request);
    for (double& f : prediction.forces) f *= 1.001;
    return prediction;
  };
  EXPECT_FALSE(check_forces(wrong, crystal).ok());
}

}  // namespace
}  // namespace kiln
