#include "layers/mace_layer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "layers/linear_paths.h"
#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

Irreps irreps(const std::string& text) {
  Irreps parsed;
  std::string reason;
  EXPECT_TRUE(parse_irreps(text, parsed, reason)) << reason;
  return parsed;
}

std::string with_hidden(const std::string& hidden, int lmax, int correlation) {
  std::string text = with(kOneLayer, "lmax: 1, correlation: 2, hidden_irreps_block: \"8x0e\"",
                          "lmax: " + std::to_string(lmax) + ", correlation: " + std::to_string(correlation) +
                              ", hidden_irreps_block: \"" + hidden + "\"");
  text = with(text, "  readout: {type: ScalarReadout, inputs: {h: conv}}\n", "");
  text = with(text, "  total: {type: KIMAPISumIndex, inputs: {src: readout, index: contributions}}\n", "");
  text = with(text, "  gradients: {type: Derivatives, config: {of: energy}, inputs: {energy: total}}\n", "");
  text = with(text, ",\n  contributions: \"Tensor (N,)\"", "");
  return text.substr(0, text.find("model_outputs:")) + "model_outputs: {h: conv}\n";
}

/// Each line: in_block l_edge irrep -> slot block.channel, radial offset, coefficient.
struct Row {
  int in_block, l_edge;
  const char* irrep;
  int out_block, out_channel, radial_offset;
  double coefficient;
};

TEST(MaceLayer, MessagePathsKeepTheirWeightsInOrderAndSortTheirSlots) {
  const EdgeConvolution op = mace::message_product(irreps("2x0e + 3x1o"), 1);
  // The tensor product of docs/layers.md by hand; 1e, 2e of 1o x 1o are not in the target 0e + 1o. The harmonics of -r
  // carry (-1)^l.
  const Row expected[] = {{0, 0, "0e", 0, 0, 0, 1.0},
                          {0, 1, "1o", 1, 0, 2, -std::sqrt(3.0)},
                          {1, 0, "1o", 1, 2, 4, std::sqrt(3.0)},
                          {1, 1, "0e", 0, 2, 7, -1.0}};
  ASSERT_EQ(op.paths.size(), 4u);
  for (int i = 0; i < 4; ++i) {
    const ConvolutionPath& path = op.paths[i];
    EXPECT_EQ(path.in_block, expected[i].in_block);
    EXPECT_EQ(path.l_edge, expected[i].l_edge);
    EXPECT_EQ(to_string(path.irrep), expected[i].irrep);
    EXPECT_EQ(path.out_block, expected[i].out_block);
    EXPECT_EQ(path.out_channel, expected[i].out_channel);
    EXPECT_EQ(path.radial_offset, expected[i].radial_offset);
    EXPECT_TRUE(std::abs(path.coefficient - expected[i].coefficient) <= 1e-15);
  }
  EXPECT_EQ(to_string(op.out), "5x0e + 5x1o");
  EXPECT_EQ(op.n_radial, 10);
}

TEST(MaceLayer, R1HasTenPathsInItsSecondLayer) {
  const EdgeConvolution op = mace::message_product(irreps("64x0e + 64x1o"), 3);
  EXPECT_EQ(op.paths.size(), 10u);
  EXPECT_EQ(to_string(op.out), "128x0e + 192x1o + 192x2e + 128x3o");
}

TEST(MaceLayer, LinearPathsAreNormalizedOverAllBlocksOfAnIrrep) {
  const Linear op = linear(irreps("3x0e + 2x1o + 5x0e"), irreps("4x0e + 1x1o + 1x2e"));
  ASSERT_EQ(op.paths.size(), 3u);
  EXPECT_EQ(op.paths[0].weight_offset, 0);
  EXPECT_EQ(op.paths[1].weight_offset, 12);  // after [3, 4]: input blocks outside
  EXPECT_EQ(op.paths[2].weight_offset, 14);  // after [2, 1]
  EXPECT_EQ(weight_size(op), 34);
  EXPECT_TRUE(std::abs(op.paths[0].scale - 1 / std::sqrt(8.0)) <= 1e-15);
  EXPECT_TRUE(std::abs(op.paths[1].scale - 1 / std::sqrt(2.0)) <= 1e-15);
  const Linear attributed = linear_with_attributes(irreps("3x0e"), 5, irreps("4x0e"));
  EXPECT_EQ(weight_size(attributed), 60);
  EXPECT_TRUE(std::abs(attributed.paths[0].scale - 1 / std::sqrt(15.0)) <= 1e-15);
}

TEST(MaceLayer, LowersToItsOperatorsAndParameters) {
  const LoweredGraph graph = lowered(kOneLayer);
  std::vector<std::string> names;
  for (const ParameterSpec& parameter : graph.parameters) names.push_back(parameter.name);
  const std::vector<std::string> expected = {"radial.basis.bessel_weights",
                                             "embedding.linear.weight",
                                             "conv.interaction.linear_up.weight",
                                             "conv.interaction.conv_tp_weights.layer0.weight",
                                             "conv.interaction.conv_tp_weights.layer1.weight",
                                             "conv.interaction.conv_tp_weights.layer2.weight",
                                             "conv.interaction.conv_tp_weights.layer3.weight",
                                             "conv.interaction.linear.weight",
                                             "conv.product.contraction0.nu1",
                                             "conv.product.contraction0.nu2",
                                             "conv.product.linear.weight",
                                             "conv.interaction.skip_tp.weight",
                                             "readout.linear.weight"};
  EXPECT_EQ(names, expected);
  const EdgeConvolution& op = std::get<EdgeConvolution>(operations<EdgeConvolution>(graph).at(0)->op);
  EXPECT_TRUE(std::abs(op.paths[0].coefficient - 0.1) <= 1e-16);  // 1 / avg_num_neighbors
  EXPECT_EQ(operations<RadialBasis>(graph).size(), 0u);           // absorbed
  const RadialFunctions& radial = std::get<RadialFunctions>(operations<RadialFunctions>(graph).at(0)->op);
  EXPECT_EQ(radial.n_knots, 0);
  EXPECT_EQ(radial.widths, (std::vector<int>{8, 64, 64, 64, 16}));
  EXPECT_EQ(radial.basis.cutoff, 4.0);
}

TEST(MaceLayer, RowsAreNeededOneHopFurtherAtTheSenders) {
  const LoweredGraph graph = lowered(kStaged);
  const auto convolutions = operations<EdgeConvolution>(graph);
  ASSERT_EQ(convolutions.size(), 2u);
  EXPECT_EQ(convolutions[0]->hops, 1);
  EXPECT_EQ(convolutions[1]->hops, 0);
  EXPECT_EQ(graph.n_hops, 2);
  EXPECT_EQ(operations<OneHot>(graph).at(0)->hops, 2);
  EXPECT_EQ(operations<Harmonics>(graph).at(0)->hops, 1);
  EXPECT_EQ(operations<SumAtoms>(graph).at(0)->hops, 0);
}

TEST(MaceLayer, TabulatedNeedsARadialBasis) {
  const std::string tabulated =
      with(kOneLayer, "avg_num_neighbors", "radial: {tabulated: {knots: 64}}, avg_num_neighbors");
  EXPECT_EQ(std::get<RadialFunctions>(operations<RadialFunctions>(lowered(tabulated)).at(0)->op).n_knots, 64);
  const std::string harmonics = with(tabulated, "edge_feats: radial", "edge_feats: geometry.edge_lengths");
  EXPECT_EQ(faults_of(harmonics), Faults({"not-tabulated@13"}));
  const LoweredGraph exact = lowered(with(kOneLayer, "edge_feats: radial", "edge_feats: geometry.edge_lengths"));
  EXPECT_EQ(std::get<Network>(operations<Network>(exact).at(0)->op).widths[0], 1);
}

TEST(MaceLayer, WithoutSelfConnection) {
  const LoweredGraph graph = lowered(with(kOneLayer, "avg_num_neighbors", "use_sc: false, avg_num_neighbors"));
  EXPECT_EQ(operations<Add>(graph).size(), 0u);
  for (const ParameterSpec& parameter : graph.parameters) EXPECT_EQ(parameter.name.find("skip_tp"), std::string::npos);
}

TEST(MaceLayer, WhatFailedInTheOriginalWorks) {
  EXPECT_EQ(faults_of(with_hidden("8x0e", 0, 2)), Faults{});
  EXPECT_EQ(faults_of(with_hidden("8x0e + 8x2o", 2, 2)), Faults{});  // 1o x 2e
  EXPECT_EQ(faults_of(with_hidden("8x1e", 2, 3)), Faults{});         // (1o x 1o -> 2e) x 2e; none of degree 2
  EXPECT_EQ(faults_of(with_hidden("4x0e + 4x1o", 2, 1)), Faults{});
  EXPECT_EQ(faults_of(with_hidden("8x1o", 1, 1)), Faults{});
  EXPECT_EQ(check(with_hidden("8x1o", 1, 1)).irreps("conv"), "8x1o");
}

TEST(MaceLayer, WhatCannotBeIsAnError) {
  EXPECT_EQ(faults_of(with_hidden("8x0e + 4x1o", 1, 2)), Faults{"unequal-multiplicities@12"});
  EXPECT_EQ(faults_of(with_hidden("8x0e + 8x2e", 1, 2)), Faults{"hidden-above-lmax@12"});
  EXPECT_EQ(faults_of(with_hidden("8x0e + 8x1e", 1, 1)), Faults{"unreachable-irrep@12"});
  EXPECT_EQ(faults_of(with_hidden("8x0e", 1, 0)), Faults{"bad-config-value@12"});
  EXPECT_EQ(faults_of(with_hidden("8x0e", 11, 4)), Faults{"too-large@12"});
  EXPECT_EQ(faults_of(with_hidden("", 1, 2)), Faults{"bad-config-value@12"});
  EXPECT_EQ(faults_of(with_hidden("8x0e + 8x1o + 8x0e", 1, 2)), Faults{"bad-config-value@12"});
}

/// L6: independent paths of lmax 1, 2, 3.
TEST(MaceLayer, ContractionWeightsHaveOneRowPerIndependentPath) {
  struct Case {
    int lmax;
    const char* hidden;
    std::vector<int> paths;  // per irrep and degree
  };
  for (const Case& c :
       {Case{1, "8x0e + 8x1o", {1, 2, 2, 1, 1, 2}}, Case{2, "8x0e + 8x1o + 8x2e", {1, 3, 5, 1, 2, 5, 1, 3, 6}},
        Case{3, "8x0e + 8x1o + 8x2e", {1, 4, 8, 1, 3, 12, 1, 5, 14}}}) {
    const LoweredGraph graph = lowered(with_hidden(c.hidden, c.lmax, 3));
    std::vector<int> found;
    for (const ParameterSpec& parameter : graph.parameters) {
      if (parameter.init != ParameterSpec::Init::contraction) continue;
      EXPECT_EQ(parameter.shape[0], 2);
      EXPECT_EQ(parameter.shape[2], 8);
      found.push_back(static_cast<int>(parameter.shape[1]));
    }
    EXPECT_EQ(found, c.paths);
  }
}

}  // namespace
}  // namespace kiln
