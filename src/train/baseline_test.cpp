#include "train/baseline.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kiln {
namespace {

Sample sample(std::vector<int> atomic_numbers, double energy) {
  Sample s;
  s.structure.atomic_numbers = std::move(atomic_numbers);
  s.energy = energy;
  return s;
}

TEST(Baseline, ExactEnergiesOfAtomsAreFound) {
  const std::vector<Sample> samples = {sample({1, 1, 8}, 2 * -13.0 - 430.0), sample({1, 1}, -26.0),
                                       sample({8, 8}, -860.0)};
  const Baseline b = fit_baseline(samples, {8, 1});
  EXPECT_EQ(b.rank, 2);
  EXPECT_TRUE(std::abs(b.energies[0] + 430.0) <= 1e-11);
  EXPECT_TRUE(std::abs(b.energies[1] + 13.0) <= 1e-11);
  EXPECT_DOUBLE_EQ(b.scale, 1.0);  // nothing is left to scale
}

TEST(Baseline, ScaleIsTheRmsPerAtomOfTheRest) {
  // two H2 with energies 3 and 5: e(H) = 2, rests -1 and 1, per atom -1/2 and 1/2
  const Baseline b = fit_baseline({sample({1, 1}, 3.0), sample({1, 1}, 5.0)}, {1});
  EXPECT_TRUE(std::abs(b.energies[0] - 2.0) <= 1e-14);
  EXPECT_TRUE(std::abs(b.scale - 0.5) <= 1e-14);
}

TEST(Baseline, OneCompositionGivesTheSolutionOfSmallestNorm) {
  // C2 H6 O: e = (1, 2, 6) E / 41 in the order O, C, H
  const std::vector<int> ethanol = {6, 6, 8, 1, 1, 1, 1, 1, 1};
  const Baseline b = fit_baseline({sample(ethanol, -41.0), sample(ethanol, -41.0)}, {8, 6, 1});
  EXPECT_EQ(b.rank, 1);
  for (int s = 0; s < 3; ++s)
    EXPECT_TRUE(std::abs(b.energies[static_cast<std::size_t>(s)] + (s == 0 ? 1 : s == 1 ? 2 : 6)) <= 1e-12) << s;
}

TEST(Baseline, ElementsThatDoNotOccurGetNothing) {
  const Baseline b = fit_baseline({sample({1}, -13.0)}, {1, 92});
  EXPECT_TRUE(std::abs(b.energies[1]) <= 1e-14);
  EXPECT_EQ(b.rank, 1);
}

/// energy = sum over atoms of (table[species] + scale x + shift), or of scale (table[species] + x) + shift.
LoweredGraph graph_with(bool scale_covers_table, bool table, bool affine) {
  LoweredGraph g;
  const auto add = [&](Operator op, std::vector<int> inputs) {
    const int output = 10 + static_cast<int>(g.operations.size());
    g.operations.push_back({std::move(op), std::move(inputs), output, "layer", 0});
    return output;
  };
  int x = add(Linear{}, {0});
  if (affine && !scale_covers_table) x = add(Affine{"s.scale", "s.shift"}, {x});
  if (table) x = add(Add{}, {x, add(SpeciesTable{2, "e.energies"}, {1})});
  if (affine && scale_covers_table) x = add(Affine{"s.scale", "s.shift"}, {x});
  g.energy_field = add(SumAtoms{}, {x});
  return g;
}

Weights empty_weights() {
  return {{"e.energies", {{2}, {7.0, 7.0}}}, {"s.scale", {{1}, {1.0}}}, {"s.shift", {{1}, {3.0}}}};
}

struct Filled {
  Weights weights = empty_weights();
  std::vector<std::string> notes, warnings;

  explicit Filled(const LoweredGraph& g, const BaselineOptions& o = {}) {
    const std::vector<Sample> samples = {sample({1, 1}, 3.0), sample({1, 1}, 5.0), sample({8}, 9.0)};
    set_baseline(g, samples, {1, 8}, o, weights, notes, warnings);
  }
  double at(const char* name, std::size_t k = 0) const { return weights.at(name).data[k]; }
};

const double kScale = std::sqrt((0.25 + 0.25) / 3);  // rests per atom -1/2, 1/2, 0

TEST(BaselineSlots, TableBesideTheScale) {
  const Filled f(graph_with(false, true, true));
  EXPECT_TRUE(std::abs(f.at("e.energies", 0) - 2.0) <= 1e-13);
  EXPECT_TRUE(std::abs(f.at("e.energies", 1) - 9.0) <= 1e-13);
  EXPECT_TRUE(std::abs(f.at("s.scale") - kScale) <= 1e-13);
  EXPECT_DOUBLE_EQ(f.at("s.shift"), 0.0);
  EXPECT_TRUE(f.warnings.empty());
}

TEST(BaselineSlots, TableUnderTheScale) {
  const Filled f(graph_with(true, true, true));
  EXPECT_TRUE(std::abs(f.at("e.energies", 1) * f.at("s.scale") - 9.0) <= 1e-12);
}

TEST(BaselineSlots, WhereOneIsAbsentItIsNotFittedAndAWarningSaysSo) {
  const Filled no_table(graph_with(false, false, true));
  EXPECT_DOUBLE_EQ(no_table.at("e.energies"), 7.0);
  EXPECT_DOUBLE_EQ(no_table.at("s.shift"), 3.0);
  ASSERT_EQ(no_table.warnings.size(), 1u);
  EXPECT_NE(no_table.warnings[0].find("PerSpeciesEnergy"), std::string::npos);
  const Filled no_scale(graph_with(false, true, false));
  EXPECT_DOUBLE_EQ(no_scale.at("s.scale"), 1.0);
  ASSERT_EQ(no_scale.warnings.size(), 1u);
  EXPECT_NE(no_scale.warnings[0].find("ScaleShift"), std::string::npos);
  EXPECT_EQ(Filled(graph_with(false, false, false)).warnings.size(), 2u);
}

TEST(BaselineSlots, SeveralTablesAreNotTouched) {
  LoweredGraph g = graph_with(false, true, true);
  g.operations.push_back({SpeciesTable{2, "other.energies"}, {1}, 30, "other", 0});
  g.operations.push_back({Add{}, {g.operations[3].output, 30}, 31, "sum", 0});
  g.operations[4].inputs = {31};
  const Filled f(g);
  EXPECT_DOUBLE_EQ(f.at("e.energies"), 7.0);
  ASSERT_EQ(f.warnings.size(), 1u);
  EXPECT_NE(f.warnings[0].find("other.energies"), std::string::npos) << f.warnings[0];
}

TEST(BaselineOptions, GivenValuesAreTaken) {
  BaselineOptions o;
  o.energies = {{1, 1.5}, {8, 8.0}};
  o.scale = 4.0;
  const Filled f(graph_with(false, true, true), o);
  EXPECT_DOUBLE_EQ(f.at("e.energies", 0), 1.5);
  EXPECT_DOUBLE_EQ(f.at("e.energies", 1), 8.0);
  EXPECT_DOUBLE_EQ(f.at("s.scale"), 4.0);
  o.energies.erase(8);
  EXPECT_THROW(Filled(graph_with(false, true, true), o), Error);
  o.energies.clear();
  o.energy_of_all = -1.0;
  EXPECT_DOUBLE_EQ(Filled(graph_with(false, true, true), o).at("e.energies", 1), -1.0);
}

TEST(BaselineSlots, FrozenOnesAreLeftAndCountAsTheyAre) {
  const auto frozen = [](const char* name) {
    LoweredGraph g = graph_with(false, true, true);
    ParameterSpec parameter;
    parameter.name = name;
    parameter.frozen = true;
    g.parameters.push_back(parameter);
    return Filled(g);
  };
  const Filled energies = frozen("e.energies");
  EXPECT_EQ(energies.at("e.energies", 0), 7.0);
  EXPECT_EQ(energies.at("s.shift"), 3.0);
  const double rests[] = {3.0 - 14.0, 5.0 - 14.0, 9.0 - 7.0};  // two molecules of two atoms, one of one
  const double rms = std::sqrt((rests[0] * rests[0] / 4 + rests[1] * rests[1] / 4 + rests[2] * rests[2]) / 3);
  EXPECT_TRUE(std::abs(energies.at("s.scale") - rms) <= 1e-13);
  const Filled scale = frozen("s.scale");
  EXPECT_EQ(scale.at("s.scale"), 1.0);
  EXPECT_TRUE(std::abs(scale.at("e.energies", 1) - 9.0) <= 1e-13);
  EXPECT_EQ(frozen("s.shift").at("s.shift"), 3.0);
}

}  // namespace
}  // namespace kiln
