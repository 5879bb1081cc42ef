// Ways of writing a graph, right and wrong, that users of KLay's language have met; GLn numbers them.
#include <gtest/gtest.h>

#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

/// Layers of one linear map each, wired as told: "name: source" or "name=target: source" for an alias.
std::string chain(const std::vector<std::string>& layers, const std::string& output) {
  std::string text = "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n";
  for (const std::string& layer : layers) {
    const std::size_t colon = layer.find(": "), equal = layer.find('=');
    const std::string name = layer.substr(0, std::min(colon, equal)), source = layer.substr(colon + 2);
    const std::string what = equal < colon
                                 ? "alias: " + layer.substr(equal + 1, colon - equal - 1)
                                 : "type: AtomwiseLinear, config: {irreps_in_block: 4x0e, irreps_out_block: 4x0e}";
    text += "  " + name + ": {" + what + ", inputs: {h: " + source + "}}\n";
  }
  return text + "model_outputs: {y: " + output + "}\n";
}

std::string owner_of(const Checked& checked, const std::string& name) {
  for (const CheckedLayer& layer : checked.graph.layers) {
    if (layer.name == name) return layer.weight_owner;
  }
  return "";
}

const Diagnostic& only_fault(const Checked& checked) {
  EXPECT_EQ(checked.faults.list.size(), 1u);
  return checked.faults.list.at(0);
}

TEST(Scenario, GL2_AnAliasMayStandBeforeItsTarget) {
  const Checked checked = check(chain({"b=a: a", "a: x"}, "b"));
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_EQ(owner_of(checked, "b"), "a");
  const LoweredGraph graph = lower_graph(checked.graph);
  ASSERT_EQ(graph.parameters.size(), 1u);
  EXPECT_EQ(graph.parameters[0].name, "a.linear.weight");
  EXPECT_EQ(operations<Linear>(graph).size(), 2u);
}

TEST(Scenario, GL3_AnAliasOfAnAliasIsFollowed) {
  const Checked checked = check(chain({"a: x", "b=a: a", "c=b: b"}, "c"));
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_EQ(owner_of(checked, "c"), "a");
}

TEST(Scenario, GL4_AliasesThatLeadNowhere) {
  EXPECT_NE(only_fault(check(chain({"a: x", "b=b: a"}, "a"))).what.find("'b' is an alias of itself"),
            std::string::npos);
  const Checked unknown = check(chain({"dense: x", "b=dens: dense"}, "dense"));
  EXPECT_NE(only_fault(unknown).what.find("'b' points to 'dens'"), std::string::npos);
  EXPECT_NE(only_fault(unknown).hint.find("dense"), std::string::npos);
  EXPECT_EQ(only_fault(unknown).where.line, 4);
  const Checked output = check(with(chain({"a: x", "b=o: a"}, "a"), "h: x}}", "h: x}, output: {0: o}}"));
  EXPECT_NE(output.faults.list.front().what.find("an output of the layer 'a', not a layer"), std::string::npos);
  EXPECT_EQ(faults_of(with(chain({"a: x", "b=a: a"}, "a"), "alias: a", "alias: null")), Faults{"wrong-kind@4"});
  EXPECT_NE(only_fault(check(chain({"a=b: x", "b=c: x", "c=a: x"}, "x")))
                .what.find("a (line 3) -> b (line 4) -> c (line 5) -> a"),
            std::string::npos);
}

TEST(Scenario, GL5_CyclesAreShownWithTheirLines) {
  const Checked self = check(chain({"a: a"}, "a"));
  EXPECT_NE(only_fault(self).what.find("a (line 3) <- a"), std::string::npos);
  const Checked two = check(chain({"a: b", "b: a", "c: b"}, "c"));
  EXPECT_EQ(only_fault(two).code, "cycle");
  EXPECT_NE(only_fault(two).what.find("a (line 3) <- b (line 4) <- a"), std::string::npos);
  const Checked named = check(with(chain({"a: o", "b: a"}, "b"), "h: a}}", "h: a}, output: {0: o}}"));
  EXPECT_EQ(faults_of(named), Faults({"w single-output@4", "cycle@3"}));
  const Checked apart = check(chain({"a: a", "b: c", "c: b", "d: x"}, "d"));
  EXPECT_EQ(faults_of(apart), Faults({"cycle@3", "cycle@4"}));
}

TEST(Scenario, GL6_MisspeltPorts) {
  const Checked old = check(with(kOneLayer, "edge_lengths: geometry.1", "edge_length: geometry.1"));
  EXPECT_EQ(faults_of(old), Faults{"w deprecated-port@9"});
  const Checked wrong = check(with(kOneLayer, "edge_lengths: geometry.1", "edge_lenght: geometry.1"));
  EXPECT_EQ(only_fault(wrong).code, "unknown-port");
  EXPECT_EQ(only_fault(wrong).where.line, 9);
  EXPECT_NE(only_fault(wrong).hint.find("Did you mean 'edge_lengths'?"), std::string::npos);
}

/// That the numbers are those of zero shifts is shown on both engines by `kiln run`.
TEST(Scenario, GL7_ShiftIsOptional) {
  EXPECT_EQ(faults_of(kOneLayer), Faults{});
  EXPECT_EQ(check(kOneLayer).graph.geometry[0].shift, "shift");
  EXPECT_EQ(lowered(kOneLayer).geometry[0].shift, "shift");
  const std::string unshifted = with(kOneLayer, ", shift: shift}}", "}}");
  EXPECT_EQ(faults_of(unshifted), Faults({"w missing-shift@8", "w unused-input@5"}));
  EXPECT_EQ(lowered(unshifted).geometry[0].shift, "");
  EXPECT_EQ(faults_of(with(kOneLayer, "pos: coords, ", "")), Faults{"missing-input@8"});
}

TEST(Scenario, GL8_PositionalPorts) {
  const auto wired = [](const std::string& ports) {
    return check(with(kOneLayer, "{pos: coords, edge_index: edge_index, shift: shift}", ports));
  };
  for (const char* ports : {"{0: coords, 1: edge_index, 2: shift}", "{2: shift, 1: edge_index, 0: coords}",
                            "{'1': edge_index, '0': coords, '2': shift}", "{10: edge_index, 9: coords, 11: shift}",
                            "{0: coords, edge_index: edge_index, shift: shift}"}) {
    EXPECT_EQ(faults_of(wired(ports)), Faults{}) << ports;
  }
  EXPECT_EQ(faults_of(wired("{0: coords, 2: edge_index}")), Faults{"port-hole@8"});
  EXPECT_EQ(faults_of(wired("{0: coords, '0': edge_index}"))[0].substr(0, 9), "duplicate");
  EXPECT_EQ(faults_of(wired("{0: coords, pos: coords, edge_index: edge_index}")), Faults{"duplicate-port@8"});
  EXPECT_EQ(faults_of(wired("{0: coords, 1: edge_index, 2: coords, 3: coords}")),
            Faults({"unknown-port@8", "wrong-input@8"}));
}

TEST(Scenario, GL9_TheSameFieldIntoTwoPorts) {
  EXPECT_EQ(faults_of(with(kOneLayer, "src: readout,", "src: [readout, readout],")), Faults{});
}

TEST(Scenario, GL10_DottedReferences) {
  EXPECT_EQ(faults_of(with(kOneLayer, "geometry.1", "geometry.edge_lengths")), Faults{});
  EXPECT_EQ(faults_of(with(kOneLayer, "energy: total\n", "energy: total\n  lengths: geometry.1\n")), Faults{});
  EXPECT_EQ(faults_of(with(kOneLayer, "h: elements}", "h: elements.zzz}")), Faults{"unknown-output@10"});
  EXPECT_EQ(faults_of(with(kOneLayer, "geometry.1", "geometry.3")), Faults{"unknown-output@9"});
  EXPECT_EQ(faults_of(with(kOneLayer, "geometry.1", "geometry.edge_lenghts")), Faults{"unknown-output@9"});
  EXPECT_EQ(faults_of(with(kOneLayer, "geometry.1", "geometry")), Faults{"several-outputs@9"});
  for (const char* suffix : {"0", "one_hot", "x"}) {
    EXPECT_EQ(faults_of(with(kOneLayer, "h: elements}", std::string("h: elements.") + suffix + "}")),
              Faults{"w needless-suffix@10"});
  }
}

TEST(Scenario, GL11_Index0OfOneTensorIsTheTensor) {
  const Checked checked = check(with(chain({"a: x", "b: o"}, "b"), "h: x}}", "h: x}, output: {0: o}}"));
  EXPECT_EQ(faults_of(checked), Faults{"w single-output@3"});
  EXPECT_EQ(checked.irreps("b"), "4x0e");
}

TEST(Scenario, GL12_PartialAndFullOutputMaps) {
  for (const char* map : {"{1: lengths}", "{edge_lengths: lengths}", "{0: v, 1: lengths, 2: sh}", "{-2: lengths}"}) {
    std::string text = with(kOneLayer, "shift: shift}}", std::string("shift: shift}, output: ") + map + "}");
    text = with(text, "geometry.1", "lengths");
    EXPECT_EQ(faults_of(text), Faults{}) << map;
    EXPECT_EQ(to_string(lowered(text)), to_string(lowered(kOneLayer))) << map;
  }
  EXPECT_EQ(faults_of(with(kOneLayer, "shift: shift}}", "shift: shift}, output: {3: a, edge_len: b}}")),
            Faults({"unknown-output@8", "unknown-output@8"}));
}

TEST(Scenario, GL15_DuplicateLayers) {
  const Checked checked = check(chain({"a: x", "b: a", "a: b"}, "b"));
  EXPECT_EQ(only_fault(checked).where.line, 5);
  EXPECT_NE((only_fault(checked).what + only_fault(checked).hint).find("3"), std::string::npos);
}

TEST(Scenario, GL17_FoundBeforeRunning) {
  EXPECT_EQ(faults_of(chain({"a: x"}, "a")), Faults{});
  EXPECT_EQ(faults_of(with(chain({"a: x"}, "a"), "[N, 4]", "[N, 2]")), Faults{"wrong-width@3"});
  EXPECT_EQ(faults_of(with(chain({"a: x", "b: a"}, "b"), "irreps_out_block: 4x0e", "irreps_out_block: 3x0e")),
            Faults{"block-mismatch@4"});
}

TEST(Scenario, GL19_Outputs) {
  const Checked checked = check(with(chain({"a: x"}, "a"), "{y: a}", "{y: a, z: model_inputs.x, w: x}"));
  EXPECT_EQ(faults_of(checked), Faults{});
  const LoweredGraph graph = lower_graph(checked.graph);
  ASSERT_EQ(graph.outputs.size(), 3u);
  EXPECT_EQ(graph.outputs[1].field, graph.inputs[0].field);
  EXPECT_EQ(graph.outputs[2].field, graph.inputs[0].field);
}

TEST(Scenario, GL20_InputsWithoutOutputs) {
  EXPECT_EQ(faults_of(with(chain({"a: x"}, "a"), "model_outputs: {y: a}", "")), Faults{"no-outputs@1"});
  EXPECT_EQ(faults_of(with(chain({"a: x"}, "a"), "{y: a}", "{}")), Faults{"no-outputs@4"});
  EXPECT_EQ(faults_of(chain({"a: x", "b: a"}, "a")), Faults{"w dangling-layer@4"});
  EXPECT_EQ(faults_of(chain({"a: x", "b=a: a"}, "a")), Faults{"w dangling-alias@4"});
}

TEST(References, WrongFormsHaveHints) {
  const Checked checked = check(with(kOneLayer, "h: elements}", "h: model_layers.elements}"));
  EXPECT_EQ(only_fault(checked).code, "bad-reference");
  EXPECT_NE(only_fault(checked).hint.find("'elements'"), std::string::npos);
  EXPECT_EQ(only_fault(check(with(kOneLayer, "h: elements}", "h: model_inputs.specis}"))).hint,
            "Did you mean 'species'?");
  EXPECT_EQ(faults_of(with(kOneLayer, "x: species}", "x: species.0}")), Faults{"w needless-suffix@7"});
  EXPECT_EQ(faults_of(with(kOneLayer, "x: species}", "x: [species]}")), Faults{"not-a-list@7"});
}

TEST(LA1, StagesAreOneEdgeSet) {
  const Checked checked = check(kStaged);
  ASSERT_EQ(checked.graph.edge_sets.size(), 1u);
  EXPECT_EQ(checked.graph.geometry[0].edge_index, "edge_index1");  // the largest holds the others
  const LoweredGraph graph = lower_graph(checked.graph);
  EXPECT_EQ(graph.model_inputs, (std::vector<std::string>{"species", "coords", "edge_index0", "edge_index1",
                                                          "contributions", "shift0", "shift1"}));
  EXPECT_EQ(operations<Harmonics>(graph).size(), 1u);
  EXPECT_EQ(operations<EdgeLengths>(graph).size(), 1u);
}

TEST(LA1, AMissingShiftIsToldOnceForAllStages) {
  const std::string first = with(kStaged, ", shift: shift0}", "}"), none = with(first, ", shift: shift1}", "}");
  EXPECT_EQ(faults_of(first), Faults({"w missing-shift@9", "w unused-input@6"}));
  EXPECT_EQ(faults_of(with(kStaged, ", shift: shift1}", "}")), Faults({"w missing-shift@10", "w unused-input@6"}));
  EXPECT_EQ(faults_of(none), Faults({"w missing-shift@9", "w unused-input@6", "w unused-input@6"}));
}

TEST(LA1, SwappedStagesAreDetected) {
  std::string text = with(kStaged, "geometry1.0, node_feats: embedding", "geometry0.0, node_feats: embedding");
  text = with(text, "edge_feats: radial1, edge_index: edge_index1", "edge_feats: radial0, edge_index: edge_index0");
  text = with(text, "geometry0.0, node_feats: conv1", "geometry1.0, node_feats: conv1");
  const std::size_t second = text.find("conv2:");
  text = text.substr(0, second) +
         with(text.substr(second), "radial0, edge_index: edge_index0", "radial1, edge_index: edge_index1");
  const Checked checked = check(text);
  EXPECT_EQ(only_fault(checked).code, "swapped-stages");
  EXPECT_NE(only_fault(checked).what.find("'conv1'"), std::string::npos);
}

}  // namespace
}  // namespace kiln
