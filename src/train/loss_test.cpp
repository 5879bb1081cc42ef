#include "train/loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "base/rng.h"

namespace kiln {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<double> random_values(Rng& rng, std::size_t n) {
  std::vector<double> values(n);
  for (double& x : values) x = rng.normal();
  return values;
}

Sample random_sample(Rng& rng, int n_atoms, bool forces, bool virial) {
  Sample s;
  s.structure.atomic_numbers.assign(static_cast<std::size_t>(n_atoms), 1);
  s.energy = rng.normal();
  if (forces) s.forces = random_values(rng, 3 * static_cast<std::size_t>(n_atoms));
  if (virial) s.virial = random_values(rng, 9);
  return s;
}

/// Three structures: with everything, without forces, without virial.
struct Fixture {
  Rng rng{1, "loss"};
  std::vector<Sample> samples = {random_sample(rng, 3, true, true), random_sample(rng, 2, false, true),
                                 random_sample(rng, 1, true, false)};
  BatchPrediction prediction{random_values(rng, 3), random_values(rng, 18), random_values(rng, 27)};

  std::vector<const Sample*> batch() const { return {&samples[0], &samples[1], &samples[2]}; }
};

LossOptions options_of(LossType type) {
  LossOptions o;
  o.energy = {type, 3.0, 0.7};
  o.forces = {type, 0.5, 0.4};
  o.virial = {type, 2.0, 0.3};
  return o;
}

void expect_derivative(const Fixture& f, const LossOptions& o, std::vector<double> BatchPrediction::*input,
                       std::vector<double> BatchLoss::*adjoint) {
  const double h = 1e-6;
  const BatchLoss loss = batch_loss(o, 1.7, f.batch(), f.prediction);
  for (std::size_t k = 0; k < (f.prediction.*input).size(); ++k) {
    BatchPrediction plus = f.prediction, minus = f.prediction;
    (plus.*input)[k] += h;
    (minus.*input)[k] -= h;
    const double slope =
        (batch_loss(o, 1.7, f.batch(), plus).value - batch_loss(o, 1.7, f.batch(), minus).value) / (2 * h);
    EXPECT_TRUE(std::abs(slope - (loss.*adjoint)[k]) <= 1e-8) << k;
  }
}

TEST(Loss, AdjointsAreTheDerivatives) {
  const Fixture f;
  for (const LossType type : {LossType::mse, LossType::mae, LossType::huber}) {
    expect_derivative(f, options_of(type), &BatchPrediction::energies, &BatchLoss::energies_bar);
    expect_derivative(f, options_of(type), &BatchPrediction::forces, &BatchLoss::forces_bar);
    expect_derivative(f, options_of(type), &BatchPrediction::virials, &BatchLoss::virials_bar);
  }
}

TEST(Loss, IsTheWeightedMeanOfSquares) {
  Fixture f;
  f.samples.resize(1);
  f.prediction = {{f.samples[0].energy + 6.0}, f.samples[0].forces, f.samples[0].virial};
  f.prediction.forces[4] += 2.0;
  f.prediction.virials[8] -= 3.0;
  const double loss = batch_loss(options_of(LossType::mse), 2.0, {&f.samples[0]}, f.prediction).value;
  // 3 (6/3/2)^2 + 0.5 (2/2)^2/9 + 2 (3/3/2)^2/9
  EXPECT_TRUE(std::abs(loss - (3.0 * 1.0 + 0.5 / 9 + 2.0 * 0.25 / 9)) <= 1e-14) << loss;
}

TEST(Loss, NamesTheStructuresThatAreNotFinite) {
  Fixture f;
  EXPECT_TRUE(not_finite(f.batch(), f.prediction).empty());
  f.prediction.forces[3 * 3 + 1] = kNaN;  // second structure
  f.prediction.energies[2] = std::numeric_limits<double>::infinity();
  const auto bad = not_finite(f.batch(), f.prediction);
  ASSERT_EQ(bad.size(), 2u);
  EXPECT_EQ(bad[0], &f.samples[1]);
  EXPECT_EQ(bad[1], &f.samples[2]);
}

TEST(Loss, GradientsAreNeededWhereTheyWeigh) {
  const Fixture f;
  LossOptions o;
  EXPECT_TRUE(needs_gradients(o, f.samples));
  o.forces.weight = o.virial.weight = 0.0;
  EXPECT_FALSE(needs_gradients(o, f.samples));
}

TEST(Metrics, AreRootMeanSquaresAndMeansOfTheErrors) {
  Fixture f;
  f.samples[0].stress_volume = 5.0;
  Metrics m;
  add_errors(f.batch(), f.prediction, m);
  double squares = 0, absolutes = 0;
  for (std::size_t s = 0; s < 3; ++s) {
    const double e = (f.prediction.energies[s] - f.samples[s].energy) / f.samples[s].n_atoms();
    squares += e * e / 3;
    absolutes += std::abs(e) / 3;
  }
  EXPECT_TRUE(std::abs(m.energy.rmse() - std::sqrt(squares)) <= 1e-14);
  EXPECT_TRUE(std::abs(m.energy.mae() - absolutes) <= 1e-14);
  EXPECT_DOUBLE_EQ(m.forces.count, 12.0);  // of the two structures that have them
  EXPECT_DOUBLE_EQ(m.stress.count, 9.0);   // the first gives a stress, the second a virial
  EXPECT_DOUBLE_EQ(m.virial.count, 9.0);
  EXPECT_EQ(m.energy.n_structures, 3);
  EXPECT_EQ(m.forces.n_structures, 2);
  const auto columns = metric_columns(m, true);
  ASSERT_EQ(columns.size(), 8u);
  EXPECT_EQ(columns[0].name, "energy RMSE");
  EXPECT_EQ(columns[0].unit, "meV/atom");
  EXPECT_TRUE(std::abs(columns[1].value - 1e3 * absolutes) <= 1e-10);
  EXPECT_TRUE(std::abs(metric_product(m, false) -
                       m.energy.rmse() * m.forces.rmse() * m.stress.rmse() * m.virial.rmse()) <= 1e-14);
}

TEST(Metrics, DoNotDependOnTheBatches) {
  const Fixture f;
  Metrics whole, parts;
  add_errors(f.batch(), f.prediction, whole);
  const auto& p = f.prediction;
  add_errors({&f.samples[0]},
             {{p.energies[0]}, {p.forces.begin(), p.forces.begin() + 9}, {p.virials.begin(), p.virials.begin() + 9}},
             parts);
  add_errors({&f.samples[1], &f.samples[2]},
             {{p.energies[1], p.energies[2]},
              {p.forces.begin() + 9, p.forces.end()},
              {p.virials.begin() + 9, p.virials.end()}},
             parts);
  EXPECT_DOUBLE_EQ(whole.energy.squares, parts.energy.squares);
  EXPECT_DOUBLE_EQ(whole.forces.squares, parts.forces.squares);
}

/// Two atoms in a cell of 20 Å^3, with everything off by known amounts.
struct LabeledPair {
  Structure structure;
  Labels labels{-3.0, std::vector<double>(6, 0.5), std::vector<double>(9, 0.25), std::vector<double>(9, -5.0)};
  Prediction prediction;

  LabeledPair() {
    structure.atomic_numbers = {1, 1};
    structure.positions.resize(2);
    structure.cell = {2, 0, 0, 0, 2, 0, 0, 0, 5};
    structure.periodic = {true, true, true};
    prediction.energy = -2.0;
    prediction.forces.assign(6, 0.5);
    prediction.forces[3] = -2.5;
    prediction.virial.assign(9, -3.0);  // stress 0.15
  }
};

TEST(Metrics, ComparePredictionsWithLabels) {
  const LabeledPair pair;
  Metrics m;
  add_errors(pair.labels, pair.structure, pair.prediction, m);
  const auto errors = quantity_errors(m);
  ASSERT_EQ(errors.size(), 4u);
  const double mae[] = {500.0, 500.0, 100.0, 1000.0}, rmse[] = {500.0, 3000.0 / std::sqrt(6.0), 100.0, 1000.0};
  const char *names[] = {"energy", "forces", "stress", "virial"},
             *units[] = {"meV/atom", "meV/Å", "meV/Å^3", "meV/atom"};
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_STREQ(errors[k].name, names[k]);
    EXPECT_STREQ(errors[k].unit, units[k]);
    EXPECT_TRUE(std::abs(errors[k].mae - mae[k]) <= 1e-10) << names[k] << errors[k].mae;
    EXPECT_TRUE(std::abs(errors[k].rmse - rmse[k]) <= 1e-10) << names[k] << errors[k].rmse;
    EXPECT_EQ(errors[k].n_structures, 1);
  }
}

TEST(Metrics, LeaveOutWhatCannotBeCompared) {
  LabeledPair slab;
  slab.structure.periodic[2] = false;
  slab.labels.energy.reset();
  slab.labels.forces.clear();
  slab.labels.virial.clear();
  Metrics m;
  add_errors(slab.labels, slab.structure, slab.prediction, m);
  add_errors({1.0, {}, {}, {}}, Structure{}, Prediction{}, m);  // no atoms
  EXPECT_TRUE(quantity_errors(m).empty());
  EXPECT_EQ(m.n_structures, 1);
}

// What training and evaluation say about the same structure is the same.
TEST(Metrics, DoNotDependOnTheDoor) {
  const LabeledPair pair;
  Sample sample;
  sample.structure = pair.structure;
  sample.energy = *pair.labels.energy;
  sample.forces = pair.labels.forces;
  sample.stress_volume = 20.0;
  sample.virial.assign(9, -20.0 * 0.25);
  Metrics trained, evaluated;
  add_errors({&sample}, {{pair.prediction.energy}, pair.prediction.forces, pair.prediction.virial}, trained);
  add_errors({pair.labels.energy, pair.labels.forces, pair.labels.stress, {}}, pair.structure, pair.prediction,
             evaluated);
  for (const auto sums : {&Metrics::energy, &Metrics::forces, &Metrics::stress, &Metrics::virial}) {
    EXPECT_DOUBLE_EQ((trained.*sums).absolutes, (evaluated.*sums).absolutes);
    EXPECT_DOUBLE_EQ((trained.*sums).squares, (evaluated.*sums).squares);
    EXPECT_EQ((trained.*sums).n_structures, (evaluated.*sums).n_structures);
  }
}

}  // namespace
}  // namespace kiln
