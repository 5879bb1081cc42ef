#include "kiln/physics_checks.h"

#include <gtest/gtest.h>

#include "engines/native/test_models.h"
#include "engines/physics/glue_model.h"

namespace kiln {
namespace {

using test::GlueModel;
using test::random_crystal;

const Structure kCrystal = random_crystal(2, 2);
const Structure kCluster = random_crystal(2, 2, 3, false);

struct Law {
  const char* name;
  LawReport (*check)(const Evaluate&);
};

const Law kLaws[] = {
    {"forces", [](const Evaluate& e) { return check_forces(e, kCrystal); }},
    {"virial", [](const Evaluate& e) { return check_virial(e, kCrystal); }},
    {"atom_energies", [](const Evaluate& e) { return check_atom_energies(e, kCrystal); }},
    {"atom_virials", [](const Evaluate& e) { return check_atom_virials(e, kCrystal); }},
    {"atom_virials_of_pairs", [](const Evaluate& e) { return check_atom_virials_of_pairs(e, kCluster); }},
    {"translation", [](const Evaluate& e) { return check_translation(e, kCrystal); }},
    {"rotation", [](const Evaluate& e) { return check_rotation(e, kCrystal); }},
    {"permutation", [](const Evaluate& e) { return check_permutation(e, kCrystal); }},
    {"periodic_images", [](const Evaluate& e) { return check_periodic_images(e, kCrystal); }},
    {"additivity",
     [](const Evaluate& e) { return check_additivity(e, kCluster, random_crystal(1, 1, 5, false), 3.0); }},
    {"isolated_atoms", [](const Evaluate& e) { return check_isolated_atoms(e, 2, 6.0); }},
    {"continuous",
     [](const Evaluate& e) {
       return check_continuous_at_cutoff(e, {{1, 2}, 3.0});
     }},
    {"smooth",
     [](const Evaluate& e) {
       return check_smooth_at_cutoff(e, {{1, 2}, 3.0});
     }},
};

LawReport measure(const std::string& law, const Evaluate& evaluate) {
  for (const Law& candidate : kLaws)
    if (candidate.name == law) return candidate.check(evaluate);
  throw std::out_of_range(law);
}

/// The model with its answer spoiled.
template <class Spoil>
Evaluate spoiled(Spoil spoil) {
  return [spoil](const Structure& structure, const Request& request) {
    Prediction prediction = GlueModel()(structure, request);
    spoil(prediction, structure);
    return prediction;
  };
}

/// Adds an energy that depends on the positions in a wrong way.
template <class Energy>
Evaluate with_energy(Energy energy) {
  return spoiled([energy](Prediction& p, const Structure& s) { p.energy += energy(s); });
}

TEST(PhysicsChecks, HoldForAModelThatObeysThem) {
  for (const Law& law : kLaws) {
    const LawReport report = law.check(GlueModel());
    EXPECT_TRUE(report.ok()) << to_string(report);
  }
}

TEST(PhysicsChecks, ForcesOffByAThousandth) {
  const LawReport report = measure("forces", spoiled([](Prediction& p, const Structure&) {
                                     for (double& f : p.forces) f *= 1.001;
                                   }));
  EXPECT_FALSE(report.ok());
  EXPECT_NE(to_string(report).find("force of atom "), std::string::npos) << to_string(report);
}

TEST(PhysicsChecks, OneForceOfOneAtom) {
  const LawReport report = measure("forces", spoiled([](Prediction& p, const Structure&) {
                                     if (!p.forces.empty()) p.forces[3 * 5 + 1] += 2e-7;
                                   }));
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.where, "force of atom 5, y");
}

TEST(PhysicsChecks, VirialOfTheOtherSignOrWithWrongShear) {
  EXPECT_FALSE(measure("virial", spoiled([](Prediction& p, const Structure&) {
                         for (double& w : p.virial) w = -w;
                       }))
                   .ok());
  const LawReport shear = measure("virial", spoiled([](Prediction& p, const Structure&) {
                                    if (!p.virial.empty()) p.virial[5] += 2e-7;
                                  }));
  EXPECT_FALSE(shear.ok());
  EXPECT_EQ(shear.where, "virial, yz");
}

TEST(PhysicsChecks, SumsOverAtoms) {
  EXPECT_FALSE(
      measure("atom_energies", spoiled([](Prediction& p, const Structure&) { p.atom_energies[3] += 1e-7; })).ok());
  EXPECT_FALSE(measure("atom_virials", spoiled([](Prediction& p, const Structure&) {
                         if (!p.atom_virials.empty()) p.atom_virials[20] += 1e-7;
                       }))
                   .ok());
}

TEST(PhysicsChecks, PairsVirialsOnOneAtomAlone) {
  GlueModel model;
  model.whole_edges = true;
  EXPECT_TRUE(measure("atom_virials", model).ok());  // the sum is right
  EXPECT_FALSE(measure("atom_virials_of_pairs", model).ok());
}

TEST(PhysicsChecks, ASpotInSpaceBreaksTranslation) {
  EXPECT_FALSE(
      measure("translation", with_energy([](const Structure& s) { return 1e-6 * std::sin(s.positions[0][0]); })).ok());
}

TEST(PhysicsChecks, PositionsInSinglePrecisionBreakTranslation) {
  const Evaluate narrow = [](Structure structure, const Request& request) {
    for (auto& position : structure.positions)
      for (double& x : position) x = static_cast<float>(x);
    return GlueModel()(structure, request);
  };
  EXPECT_FALSE(measure("translation", narrow).ok());
}

TEST(PhysicsChecks, APreferredAxisBreaksRotation) {
  GlueModel model;
  model.anisotropy = 1e-6;
  EXPECT_TRUE(measure("forces", model).ok());
  EXPECT_FALSE(measure("rotation", model).ok());
}

/// A triple product is a scalar of rotations that changes its sign under inversion.
TEST(PhysicsChecks, HandednessBreaksInversionOnly) {
  const auto triple = [](const Structure& s) {
    double d[3][3];
    for (int i = 0; i < 3; ++i)
      for (int x = 0; x < 3; ++x) d[i][x] = s.positions[i + 1][x] - s.positions[0][x];
    return 1e-3 *
           (d[0][0] * (d[1][1] * d[2][2] - d[1][2] * d[2][1]) - d[0][1] * (d[1][0] * d[2][2] - d[1][2] * d[2][0]) +
            d[0][2] * (d[1][0] * d[2][1] - d[1][1] * d[2][0]));
  };
  const LawReport report = measure("rotation", with_energy(triple));
  EXPECT_FALSE(report.ok());
  EXPECT_NE(report.where.find("inverted"), std::string::npos) << report.where;
}

TEST(PhysicsChecks, ForcesThatDoNotTurn) {
  EXPECT_FALSE(measure("rotation", spoiled([](Prediction& p, const Structure&) {
                         if (!p.forces.empty()) p.forces[0] += 1e-6;
                       }))
                   .ok());
}

TEST(PhysicsChecks, AFavoredAtomBreaksPermutation) {
  EXPECT_FALSE(
      measure("permutation", spoiled([](Prediction& p, const Structure&) { p.energy += 1e-6 * p.atom_energies[0]; }))
          .ok());
}

TEST(PhysicsChecks, AtomsOutsideTheCellBreakPeriodicity) {
  EXPECT_FALSE(measure("periodic_images", with_energy([](const Structure& s) {
                         return 1e-6 * std::sin(s.positions[1][0] - s.positions[0][0]);
                       }))
                   .ok());
  EXPECT_FALSE(check_periodic_images(GlueModel(), kCluster).ok());  // says nothing there
}

TEST(PhysicsChecks, ALongTailBreaksAdditivity) {
  const auto tail = with_energy([](const Structure& s) {
    double sum = 0.0;
    for (int i = 0; i < s.n_atoms(); ++i)
      for (int j = 0; j < i; ++j) sum += 1e-6 / std::abs(1.0 + s.positions[i][0] - s.positions[j][0]);
    return sum;
  });
  EXPECT_FALSE(measure("additivity", tail).ok());
  EXPECT_FALSE(measure("isolated_atoms", tail).ok());
}

TEST(PhysicsChecks, AnEnergyOfNothingBreaksAdditivity) {
  const auto offset = with_energy([](const Structure&) { return 0.1; });
  EXPECT_FALSE(measure("additivity", offset).ok());
  EXPECT_FALSE(measure("isolated_atoms", offset).ok());
}

TEST(PhysicsChecks, AForceOnAnAtomAlone) {
  EXPECT_FALSE(measure("isolated_atoms", spoiled([](Prediction& p, const Structure&) { p.forces[2] = 1e-14; })).ok());
}

/// E = max(0, r_c - r), or a smooth function with a small kink of the same shape.
TEST(PhysicsChecks, AKinkAtTheCutoff) {
  const Evaluate bare = [](const Structure& s, const Request&) {
    const double r = s.positions[1][0] - s.positions[0][0];
    Prediction p;
    p.energy = std::max(0.0, 3.0 - r);
    p.forces = {r < 3.0 ? -1.0 : 0.0, 0, 0, r < 3.0 ? 1.0 : 0.0, 0, 0};
    return p;
  };
  const LawReport report = measure("smooth", bare);
  EXPECT_FALSE(report.ok());
  EXPECT_NEAR(std::stod(report.where.substr(4)), 3.0, 1.1e-3) << report.where;
  Structure dimer;
  dimer.atomic_numbers = {1, 2};
  dimer.positions = {{0, 0, 0}, {2.9, 0, 0}};
  GlueModel model;
  model.kink = 0.02 * 5.0 / 3.0 * std::pow(0.5, 4);  // 2 % of the largest slope in the window
  EXPECT_TRUE(check_forces(model, dimer).ok());
  EXPECT_FALSE(measure("smooth", model).ok());
}

TEST(PhysicsChecks, AStepAtTheCutoff) {
  GlueModel model;
  model.jump = 1e-12;
  EXPECT_TRUE(measure("smooth", model).ok());
  EXPECT_FALSE(measure("continuous", model).ok());
}

TEST(PhysicsChecks, NoInteractionIsNotSmooth) {
  EXPECT_FALSE(check_smooth_at_cutoff(GlueModel(), {{1, 1}, 5.0}).ok());  // the model ends at 3 Å
}

TEST(PhysicsChecks, NaNFailsEveryLaw) {
  const auto all_nan = spoiled([](Prediction& p, const Structure&) {
    p.energy = NAN;
    for (auto* values : {&p.atom_energies, &p.forces, &p.virial, &p.atom_virials})
      for (double& value : *values) value = NAN;
  });
  for (const Law& law : kLaws) EXPECT_FALSE(law.check(all_nan).ok()) << law.name;
}

TEST(PhysicsChecks, OneNaNAmongManyFails) {
  const auto last_force = spoiled([](Prediction& p, const Structure&) {
    if (!p.forces.empty()) p.forces.back() = NAN;
  });
  for (const char* law : {"forces", "translation", "rotation", "permutation", "periodic_images", "additivity"})
    EXPECT_FALSE(measure(law, last_force).ok()) << law;
  const auto first_force = spoiled([](Prediction& p, const Structure&) {
    if (!p.forces.empty()) p.forces.front() = NAN;
  });
  EXPECT_FALSE(measure("forces", first_force).ok());  // later differences do not hide it
}

TEST(PhysicsChecks, WhatIsMissingFails) {
  const auto bare = spoiled([](Prediction& p, const Structure&) { p = {p.energy, {}, {}, {}, {}}; });
  for (const char* law : {"forces", "virial", "atom_energies", "atom_virials", "atom_virials_of_pairs", "smooth"})
    EXPECT_FALSE(measure(law, bare).ok()) << law;
  EXPECT_FALSE(check_forces(GlueModel(), Structure{}).ok());
}

TEST(PhysicsChecks, ReportsReadAsSentences) {
  EXPECT_EQ(to_string({"forces are right", 2e-7, 1e-7, "force of atom 5, y"}),
            "forces are right: 2.0e-07 at force of atom 5, y; allowed are 1.0e-07");
  EXPECT_EQ(to_string({"NaN is refused", 0.0, 0.0, ""}), "NaN is refused: holds");
  EXPECT_EQ(to_string({"NaN is refused", INFINITY, 0.0, ""}), "NaN is refused: does not hold");
}

}  // namespace
}  // namespace kiln
