#include "train/train.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/files.h"
#include "graph/checked_graph.h"
#include "layers/layer_table.h"
#include "model/model.h"
#include "train/testing/train_run.h"

namespace kiln {
namespace {

int count_lines(const std::string& text) { return static_cast<int>(std::count(text.begin(), text.end(), '\n')); }

TEST_F(TrainTest, WritesAllItsFiles) {  // TR1 in spirit
  const TrainResult result = run();
  EXPECT_EQ(result.n_epochs, 4);
  EXPECT_EQ(read_file(result.output_folder + "/train.log"), log.str());
  const std::string csv = read_file(result.output_folder + "/train.csv");
  EXPECT_EQ(csv.rfind("epoch,learning rate,training loss,training energy RMSE,training forces RMSE", 0), 0u) << csv;
  EXPECT_NE(csv.find("\n,,,meV/atom,meV/Å,,meV/atom,meV/Å\n"), std::string::npos) << csv;
  EXPECT_EQ(count_lines(csv), 2 + 4);
  EXPECT_EQ(count_lines(read_file(result.output_folder + "/indices/training.txt")), 14);
  EXPECT_EQ(count_lines(read_file(result.output_folder + "/indices/validation.txt")), 2);
  EXPECT_EQ(count_lines(read_file(result.output_folder + "/indices/test.txt")), 4);
  EXPECT_TRUE(logged("no length_unit: angstrom is assumed")) << log.str();
  EXPECT_TRUE(logged("epoch 4/4"));
  EXPECT_TRUE(logged("errors of the model"));
  EXPECT_EQ(result.test.n_structures, 4);
  const Model model = read_model(read_file("model.kiln"), "model.kiln");
  EXPECT_EQ(model.atomic_numbers, (std::vector<int>{6, 8}));
  EXPECT_EQ(model.self_tests.size(), 2u);
  EXPECT_NO_THROW(run_self_test(model));
}

TEST_F(TrainTest, LearnsSomething) {
  const TrainResult untrained = (request.overrides = {"architecture.training.num_epochs=0"}, run());
  request.overrides = {"architecture.training.num_epochs=15", "architecture.training.learning_rate=0.2"};
  const TrainResult trained = run();
  EXPECT_LT(trained.training.forces.rmse(), untrained.training.forces.rmse());
  EXPECT_GT(trained.best_epoch, 1);
}

TEST_F(TrainTest, BaselineOnlyNeedsNoTorch) {
  request.overrides = {"architecture.training.num_epochs=0", "validation_set=0.0", "test_set=0.0"};
  const TrainResult result = run();
  EXPECT_EQ(opened, 0);
  const Model model = read_model(read_file(result.model_file), "model.kiln");
  EXPECT_TRUE(std::abs(model.weights.at("reference.energies").data[1] + 400.0) <= 1e-9);  // the lone atoms
  EXPECT_NE(model.weights.at("network.scale").data[0], 1.0);
  EXPECT_FALSE(read_file(result.output_folder + "/checkpoint.kiln").empty());
}

TEST_F(TrainTest, SameSeedSameBytes) {
  run();
  const std::string first = read_file("model.kiln");
  run();
  EXPECT_EQ(read_file("model.kiln"), first);
}

TEST_F(TrainTest, AllFaultsBeforeAnyDataAreRead) {  // TR6
  std::filesystem::remove("data.xyz");
  std::string model = kModel;
  model.replace(model.find("num_radial_basis: 4}, inputs"), 16, "num_radial_bases");
  TemporaryFolder::write("model.yaml", model);
  request.overrides = {"architecture.training.num_epoch=3", "architecture.training.batchsize=2"};
  const Error e = failure();
  EXPECT_EQ(e.kind(), ErrorKind::configuration);
  const std::string text = e.what();
  for (const char* part : {"num_epoch", "batchsize", "num_radial_bases"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_FALSE(std::filesystem::exists("outputs"));
}

TEST_F(TrainTest, AModelFileThatIsNotThereIsAFaultOfTheOptions) {
  request.overrides = {"architecture.model.file=nowhere.yaml"};
  const Error e = failure();
  EXPECT_EQ(e.kind(), ErrorKind::configuration);
  EXPECT_NE(std::string(e.what()).find("nowhere.yaml"), std::string::npos);
}

TEST_F(TrainTest, AnOutputThatCannotBeWrittenIsSaidAtOnce) {
  request.output = "nowhere/model.kiln";
  const Error e = failure();
  EXPECT_EQ(e.kind(), ErrorKind::configuration);
  EXPECT_EQ(e.diagnostics()[0].where.file, "nowhere/model.kiln");
}

TEST_F(TrainTest, TheModelReplacesNoneOfItsInputs) {
  TemporaryFolder::write("indices.txt", "0\n1\n2\n3\n");
  TemporaryFolder::write("other.xyz", molecules(5, 2));
  TemporaryFolder::write("checkpoint", "");
  std::filesystem::create_hard_link("data.xyz", "link.xyz");
  request.overrides = {"training_set.indices=indices.txt", "test_set=other.xyz"};
  request.restart = "checkpoint";
  for (const char* file :
       {"options.yaml", "./model.yaml", "data.xyz", "link.xyz", "indices.txt", "other.xyz", "checkpoint"}) {
    request.output = file;
    const std::string before = read_file(file);
    const Error e = failure();
    EXPECT_EQ(e.kind(), ErrorKind::configuration) << file;
    EXPECT_EQ(e.diagnostics()[0].code, "overwrites-input") << file;
    EXPECT_EQ(read_file(file), before);
  }
  EXPECT_FALSE(std::filesystem::exists("outputs"));
}

TEST_F(TrainTest, TheModelReplacesNoIncludedFile) {
  const std::string block =
      "model_inputs: {h: \"\"}\nmodel_layers:\n  mix: {type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: "
      "{h: h}}\nmodel_outputs: {o: mix}\n";
  std::string model = read_file("model.yaml");
  const std::string features = "{type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: one_hot}}";
  model.replace(model.find(features), features.size(), "{include: block.yaml, inputs: {h: one_hot}}");
  TemporaryFolder::write("model.yaml", model);
  TemporaryFolder::write("block.yaml", block);
  request.output = "block.yaml";
  EXPECT_EQ(failure().diagnostics()[0].code, "overwrites-input");
  EXPECT_EQ(read_file("block.yaml"), block);
}

TEST_F(TrainTest, AFullDiskIsNoticed) {
  const auto open_and_fill_disk = [this] {
    for (const auto& entry : std::filesystem::recursive_directory_iterator("outputs")) {
      if (entry.path().filename() != "train.csv") continue;
      std::filesystem::remove(entry.path());
      std::filesystem::create_symlink("/dev/full", entry.path());
      break;
    }
    return open();
  };
  try {
    train(request, open_and_fill_disk, log);
    FAIL() << "nothing was thrown";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::resources);
    EXPECT_EQ(std::filesystem::path(e.diagnostics()[0].where.file).filename(), "train.csv") << e.what();
  }
}

TEST_F(TrainTest, AMissingKeyStopsBeforeTraining) {  // TR8
  request.overrides = {"training_set.targets.energy.forces={key: force}"};
  const Error e = failure();
  EXPECT_EQ(e.kind(), ErrorKind::data);
  EXPECT_NE(std::string(e.what()).find("forces"), std::string::npos);
  EXPECT_EQ(opened, 0);
  // the log file ends with it; the terminal is told by the program, once
  const std::string message = "there is no per-atom property 'force'";
  const std::string folder_of_run = log.str().substr(log.str().find("output folder: ") + 15, 27);
  EXPECT_NE(read_file(folder_of_run + "/train.log").find("[ERROR] - data.xyz:1:1: error: frame 0: " + message),
            std::string::npos)
      << folder_of_run;
  EXPECT_FALSE(logged(message));
}

TEST_F(TrainTest, ASingleAtomTrainsAndEvaluates) {  // TR11
  TemporaryFolder::write("data.xyz",
                         "1\nProperties=species:S:1:pos:R:3:forces:R:3 energy=-13.6 pbc=\"F F F\"\nO 0 0 0 0 0 0\n");
  request.overrides = {"validation_set=0.0", "test_set=0.0", "architecture.atomic_types=[6, 8]"};
  const TrainResult result = run();
  EXPECT_EQ(result.n_epochs, 4);
  EXPECT_TRUE(result.training.energy.rmse() <= 0.1) << result.training.energy.rmse();
  EXPECT_TRUE(logged("rank 1 of 2 unknowns"));
}

TEST_F(TrainTest, SpeciesOfModelAndDataMustAgree) {
  std::string one = "1\nProperties=species:S:1:pos:R:3 energy=-13.6 pbc=\"F F F\"\nO 0 0 0\n";
  TemporaryFolder::write("data.xyz", one);
  request.overrides = {"validation_set=0.0", "test_set=0.0"};
  const Error e = failure();
  EXPECT_EQ(e.kind(), ErrorKind::configuration);
  EXPECT_EQ(e.diagnostics()[0].code, "species-count");
  EXPECT_NE(e.diagnostics()[0].what.find("2 species"), std::string::npos) << e.what();
}

TEST_F(TrainTest, ElementsThatWereNotTrainedOnAreNamed) {
  TemporaryFolder::write("other.xyz", "1\nProperties=species:S:1:pos:R:3 energy=-1 pbc=\"F F F\"\nN 0 0 0\n");
  request.overrides = {"validation_set=other.xyz"};
  const Error e = failure();
  EXPECT_EQ(e.kind(), ErrorKind::data);
  EXPECT_NE(e.diagnostics()[0].what.find("validation_set has N"), std::string::npos) << e.what();
  EXPECT_EQ(e.diagnostics()[0].where.file, "other.xyz");
}

TEST_F(TrainTest, ValidationInTheSameFileMustNotBeTrainedOn) {
  request.overrides = {"validation_set={systems: data.xyz, indices: [1, 2]}", "test_set=0.0"};
  EXPECT_EQ(failure().diagnostics()[0].code, "overlap");
  request.overrides.push_back("training_set.indices=[3, 4, 5, 6, 7, 8, 9]");
  EXPECT_EQ(run().validation.n_structures, 2);
}

TEST_F(TrainTest, LayersThatMixTheRowsOfABatchAreRefused) {
  std::string model = kModel;
  const std::string reads = "readout: {type: ScalarReadout, inputs: {h: mace}}";
  model.replace(model.find(reads), reads.size(),
                "norm: {type: ArbitraryModule, inputs: {0: mace}, config: {target: torch.nn.BatchNorm1d, args: [4], "
                "kwargs: {track_running_stats: false}}}\n  readout: {type: ScalarReadout, inputs: {h: norm}}");
  TemporaryFolder::write("model.yaml", model);
  const Diagnostic fault = failure().diagnostics().at(0);
  EXPECT_EQ(fault.code, "global-layer") << fault.what;
  EXPECT_NE(fault.what.find("layer 'norm' mixes rows"), std::string::npos) << fault.what;
}

/// Also where a tensor of another shape has the rows.
TEST_F(TrainTest, FreeTensorsWithARowForEachAtomAreRowsOfABatch) {
  const auto model_with = [](const std::string& layers) {
    std::string model = kModel;
    const std::string reads = "readout: {type: ScalarReadout, inputs: {h: mace}}";
    return model.replace(model.find(reads), reads.size(), layers + "readout: {type: ScalarReadout, inputs: {h: back}}");
  };
  const auto call = [](const std::string& name, const std::string& target, const std::string& dim,
                       const std::string& of) {
    return name + ": {type: ArbitraryModule, inputs: {0: " + of + "}, config: {target: torch." + target +
           ", kwargs: {dim: " + dim + "}}}\n  ";
  };
  const auto fault = [&](const std::string& layers) {
    TemporaryFolder::write("model.yaml", model_with(layers));
    return failure().diagnostics().at(0);
  };
  const Diagnostic vector = fault(call("sum", "sum", "1", "mace") + call("soft", "softmax", "0", "sum") +
                                  call("back", "unsqueeze", "1", "soft"));
  EXPECT_EQ(vector.code, "global-layer") << vector.what;
  EXPECT_NE(vector.what.find("layer 'soft'"), std::string::npos) << vector.what;
  const Diagnostic second = fault(call("deep", "unsqueeze", "1", "mace") + call("half", "softmax", "2", "deep") +
                                  call("soft", "softmax", "0", "half") + call("back", "squeeze", "1", "soft"));
  EXPECT_NE(second.what.find("layer 'soft'"), std::string::npos) << second.what;
}

TEST_F(TrainTest, EnergiesOfABatchThatAreMixedAreRefused) {
  std::string model = kModel;
  const std::string outputs = "model_outputs:";
  const std::size_t at = model.find(outputs), energy = model.find("energy: ", at);
  const std::size_t end = model.find_first_of(",}", energy);
  const std::string total = model.substr(energy + 8, end - energy - 8);
  model.replace(energy, end - energy, "energy: mixed");
  model.insert(at, "  mixed: {type: ArbitraryModule, inputs: {0: " + total +
                       "}, config: {target: torch.softmax, kwargs: {dim: 0}}}\n");
  TemporaryFolder::write("model.yaml", model);
  const Diagnostic fault = failure().diagnostics().at(0);
  EXPECT_EQ(fault.code, "global-layer") << fault.what;
}

TEST_F(TrainTest, ModulesThatReadTheStructureOfAnAtomAreRefused) {
  std::string model = kModel;
  const std::string reads = "readout: {type: ScalarReadout, inputs: {h: mace}}";
  model.replace(
      model.find(reads), reads.size(),
      "real: {type: ArbitraryModule, inputs: {0: contributions}, config: {target: torch.eq, kwargs: {other: 0}}}\n"
      "  column: {type: ArbitraryModule, inputs: {0: real}, config: {target: torch.unsqueeze, kwargs: {dim: 1}}}\n"
      "  masked: {type: ArbitraryModule, inputs: {0: mace, 1: column}, config: {target: torch.mul}}\n"
      "  readout: {type: ScalarReadout, inputs: {h: masked}}");
  const std::string inputs = "model_inputs: {";
  model.insert(model.find(inputs) + inputs.size(), "contributions: {role: structure}, ");
  TemporaryFolder::write("model.yaml", model);
  EXPECT_EQ(failure().diagnostics().at(0).code, "reads-structure") << failure().what();
}

/// Bit for bit; also where a baseline would have been fitted, and whatever the model before it looked like.
TEST_F(TrainTest, FrozenWeightsStayAsTheyStarted) {
  std::string model = kModel;
  const auto freeze = [&](const std::string& before, const std::string& keys) {
    const std::size_t at = model.find(before);
    ASSERT_NE(at, std::string::npos);
    model.insert(at + before.size(), keys);
  };
  freeze("{type: ScalarReadout, ", "freeze: true, seed: 9, ");
  freeze("{type: PerSpeciesEnergy, ", "freeze: [energies], ");
  freeze("type: MACE_layer", "\n    freeze: [\"product.contraction{k}.nu{nu}\"]");
  TemporaryFolder::write("model.yaml", model);
  Diagnostics faults;
  const CheckedGraph graph = check_graph(parse_graph_file("model.yaml", faults), layer_table(), faults);
  const Weights start = init_weights(lower_graph(graph), 42);
  for (const char* moved : {"readout.linear.weight", "features.linear.weight"}) {  // the engine gives its slopes
    slopes_of = moved;
    const Weights after = load_model(run().model_file).weights;
    for (const char* name : {"readout.linear.weight", "reference.energies", "mace.product.contraction0.nu1",
                             "mace.product.contraction0.nu2"})
      EXPECT_EQ(after.at(name).data, start.at(name).data) << name;
    EXPECT_EQ(after.at("features.linear.weight").data == start.at("features.linear.weight").data,
              slopes_of != "features.linear.weight");
  }
}

}  // namespace
}  // namespace kiln
