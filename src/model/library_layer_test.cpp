#include "kiln/library_layer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace kiln {
namespace {

constexpr const char* kLibrary = R"(
model_layers:
  mix: {type: AtomwiseLinear, config: {irreps_in_block: 2x0e, irreps_out_block: 3x0e}}
  again: {alias: mix}
  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 1}}
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}}
  torch: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [2, 2]}}
)";

struct LibraryLayerTest : ::testing::Test {
  std::string file =
      (std::filesystem::temp_directory_path() / ("kiln-library-" + std::to_string(getpid()) + ".yaml")).string();

  LibraryLayerTest() { std::ofstream(file) << kLibrary; }
  ~LibraryLayerTest() override { std::remove(file.c_str()); }

  LibraryLayer layer(const std::string& name, const std::map<std::string, std::string>& inputs) const {
    return LibraryLayer::load(file, name, inputs);
  }
  Error refusal(const std::string& name, const std::map<std::string, std::string>& inputs) const {
    try {
      layer(name, inputs);
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << name << " is taken";
    return {ErrorKind::internal, "", ""};
  }
};

/// y = x W / sqrt(2), with weights that are set.
TEST_F(LibraryLayerTest, AppliesItsWeights) {
  LibraryLayer mix = layer("mix", {{"h", "{shape: [N, 2]}"}});
  PortArrays weights = mix.weights();
  ASSERT_EQ(weights.size(), 1u);
  PortArray& weight = weights.at("mix.linear.weight");
  ASSERT_EQ(weight.reals.size(), 6u);
  weight.reals = {1, 2, 3, 4, 5, 6};
  mix.set_weights(weights);
  const PortArray y = mix({{"h", {{2, 2}, {1, 0, 1, -1}}}}).at("mix");
  EXPECT_EQ(y.shape, (std::vector<std::int64_t>{2, 3}));
  const double want[] = {1, 2, 3, -3, -3, -3};
  for (int k = 0; k < 6; ++k) EXPECT_TRUE(std::abs(y.reals[k] - want[k] / std::sqrt(2.0)) <= 1e-14) << k;
}

TEST_F(LibraryLayerTest, AnAliasHasTheWeightsOfTheLayerThatItCalls) {
  const LibraryLayer again = layer("again", {{"h", "{shape: [N, 2]}"}});
  EXPECT_EQ(again.weights().count("mix.linear.weight"), 1u);
  const LibraryLayer mix = layer("mix", {{"h", "{shape: [N, 2]}"}});
  const PortArrays x = {{"h", {{1, 2}, {0.5, 2}}}};
  EXPECT_EQ(again(x).at("again").reals, mix(x).at("mix").reals);
}

TEST_F(LibraryLayerTest, TakesAtomsAndEdges) {
  const LibraryLayer geometry =
      layer("geometry", {{"pos", "{role: positions}"}, {"edge_index", "{role: edges, cutoff: 6.0}"}});
  const PortArrays out = geometry({{"pos", {{2, 3}, {0, 0, 0, 0, 3, 4}}}, {"edge_index", {{2, 2}, {}, {0, 1, 1, 0}}}});
  EXPECT_EQ(out.at("edge_lengths").reals, (std::vector<double>{5, 5}));
  EXPECT_EQ(out.at("edge_sh").shape, (std::vector<std::int64_t>{2, 4}));
  const LibraryLayer elements = layer("elements", {{"x", "{role: species}"}});
  EXPECT_EQ(elements({{"x", {{2}, {}, {1, 0}}}}).at("elements").reals, (std::vector<double>{0, 1, 1, 0}));
}

TEST_F(LibraryLayerTest, RefusesWhatDoesNotFit) {
  EXPECT_EQ(refusal("mxi", {}).kind(), ErrorKind::configuration);
  EXPECT_EQ(refusal("mix", {{"h", "{shape: [N, 3]}"}}).kind(), ErrorKind::configuration);
  EXPECT_EQ(refusal("mix", {{"h", "{shape: ["}}).diagnostics().front().code, "yaml-syntax");
  EXPECT_EQ(refusal("torch", {{"0", "{shape: [N, 2]}"}}).diagnostics().front().code, "unsupported-operator");
  LibraryLayer mix = layer("mix", {{"h", "{shape: [N, 2]}"}});
  try {
    mix({});
    ADD_FAILURE() << "a missing input is taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.diagnostics().front().hint, "add an array named 'h'");
  }
  EXPECT_THROW(mix({{"h", {{1, 3}, {1, 2, 3}}}}), Error);
  EXPECT_THROW(mix({{"h", {{1, 2}, {1, 2, 3}}}}), Error);
  EXPECT_THROW(mix({{"h", {{1, 2}, {}, {1, 2}}}}), Error);
  EXPECT_THROW(mix.set_weights({{"mix.linear.weight", {{5}, {1, 2, 3, 4, 5}}}}), Error);
  EXPECT_THROW(mix.set_weights({{"mix.weight", {{6}, {1, 2, 3, 4, 5, 6}}}}), Error);
}

}  // namespace
}  // namespace kiln
