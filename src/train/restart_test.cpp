#include <csignal>

#include "base/files.h"
#include "train/testing/train_run.h"

namespace kiln {
namespace {

struct RestartTest : TrainTest {};

/// Is stopped by a signal while it is at work.
struct StoppedEngine : ReadoutEngine {
  using ReadoutEngine::ReadoutEngine;
  int n_left = 0;  ///< batches before that
  void forward(const AtomGraph& graph, bool gradients, EngineOutput& out) override {
    if (n_left-- == 0) raise(SIGTERM);
    ReadoutEngine::forward(graph, gradients, out);
  }
};

struct StoppedLibrary : ReadoutLibrary {
  StoppedLibrary(const LoweredGraph& graph, const std::string& trained, int n_batches)
      : ReadoutLibrary(graph, trained), engine(std::make_unique<StoppedEngine>(graph, trained)) {
    engine->n_left = n_batches;
  }
  std::unique_ptr<StoppedEngine> engine;
  std::unique_ptr<TrainableEngine> make_engine(const TorchProgram&) override { return std::move(engine); }
};

/// In the middle of the epoch behind these.
void stop_after(int n_epochs, RestartTest& test) {
  const int batches_per_epoch = 4;
  const auto open = [&] {
    return std::make_shared<StoppedLibrary>(test.lowered(), test.slopes_of, batches_per_epoch * n_epochs + 1);
  };
  std::ostringstream log;
  try {
    train(test.request, open, log);
    FAIL() << "it was not stopped";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::resources);
    EXPECT_NE(std::string(e.what()).find("SIGTERM"), std::string::npos);
  }
}

TEST_F(RestartTest, FromAnyCheckpointGivesTheSameModel) {  // TR12
  const TrainResult whole = run();
  const std::string model = read_file("model.kiln"), csv = read_file(whole.output_folder + "/train.csv");
  for (const int n_epochs : {1, 3}) {
    request.restart = "";
    stop_after(n_epochs, *this);
    request.restart = "auto";
    const TrainResult continued = run();
    EXPECT_TRUE(logged("restart: from 'outputs/"));
    EXPECT_EQ(read_file("model.kiln"), model);
    EXPECT_EQ(read_file(continued.output_folder + "/train.csv"), csv);
  }
}

TEST_F(RestartTest, KeepsTheSplitWithoutASeed) {  // TR13
  std::string options = kOptions;
  options.erase(options.find("seed: 42\n"), 9);
  TemporaryFolder::write("options.yaml", options);
  request.overrides = {"architecture.training.num_epochs=1"};
  const TrainResult first = run();
  request.overrides = {"architecture.training.num_epochs=2"};
  request.restart = first.output_folder + "/checkpoint.kiln";
  const TrainResult second = run();
  EXPECT_EQ(read_file(first.output_folder + "/indices/test.txt"),
            read_file(second.output_folder + "/indices/test.txt"));
  EXPECT_TRUE(logged("num_epochs was 1 in the checkpoint, is 2 now"));
  EXPECT_EQ(second.n_epochs, 2);
}

TEST_F(RestartTest, OptionsRepeatTheRun) {
  std::string options = kOptions;
  options.erase(options.find("seed: 42\n"), 9);
  TemporaryFolder::write("options.yaml", options);
  const TrainResult first = run();
  const std::string model = read_file("model.kiln");
  request.options_file = first.output_folder + "/options_restart.yaml";
  run();
  EXPECT_EQ(read_file("model.kiln"), model);
}

TEST_F(RestartTest, RefusesOtherDataAndOtherModels) {
  const TrainResult first = run();
  request.restart = first.output_folder + "/checkpoint.kiln";
  TemporaryFolder::write("data.xyz", molecules(20, 2));
  EXPECT_EQ(failure().diagnostics()[0].code, "other-data");
  TemporaryFolder::write("data.xyz", molecules(20, 1));
  std::string other = kModel;
  other.replace(other.find("r_max: 3.0"), 10, "r_max: 2.9");
  TemporaryFolder::write("model.yaml", other);
  EXPECT_EQ(failure().diagnostics()[0].code, "other-model");
  request.overrides = {"base_precision=32"};
  TemporaryFolder::write("model.yaml", kModel);
  const Error precision = failure();
  EXPECT_EQ(precision.kind(), ErrorKind::configuration);
  EXPECT_NE(std::string(precision.what()).find("base_precision is 32, but the checkpoint was trained with 64"),
            std::string::npos)
      << precision.what();
  request.overrides = {};
  request.output = "other.kiln";
  request.restart = "model.kiln";
  EXPECT_NE(std::string(failure().what()).find("is a model, not a checkpoint"), std::string::npos);
}

TEST_F(RestartTest, AutoWithoutCheckpointsStartsAfresh) {
  request.restart = "auto";
  run();
  EXPECT_TRUE(logged("starting from scratch"));
}

}  // namespace
}  // namespace kiln
