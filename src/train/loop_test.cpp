#include "train/loop.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"
#include "engines/derivatives.h"
#include "train/loss.h"
#include "train/testing/pair_engine.h"

namespace kiln {
namespace {

constexpr double kA = 2.0, kB = 0.8;  // what the data were made with

/// A few carbon atoms in a periodic box with energies, forces and virial of the pair potential.
Sample make_sample(Rng& rng, std::int64_t frame) {
  Sample s;
  s.frame = frame;
  s.structure.cell = {6, 0, 0, 0, 6, 0, 0, 0, 6};
  s.structure.periodic = {true, true, true};
  const int n_atoms = 2 + static_cast<int>(rng.below(3));
  for (int i = 0; i < n_atoms; ++i) {
    s.structure.atomic_numbers.push_back(6);
    s.structure.positions.push_back({1.7 * i + 0.3 * rng.uniform(), 0.3 * rng.uniform(), 2.0 * rng.uniform()});
  }
  std::vector<Sample> one = {s};
  std::vector<int> species_of(119, 0);
  build_graphs(one, {3.5}, 1, species_of);
  PairEngine truth;
  truth.set_weights(PairEngine::weights(kA, kB));
  EngineOutput out;
  truth.forward(one[0].graph, true, out);
  one[0].energy = out.energies[0];
  one[0].forces = forces_from_edges(one[0].graph, out);
  one[0].virial = virials_from_edges(one[0].graph, out);
  return one[0];
}

struct LoopTest : testing::Test {
  PairEngine engine;
  LoopOptions options;
  Weights weights = PairEngine::weights(1.0, 1.5);
  WeightLayout layout = make_layout(PairEngine::graph(), weights);
  RunSet training{"train.xyz", {}}, validation{"valid.xyz", {}};
  std::vector<EpochReport> reports;

  LoopTest() {
    Rng rng(1, "samples");
    for (int k = 0; k < 10; ++k) training.samples.push_back(make_sample(rng, k));
    for (int k = 0; k < 5; ++k) validation.samples.push_back(make_sample(rng, k));
    options.batch_size = 4;
    options.num_epochs = 60;
    options.learning_rate = 0.1;
  }
  LoopContext context() {
    LoopContext c(engine, options, layout, weights, training, validation);
    c.seed = 11;
    c.on_epoch = [this](const EpochReport& r) { reports.push_back(r); };
    return c;
  }
  LoopState fresh() const {
    LoopState state;
    state.weights = gather(layout, PairEngine::weights(1.0, 1.5));
    return state;
  }
};

TEST_F(LoopTest, FindsThePotentialThatMadeTheData) {
  LoopState state = fresh();
  LoopContext c = context();
  EXPECT_TRUE(run_loop(c, state));
  EXPECT_TRUE(std::abs(state.best_weights[0] - kA) <= 1e-2) << state.best_weights[0];
  EXPECT_TRUE(std::abs(state.best_weights[1] - kB) <= 1e-2) << state.best_weights[1];
  ASSERT_EQ(reports.size(), 60u);
  EXPECT_LT(reports.back().validation.metrics.forces.rmse(), 1e-2 * reports.front().validation.metrics.forces.rmse());
  EXPECT_DOUBLE_EQ(reports.front().training.metrics.energy.count, 10.0);
  EXPECT_EQ(reports.front().validation.metrics.n_structures, 5);
}

TEST_F(LoopTest, TheBestWeightsAreThoseOfTheBestEpoch) {
  LoopState state = fresh();
  LoopContext c = context();
  run_loop(c, state);
  double best = std::numeric_limits<double>::infinity();
  std::int64_t epoch = 0;
  for (const EpochReport& r : reports) {
    const double metric = metric_product(r.validation.metrics, false);
    EXPECT_EQ(r.best, metric < best);
    if (metric < best) epoch = r.epoch;
    best = std::min(best, metric);
  }
  EXPECT_EQ(state.best_epoch, epoch);
  EXPECT_DOUBLE_EQ(state.best_metric, best);
}

TEST_F(LoopTest, StoppedAnywhereItGoesOnToTheSameBits) {
  LoopState whole = fresh();
  LoopContext c = context();
  run_loop(c, whole);
  const std::vector<EpochReport> expected = reports;
  for (const int stop_after : {0, 1, 2, 3, 4, 5, 50, 200}) {
    reports.clear();
    LoopState state = fresh();
    int calls = 0, checkpoints = 0;
    LoopContext stopping = context();
    stopping.stop = [&] { return calls++ == stop_after; };
    stopping.checkpoint = [&] { ++checkpoints; };
    EXPECT_FALSE(run_loop(stopping, state));
    EXPECT_GE(checkpoints, 1);
    LoopState copy = state;  // what a checkpoint holds
    weights = PairEngine::weights(0.0, 0.0);
    LoopContext going_on = context();
    EXPECT_TRUE(run_loop(going_on, copy));
    EXPECT_EQ(copy.weights, whole.weights);
    EXPECT_EQ(copy.best_weights, whole.best_weights);
    ASSERT_EQ(reports.size(), expected.size());
    EXPECT_EQ(reports.back().training.loss, expected.back().training.loss);
    EXPECT_EQ(reports.front().training.metrics.forces.squares, expected.front().training.metrics.forces.squares);
  }
}

TEST_F(LoopTest, CheckpointsComeEveryIntervalAndAtTheEnd) {
  options.num_epochs = 7;
  options.checkpoint_interval = 3;
  std::vector<std::int64_t> epochs;
  LoopState state = fresh();
  LoopContext c = context();
  c.checkpoint = [&] { epochs.push_back(state.epoch); };
  run_loop(c, state);
  EXPECT_EQ(epochs, (std::vector<std::int64_t>{3, 6, 7}));
}

TEST_F(LoopTest, GradientOfTheWholeLossIsItsDerivative) {
  engine.set_weights(PairEngine::weights(1.2, 0.9));
  const std::vector<const Sample*> samples = {&training.samples[0], &training.samples[1]};
  const std::vector<AtomGraph> graphs = {training.samples[0].graph, training.samples[1].graph};
  const AtomGraph graph = batch(Span<const AtomGraph>(graphs));
  const auto loss_at = [&](double a, double b, Weights* bar) {
    engine.set_weights(PairEngine::weights(a, b));
    EngineOutput out;
    engine.forward(graph, true, out);
    const BatchLoss loss = batch_loss(options.loss, 0.7, samples,
                                      {out.energies, forces_from_edges(graph, out), virials_from_edges(graph, out)});
    if (bar) engine.backward(loss.energies_bar, edge_gradients_adjoint(graph, loss.forces_bar, loss.virials_bar), *bar);
    return loss.value;
  };
  Weights bar;
  loss_at(1.2, 0.9, &bar);
  const double h = 1e-5;
  const double by_a = (loss_at(1.2 + h, 0.9, nullptr) - loss_at(1.2 - h, 0.9, nullptr)) / (2 * h);
  const double by_b = (loss_at(1.2, 0.9 + h, nullptr) - loss_at(1.2, 0.9 - h, nullptr)) / (2 * h);
  EXPECT_TRUE(std::abs(bar.at("pair.a").data[0] - by_a) <= 1e-7 * (1 + std::abs(by_a)));
  EXPECT_TRUE(std::abs(bar.at("pair.b").data[0] - by_b) <= 1e-7 * (1 + std::abs(by_b)));
}

TEST_F(LoopTest, ALossThatIsNotFiniteStopsTheRunAndNamesTheStructures) {
  training.samples[3].graph.edges[0].vectors[0] = std::numeric_limits<double>::quiet_NaN();
  LoopState state = fresh();
  LoopContext c = context();
  try {
    run_loop(c, state);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::numerical);
    EXPECT_NE(e.diagnostics()[0].what.find("structure 3"), std::string::npos) << e.what();
    EXPECT_EQ(e.diagnostics()[0].where.file, "train.xyz");
  }
}

TEST_F(LoopTest, ValidationIsWatchedToo) {
  validation.samples[2].graph.edges[0].vectors[0] = std::numeric_limits<double>::quiet_NaN();
  LoopState state = fresh();
  LoopContext c = context();
  try {
    run_loop(c, state);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(e.diagnostics()[0].what.find("structure 2"), std::string::npos) << e.what();
    EXPECT_EQ(e.diagnostics()[0].where.file, "valid.xyz");
  }
}

TEST_F(LoopTest, WithoutValidationTheTrainingErrorsChoose) {
  validation.samples.clear();
  LoopState state = fresh();
  LoopContext c = context();
  run_loop(c, state);
  EXPECT_GT(state.best_epoch, 0);
  EXPECT_EQ(reports.back().validation.metrics.n_structures, 0);
}

TEST_F(LoopTest, EnergiesAloneNeedNoGradients) {
  options.loss.forces.weight = options.loss.virial.weight = 0.0;
  LoopState state = fresh();
  LoopContext c = context();
  EXPECT_TRUE(run_loop(c, state));
  EXPECT_FALSE(reports[0].training.metrics.forces.any());
  EXPECT_LT(reports.back().validation.metrics.energy.rmse(), 0.1 * reports.front().validation.metrics.energy.rmse());
}

}  // namespace
}  // namespace kiln
