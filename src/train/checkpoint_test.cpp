#include "train/checkpoint.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "graph/checked_graph.h"
#include "layers/layer_table.h"
#include "model/model_file.h"

namespace kiln {
namespace {

const char* const kModel = R"(
model_inputs: {species: species, coords: positions, edge_index: {role: edges, cutoff: 3.0}, shift: shift}
model_layers:
  reference: {type: PerSpeciesEnergy, config: {energies: [-1.5, 2.5]}, inputs: {species: species}}
  energy: {type: AtomwiseSum, inputs: {src: reference}}
model_outputs: {energy: energy}
)";

Model make_model() {
  Diagnostics faults;
  const CheckedGraph graph =
      check_graph(parse_graph(parse_yaml(kModel, "model.yaml", faults), faults), layer_table(), faults);
  throw_if_errors(faults, ErrorKind::internal);
  Model model;
  model.graph_json = graph.canonical_json;
  model.atomic_numbers = {1, 8};
  model.weights = init_weights(lower_graph(graph), 1);
  return model;
}

ErrorSums sums(double x) { return {x, x / 3, x / 7, static_cast<std::int64_t>(10 * x)}; }

TrainerState make_state() {
  TrainerState s;
  s.layout = {{{"a.b", 0, 2}, {"c.d", 2, 1}, {"c.running", 3, 1}}, 3, 4};
  s.seed = (std::uint64_t{1} << 63) - 1;  // more than float64 holds
  s.split = {{0, 3}, {1}, {}};
  s.record = {{"threads", "2"}};
  s.csv.text = "epoch\n\n1\n";
  s.data_sha256 = {{"data.xyz", "00ff"}};
  s.training_options = "{\"num_epochs\":3}";
  LoopState& l = s.loop;
  l.epoch = 5;
  l.batch = 2;
  l.weights = {0.1, 1.0 / 3, 1e-300, 0.7};
  l.optimizer.m = {1, 2, 3};
  l.optimizer.v = {4, 5, 6};
  l.optimizer.step = 77;
  l.training.loss = 0.7;
  l.training.metrics = {sums(1), sums(2), sums(3), sums(4), 9};
  return s;  // no best weights yet: best_metric is infinite
}

TEST(Checkpoint, HoldsEverythingToTheBit) {
  const TrainerState before = make_state();
  const Checkpoint read = read_checkpoint(write_checkpoint(make_model(), before), "checkpoint.kiln");
  const TrainerState& after = read.state;
  EXPECT_EQ(after.seed, before.seed);
  EXPECT_EQ(after.layout.size, 4u);
  EXPECT_EQ(after.layout.n_trained, 3u);
  EXPECT_EQ(after.layout.parts[1].name, "c.d");
  EXPECT_EQ(after.layout.parts[1].first, 2u);
  EXPECT_EQ(after.split.training, before.split.training);
  EXPECT_EQ(after.split.test, before.split.test);
  EXPECT_EQ(after.record, before.record);
  EXPECT_EQ(after.csv.text, before.csv.text);
  EXPECT_EQ(after.data_sha256, before.data_sha256);
  EXPECT_EQ(after.training_options, before.training_options);
  EXPECT_EQ(after.loop.epoch, 5);
  EXPECT_EQ(after.loop.batch, 2);
  EXPECT_EQ(after.loop.weights, before.loop.weights);
  EXPECT_EQ(after.loop.optimizer.m, before.loop.optimizer.m);
  EXPECT_EQ(after.loop.optimizer.v, before.loop.optimizer.v);
  EXPECT_EQ(after.loop.optimizer.step, 77);
  EXPECT_EQ(after.loop.best_metric, std::numeric_limits<double>::infinity());
  EXPECT_TRUE(after.loop.best_weights.empty());
  EXPECT_EQ(after.loop.training.loss, 0.7);
  EXPECT_EQ(after.loop.training.metrics.n_structures, 9);
  for (const auto sums : {&Metrics::energy, &Metrics::forces, &Metrics::stress, &Metrics::virial}) {
    const ErrorSums &a = after.loop.training.metrics.*sums, &b = before.loop.training.metrics.*sums;
    EXPECT_EQ(a.count, b.count);
    EXPECT_EQ(a.squares, b.squares);
    EXPECT_EQ(a.absolutes, b.absolutes);
    EXPECT_EQ(a.n_structures, b.n_structures);
  }
  EXPECT_EQ(read.model.weights.at("reference.energies").data, (std::vector<double>{-1.5, 2.5}));
}

TEST(Checkpoint, IsAModelToWhoeverReadsModels) {
  const Model model = read_model(write_checkpoint(make_model(), make_state()), "checkpoint.kiln");
  EXPECT_NO_THROW(run_self_test(model));
}

Diagnostic failure(const std::string& bytes) {
  try {
    read_checkpoint(bytes, "checkpoint.kiln");
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::data);
    return e.diagnostics().at(0);
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

/// A checkpoint in which something was changed before it was sealed.
template <class Change>
std::string changed(Change change) {
  TensorFile file = open_sealed(write_checkpoint(make_model(), make_state()), "");
  change(file);
  return seal(file);
}

TEST(Checkpoint, WhatIsWrongWithItIsSaid) {
  EXPECT_EQ(failure(write_model(make_model())).where.file, "checkpoint.kiln");
  EXPECT_NE(failure(write_model(make_model())).what.find("is a model, not a checkpoint"), std::string::npos);
  const std::string newer = changed([](TensorFile& f) {
    auto json = nlohmann::json::parse(f.metadata["trainer"]);
    json["trainer_version"] = kTrainerVersion + 1;
    f.metadata["trainer"] = json.dump();
  });
  EXPECT_NE(failure(newer).what.find("trainer version 2"), std::string::npos);
  EXPECT_NE(failure(changed([](TensorFile& f) { f.tensors.erase("optimizer/v"); })).what.find("lacks tensors"),
            std::string::npos);
  EXPECT_NE(failure(changed([](TensorFile& f) { f.metadata["trainer"] = "{"; })).what.find("cannot be read"),
            std::string::npos);
  EXPECT_NE(failure(changed([](TensorFile& f) {
              f.tensors["trainer/weights"] = to_tensor({{1}, {0.0}}, TensorDType::f64);
            })).what.find("sizes"),
            std::string::npos);
  std::string damaged = write_checkpoint(make_model(), make_state());
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
  EXPECT_FALSE(failure(damaged).what.empty());
  EXPECT_FALSE(failure(damaged.substr(0, 100)).what.empty());
}

}  // namespace
}  // namespace kiln
