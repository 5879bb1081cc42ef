#include <gtest/gtest.h>

#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

std::string with_edges(const std::string& role) {
  return with(kOneLayer, "edge_index: \"Tensor (2,E)\"", "edge_index: " + role);
}

TEST(EdgeSets, AGivenCutoffStandsOverTheLayers) {
  const Checked checked = check(with_edges("{role: edges, cutoff: 6.0}"));
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_EQ(checked.graph.edge_sets[0].cutoff, 6.0);
  EXPECT_EQ(checked.graph.influence_distance, 6.0);
}

TEST(EdgeSets, ALayerMayNotReachBeyondTheCutoff) {
  EXPECT_EQ(faults_of(with_edges("{role: edges, cutoff: 3.5}")), Faults{"beyond-cutoff@9"});
}

TEST(EdgeSets, ALayerAtFaultMayNotReachBeyondTheCutoffEither) {
  const std::string text = with_edges("{role: edges, cutoff: 3.5}");
  EXPECT_EQ(faults_of(with(text, "r_max: 4.0", "r_max: 4.0, num_radial_basis: 0")),
            Faults({"bad-config-value@9", "beyond-cutoff@9"}));
  EXPECT_EQ(faults_of(with(text, "r_max: 4.0", "r_max: 4.0, foo: 0")),
            Faults({"unknown-config-key@9", "beyond-cutoff@9"}));
  EXPECT_EQ(faults_of(with(text, "r_max: 4.0", "r_max: four")), Faults{"bad-config-value@9"});
}

/// Which edges are meant is not known.
TEST(EdgeSets, OfALayerThatReadsWhatItDoesNotTakeNothingIsSaid) {
  const std::string text =
      with(with_edges("{role: edges, cutoff: 3.5}"), "edge_lengths: geometry.1", "edge_lengths: shift");
  EXPECT_EQ(faults_of(text), Faults{"wrong-input@9"});
}

TEST(EdgeSets, SeveralCandidatesAreAnError) {
  const Checked checked = check(with(with(kOneLayer, "  embedding:",
                                          "  other: {type: RadialBasisEdgeEncoding, config: {r_max: 5}, inputs: "
                                          "{edge_lengths: geometry.1}}\n  embedding:"),
                                     "energy: total\n", "energy: total\n  o: other\n"));
  EXPECT_EQ(faults_of(checked), Faults{"several-cutoffs@4"});
  EXPECT_NE(checked.faults.list[0].what.find("4 Å (layer 'radial'), 5 Å (layer 'other')"), std::string::npos);
}

TEST(EdgeSets, WithoutACutoffValidateWarns) {
  const std::string text =
      "model_inputs: {pos: , edge_index: , shift: }\n"
      "model_layers: {g: {type: SphericalHarmonicEdgeAttrs, inputs: {0: pos, 1: edge_index, 2: shift}}}\n"
      "model_outputs: {sh: g.2}\n";
  EXPECT_EQ(faults_of(text), Faults{"w no-cutoff@1"});
  EXPECT_EQ(check(text).graph.edge_sets[0].cutoff, 0.0);
}

TEST(EdgeSets, HalfAndDirectedLists) {
  EXPECT_EQ(faults_of(with_edges("{role: edges, storage: half}")), Faults({"half-list@8", "half-list@15"}));
  EXPECT_EQ(faults_of(with_edges("{role: edges, directed: true, receiver: 0}")), Faults{"wrong-direction@15"});
  EXPECT_EQ(faults_of(with_edges("{role: edges, directed: true, receiver: 1}")), Faults{});
}

TEST(EdgeSets, AShiftBelongsToOneEdgeSet) {
  std::string text = with(kOneLayer, "  contributions:", "  edges_far: {role: edges, cutoff: 9.0},\n  contributions:");
  text = with(text, "  embedding:",
              "  far: {alias: geometry, inputs: {pos: coords, edge_index: edges_far, shift: shift}}\n  embedding:");
  text = with(text, "energy: total\n", "energy: total\n  far: far.1\n");
  const Checked checked = check(text);
  ASSERT_EQ(checked.faults.n_errors(), 1u);
  EXPECT_EQ(checked.faults.list[0].code, "two-geometries");
  EXPECT_EQ(checked.faults.list[0].what,
            "layer 'far': 'shift' is the shift of the edges 'edge_index' already, and cannot be that of 'edges_far', "
            "too");
}

TEST(EdgeSets, EdgeInputsOfALayerBelongTogether) {
  std::string text = with(kOneLayer, "  contributions:", "  edges_far: {role: edges},\n  contributions:");
  text = with(text, "edge_feats: radial, edge_index: edge_index", "edge_feats: radial, edge_index: edges_far");
  EXPECT_EQ(faults_of(text), Faults({"another-edge-set@16", "another-edge-set@16"}));
}

TEST(EdgeSets, DifferentCutoffsStaySeparate) {
  std::string text = with(
      kOneLayer, "  contributions:", "  edges_far: {role: edges, cutoff: 9.0},\n  shift_far: '',\n  contributions:");
  text = with(text, "  embedding:",
              "  far: {alias: geometry, inputs: {pos: coords, edge_index: edges_far, shift: shift_far}}\n  embedding:");
  text = with(text, "energy: total\n", "energy: total\n  far: far.1\n");
  const Checked checked = check(text);
  EXPECT_EQ(faults_of(checked), Faults{});
  ASSERT_EQ(checked.graph.edge_sets.size(), 2u);
  EXPECT_EQ(checked.graph.edge_sets[1].cutoff, 9.0);
  EXPECT_EQ(operations<EdgeLengths>(lower_graph(checked.graph)).size(), 2u);
  const std::string unshifted = with(with(text, ", shift: shift_far}", "}"), ", shift: shift}", "}");
  EXPECT_EQ(faults_of(unshifted),
            Faults({"w missing-shift@10", "w missing-shift@12", "w unused-input@6", "w unused-input@7"}));
}

TEST(EdgeSets, OneGeometryPerEdgeSet) {
  std::string text =
      with(kOneLayer,
           "  embedding:", "  again: {alias: geometry, inputs: {pos: coords, edge_index: edge_index}}\n  embedding:");
  text = with(text, "energy: total\n", "energy: total\n  o: again.1\n");
  EXPECT_EQ(faults_of(text), Faults{"two-geometries@10"});
}

}  // namespace
}  // namespace kiln
