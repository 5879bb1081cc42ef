#include "graph/picture.h"

#include <gtest/gtest.h>

#include "layers/testing_graphs.h"

namespace kiln {
namespace {

constexpr const char* kGraph = R"(
model_inputs: {species: "", coords: "", edge_index: {role: edges, cutoff: 3.0}}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}
  mix: {type: AtomwiseLinear, config: {irreps_out_block: [{l: 0, mul: 2}]}, inputs: {h: elements}}
  again: {alias: mix, inputs: {h: mix}}
  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 1}, inputs: {pos: coords, edge_index: edge_index}}
  lengths: {type: ArbitraryModule, config: {target: torch.neg}, inputs: {0: geometry.edge_lengths}}
  lost: {type: AtomwiseLinear, config: {irreps_out_block: [{l: 0, mul: 3}]}, inputs: {h: elements}}
model_outputs: {'the "sum"': again, harmonics: geometry.edge_sh}
)";

std::string drawn() {
  const testing::Checked checked = testing::check(kGraph);
  throw_if_errors(checked.faults, ErrorKind::configuration);
  return graphviz_text(checked.graph, "graph.yaml");
}

void expect_line(const std::string& text, const std::string& line) {
  EXPECT_NE(text.find("  " + line + "\n"), std::string::npos) << line << "\nis not in\n" << text;
}

TEST(Picture, TellsInputsLayersAliasesAndOutputsApart) {
  const std::string text = drawn();
  expect_line(text, R"("input species" [label="species", shape=box, style="filled", fillcolor="#A1D99B"];)");
  expect_line(text,
              R"("layer mix" [label="mix\nAtomwiseLinear", shape=ellipse, style="filled", fillcolor="#9ECAE1"];)");
  expect_line(
      text,
      R"("layer again" [label="again\nAtomwiseLinear\nalias of mix", shape=hexagon, style="filled", fillcolor="#CBC9E2"];)");
  expect_line(text, R"("output harmonics" [label="harmonics", shape=note, style="filled", fillcolor="#FDD0A2"];)");
  expect_line(text, R"("output the \"sum\"" [label="the \"sum\"", shape=note, style="filled", fillcolor="#FDD0A2"];)");
}

TEST(Picture, MarksDanglingLayers) {
  expect_line(
      drawn(),
      R"("layer lost" [label="lost\nAtomwiseLinear\nreaches no output", shape=ellipse, style="filled,dashed", fillcolor="#E0E0E0"];)");
}

TEST(Picture, SaysWhatFlows) {
  const std::string text = drawn();
  expect_line(text, R"("layer mix" -> "layer again" [label="h\n2x0e\n(N, 2)\n0 hops"];)");
  expect_line(text,
              R"("layer geometry" -> "output harmonics" [label="edge_sh\nharmonics\n1x0e + 1x1o\n(E, 4)\n0 hops"];)");
  expect_line(text,
              R"("layer geometry" -> "layer lengths" [label="edge_lengths → 0\nedge_lengths\n1x0e\n(E, 1)\n0 hops"];)");
  expect_line(text, R"("layer mix" -> "layer again" [label="weights", style=dotted, constraint=false];)");
}

}  // namespace
}  // namespace kiln
