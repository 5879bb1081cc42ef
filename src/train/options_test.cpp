#include "train/options.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "train/options_text.h"
#include "train/testing/temporary_folder.h"

namespace kiln {
namespace {

const char* const kSmallest = R"(architecture:
  name: graph
  model: {file: model.yaml}
training_set: data.xyz
validation_set: 0.1
)";

TrainOptions read(const std::string& text, Diagnostics& faults, const std::vector<std::string>& overrides = {}) {
  const TemporaryFolder folder;
  TemporaryFolder::write("options.yaml", text);
  return read_options("options.yaml", overrides, faults);
}

TrainOptions read_sound(const std::string& text, const std::vector<std::string>& overrides = {}) {
  Diagnostics faults;
  TrainOptions options = read(text, faults, overrides);
  for (const Diagnostic& d : faults.list) ADD_FAILURE() << to_string(d);
  return options;
}

std::vector<Diagnostic> faults_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  Diagnostics faults;
  read(text, faults, overrides);
  return faults.list;
}

std::string with_training(const std::string& keys) {
  return "architecture:\n  name: graph\n  model: {file: model.yaml}\n  training:\n" + keys +
         "training_set: data.xyz\nvalidation_set: 0.1\n";
}

TEST(Options, SmallestFileGetsTheDefaults) {
  const TrainOptions o = read_sound(kSmallest);
  EXPECT_EQ(o.model_file, "model.yaml");
  EXPECT_EQ(o.precision, Precision::f64);
  EXPECT_FALSE(o.seed.has_value());
  EXPECT_EQ(o.training_set.file, "data.xyz");
  EXPECT_EQ(o.training_set.energy_key, "energy");
  EXPECT_EQ(o.training_set.forces.key, "forces");
  EXPECT_EQ(o.training_set.forces.use, DerivativeOptions::Use::automatic);
  EXPECT_EQ(o.training_set.virial.use, DerivativeOptions::Use::off);
  EXPECT_DOUBLE_EQ(o.validation_set.fraction, 0.1);
  EXPECT_DOUBLE_EQ(o.test_set.fraction, 0.0);
  EXPECT_EQ(o.loop.batch_size, 8);
  EXPECT_EQ(o.loop.best_model_metric, BestModelMetric::rmse_prod);
}

TEST(Options, EverythingThatCanBeSaidIsRead) {
  const TrainOptions o = read_sound(R"(architecture:
  name: graph
  atomic_types: [8, 1]
  model: {file: water.yaml}
  training:
    batch_size: 4
    num_epochs: 3
    learning_rate: 1e-2
    min_learning_rate: 1e-4
    warmup_fraction: 0.2
    weight_decay: 1e-3
    grad_clip_norm: 5
    scheduler: cosine
    loss:
      energy: {type: huber, weight: 10, delta: 0.5, forces: mae, stress: {weight: 0.1}}
    log_interval: 2
    log_mae: true
    checkpoint_interval: 7
    best_model_metric: mae_prod
    atomic_baseline: {energy: {1: -13.6, O: -432.0}}
    fixed_scaling_weights: {energy: 2}
device: cpu
base_precision: 32
seed: 42
final_eval: false
training_set:
  systems: {read_from: train.xyz, length_unit: bohr}
  targets:
    energy: {key: E, unit: hartree, forces: {key: F}, stress: false}
  indices: [0, 1, 2]
validation_set: {systems: valid.xyz, targets: {energy: {virial: {key: W}}}}
test_set: {indices: test.txt}
)");
  EXPECT_EQ(o.atomic_types, (std::vector<int>{8, 1}));
  EXPECT_EQ(o.precision, Precision::f32);
  EXPECT_EQ(*o.seed, 42u);
  EXPECT_FALSE(o.final_eval);
  EXPECT_EQ(o.loop.num_epochs, 3);
  EXPECT_DOUBLE_EQ(o.loop.learning_rate, 1e-2);
  EXPECT_DOUBLE_EQ(o.loop.weight_decay, 1e-3);
  EXPECT_EQ(o.loop.loss.energy.type, LossType::huber);
  EXPECT_DOUBLE_EQ(o.loop.loss.energy.weight, 10.0);
  EXPECT_DOUBLE_EQ(o.loop.loss.energy.delta, 0.5);
  EXPECT_EQ(o.loop.loss.forces.type, LossType::mae);
  EXPECT_DOUBLE_EQ(o.loop.loss.virial.weight, 0.1);
  EXPECT_EQ(o.loop.best_model_metric, BestModelMetric::mae_prod);
  EXPECT_DOUBLE_EQ(o.baseline.energies.at(8), -432.0);
  EXPECT_DOUBLE_EQ(*o.baseline.scale, 2.0);
  EXPECT_EQ(o.training_set.energy_unit, "hartree");
  EXPECT_EQ(o.training_set.forces.use, DerivativeOptions::Use::demanded);
  EXPECT_EQ(o.training_set.stress.use, DerivativeOptions::Use::off);
  EXPECT_EQ(o.training_set.indices->list, (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(o.validation_set.dataset->virial.key, "W");
  EXPECT_EQ(o.validation_set.dataset->stress.use, DerivativeOptions::Use::off);
  EXPECT_EQ(o.test_set.indices->file, "test.txt");
}

TEST(Options, MisspeltKeysAreReportedTogetherWithPathLineAndGuess) {  // TR6
  const auto faults = faults_of(with_training("    num_epoch: 3\n    batchsize: 2\n"));
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_NE(faults[0].what.find("architecture.training.num_epoch'"), std::string::npos) << faults[0].what;
  EXPECT_NE(faults[0].hint.find("num_epochs"), std::string::npos) << faults[0].hint;
  EXPECT_EQ(faults[0].where.line, 5);
  EXPECT_NE(faults[1].what.find("architecture.training.batchsize'"), std::string::npos);
  EXPECT_NE(faults[1].hint.find("batch_size"), std::string::npos);
  EXPECT_EQ(faults[1].where.line, 6);
  EXPECT_EQ(faults[1].where.file, "options.yaml");
}

TEST(Options, FaultsOfAllKindsComeTogether) {
  const auto faults = faults_of(R"(architecture:
  name: graph
  atomic_types: [6, 6]
  training: {batch_size: 0, learning_rate: fast, scheduler: cosin, num_workers: 2}
device: cuda
base_precision: 16
training_set: {systems: {read_from: a.xyz, length_unit: furlong}, targets: {energy: {unit: eVV}}}
)");
  std::string all;
  for (const Diagnostic& d : faults) all += d.code + ": " + d.what + "\n";
  for (const char* part :
       {"architecture.atomic_types: 6 stands twice", "architecture.training.batch_size: 0 is out of range",
        "architecture.training.learning_rate: 'fast' where a number is expected",
        "architecture.training.scheduler: unknown value 'cosin'",
        "'architecture.training.num_workers' is not implemented", "device: 'cuda' is not implemented",
        "base_precision: 16 is not implemented", "'architecture.model' is missing", "'validation_set' is missing",
        "training_set.systems.length_unit", "training_set.targets.energy.unit"})
    EXPECT_NE(all.find(part), std::string::npos) << part << " in\n" << all;
  EXPECT_EQ(faults.size(), 11u) << all;
}

TEST(Options, KeysOfMetatrainThatAreMissingHereAreRefusedByName) {
  for (const std::string key : {"num_workers", "max_atoms_per_batch", "finetune", "distributed"}) {
    const auto faults = faults_of(with_training("    " + key + ": 1\n"));
    ASSERT_EQ(faults.size(), 1u) << key;
    EXPECT_EQ(faults[0].code, "not-implemented");
    EXPECT_NE(faults[0].what.find(key), std::string::npos);
  }
}

TEST(Options, OtherArchitecturesAreRefusedWithAName) {  // TR7
  const std::string text =
      "architecture: {name: soap_bpn, model: {file: m.yaml}}\ntraining_set: a.xyz\nvalidation_set: 0.1\n";
  const auto faults = faults_of(text);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_NE(faults[0].hint.find("soap_bpnn"), std::string::npos) << faults[0].hint;
}

TEST(Options, StressAndVirialExcludeEachOther) {
  const auto faults = faults_of(R"(architecture: {name: graph, model: {file: m.yaml}}
training_set: {systems: a.xyz, targets: {energy: {stress: true, virial: true}}}
validation_set: 0.1
)");
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].code, "stress-and-virial");
}

TEST(Options, FractionsMustLeaveSomething) {
  EXPECT_EQ(faults_of(std::string(kSmallest) + "test_set: 0.9\n").size(), 1u);
  EXPECT_EQ(faults_of(std::string(kSmallest) + "test_set: 1.5\n").size(), 1u);
}

TEST(Options, OverridesReplaceAndAdd) {  // TR5
  const TrainOptions o =
      read_sound(kSmallest, {"architecture.training.num_epochs=1", "seed=7", "validation_set={indices: [1]}"});
  EXPECT_EQ(o.loop.num_epochs, 1);
  EXPECT_EQ(*o.seed, 7u);
  EXPECT_EQ(o.validation_set.indices->list, std::vector<std::int64_t>{1});
  const std::string expanded = to_yaml_text(o.expanded);
  EXPECT_NE(expanded.find("\"num_epochs\": 1\n"), std::string::npos) << expanded;
  EXPECT_NE(expanded.find("\"seed\": 7\n"), std::string::npos);
}

TEST(Options, UnknownOverridesAreFaultsThatShowThem) {
  const auto faults =
      faults_of(kSmallest, {"architecture.training.num_epoch=1", "nonsense", "training_set.indices=[1]"});
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_NE(faults[0].what.find("nonsense"), std::string::npos);
  EXPECT_NE(faults[1].what.find("'training_set' holds a value"), std::string::npos) << faults[1].what;
  EXPECT_NE(to_string(faults[2]).find("-r architecture.training.num_epoch=1"), std::string::npos)
      << to_string(faults[2]);
}

TEST(Options, InterpolationIsResolved) {
  const TrainOptions o = read_sound(with_training("    batch_size: ${seed}\n") + "seed: 5\n");
  EXPECT_EQ(o.loop.batch_size, 5);
}

TEST(Options, AReferenceThatLeadsNowhereIsToldOnce) {
  const auto faults = faults_of(with_training("    batch_size: ${sed}\n    num_epoch: 3\n") + "seed: 5\n");
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].code, "interpolation-not-found");
  EXPECT_EQ(faults[1].code, "unknown-option");
}

TEST(Options, ExpandedFileReadsBackTheSame) {
  const TrainOptions first =
      read_sound(with_training("    loss: huber\n    log_mae: true\n") + "test_set: {indices: [3, 4]}\n");
  const std::string text = to_yaml_text(first.expanded);
  const TrainOptions second = read_sound(text);
  EXPECT_EQ(to_canonical_json(second.expanded), to_canonical_json(first.expanded)) << text;
  EXPECT_EQ(second.loop.loss.virial.type, LossType::huber);
}

TEST(Options, TextWithDollarSurvivesTheExpandedFile) {
  Yaml root = yaml_mapping();
  yaml_set(root, "note", yaml_text("costs ${amount}"));
  Diagnostics faults;
  EXPECT_EQ(to_yaml_text(root), "\"note\": \"costs \\\\${amount}\"\n");
}

TEST(Options, ListsOfDataSetsAreRefused) {
  const auto faults = faults_of(
      "architecture: {name: graph, model: {file: m.yaml}}\ntraining_set: [a.xyz, b.xyz]\nvalidation_set: 0.1\n");
  ASSERT_EQ(faults.size(), 1u) << to_string(faults[0]);
  EXPECT_EQ(faults[0].code, "not-implemented");
}

/// The page of the manual is what the tables say.
TEST(Options, ThePageInDocsIsWhatTheTablesSay) {
  const std::string page = read_file(KILN_SOURCE_DIR "/docs/options.md");
  const std::string top = describe_options(options_table()), sets = describe_options(dataset_table());
  EXPECT_NE(page.find("```text\n" + top + "```\n"), std::string::npos) << top;
  EXPECT_NE(page.find("```text\n" + sets + "```\n"), std::string::npos) << sets;
}

}  // namespace
}  // namespace kiln
