#include "kiln/potential.h"

#include <gtest/gtest.h>

#include <thread>

#include "model/test_model.h"

namespace kiln {
namespace {

using test::error_of;
using test::ErrorOf;
using test::random_crystal;
using test::small_model;

Potential small_potential() { return Potential::from_bytes(write_model(small_model()), "small.kiln"); }

TEST(Potential, KnowsWhatItIs) {
  const Potential potential = small_potential();
  EXPECT_EQ(potential.cutoff(), 3.0);
  EXPECT_EQ(potential.n_hops(), 2);
  EXPECT_EQ(potential.influence_distance(), 6.0);
  EXPECT_EQ(potential.atomic_numbers(), (std::vector<int>{1, 2}));
  EXPECT_EQ(potential.name(), "small.kiln");
}

TEST(Potential, GivesWhatIsAskedFor) {
  const Potential potential = small_potential();
  const auto scratch = potential.make_scratch();
  const Structure crystal = random_crystal(2, 2);
  const Prediction energy = potential.evaluate(crystal, {false, false, false}, *scratch);
  const Prediction all = potential.evaluate(crystal, {true, true, true}, *scratch);
  EXPECT_TRUE(energy.forces.empty() && energy.virial.empty() && energy.atom_virials.empty());
  EXPECT_EQ(all.energy, energy.energy);
  EXPECT_EQ(all.forces.size(), 24u);
  EXPECT_EQ(all.virial.size(), 9u);
  EXPECT_EQ(all.atom_virials.size(), 72u);
  double sum = 0.0;
  for (const double e : all.atom_energies) sum += e;
  EXPECT_TRUE(std::abs(sum - all.energy) <= 1e-10);
}

TEST(Potential, ThreadsMayShareIt) {
  const Potential potential = small_potential();
  const Structure crystal = random_crystal(2, 2);
  const auto evaluate = [&](double& energy) {
    const auto scratch = potential.make_scratch();
    for (int i = 0; i < 20; ++i) energy = potential.evaluate(crystal, {}, *scratch).energy;
  };
  double a = 0.0, b = 1.0;
  std::thread first([&] { evaluate(a); }), second([&] { evaluate(b); });
  first.join();
  second.join();
  EXPECT_EQ(a, b);
}

TEST(Potential, NamesTheAtomThatIsWrong) {
  const Potential potential = small_potential();
  const auto scratch = potential.make_scratch();
  const auto message = [&](const Structure& structure) -> std::string {
    try {
      potential.evaluate(structure, {}, *scratch);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      return error.what();
    }
    return "no error";
  };
  Structure crystal = random_crystal(2, 2);
  crystal.positions[5][1] = NAN;
  EXPECT_NE(message(crystal).find("atom 5"), std::string::npos) << message(crystal);
  crystal.positions[5][1] = INFINITY;
  EXPECT_NE(message(crystal).find("atom 5"), std::string::npos) << message(crystal);
  crystal = random_crystal(2, 2);
  crystal.atomic_numbers[3] = 14;
  EXPECT_NE(message(crystal).find("atom 3"), std::string::npos) << message(crystal);
  EXPECT_NE(message(crystal).find("Si"), std::string::npos) << message(crystal);
}

TEST(Potential, EnergiesThatAreNotFiniteAreErrors) {
  Model model = small_model();
  for (double& w : model.weights.at("atoms.energies").data) w = 1e308;
  EXPECT_EQ(error_of([&] { write_model(model); }), ErrorOf(ErrorKind::numerical, "not-finite"));
}

TEST(Potential, GraphsWithoutAnEnergyAreNone) {
  Model model = small_model();
  const std::string output = R"("model_outputs":{"energy":)";
  model.graph_json.replace(model.graph_json.find(output), output.size(), R"("model_outputs":{"charge":)");
  EXPECT_EQ(error_of([&] { write_model(model); }), ErrorOf(ErrorKind::configuration, "not-a-potential"));
}

TEST(Potential, SpeciesMustFitTheGraph) {
  Model model = small_model();
  model.atomic_numbers = {1};
  EXPECT_EQ(error_of([&] { write_model(model); }), ErrorOf(ErrorKind::data, "species-mismatch"));
  model.atomic_numbers.clear();
  EXPECT_EQ(error_of([&] { write_model(model); }), ErrorOf(ErrorKind::configuration, "species-needed"));
  model.atomic_numbers = {2, 2};
  EXPECT_EQ(error_of([&] { write_model(model); }), ErrorOf(ErrorKind::data, "duplicate-species"));
}

}  // namespace
}  // namespace kiln
