// Hints that can be followed: what the file is after doing what they say is right, or wrong for another reason.
#include <gtest/gtest.h>

#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

/// Of the first fault with this code.
Diagnostic fault_in(const std::string& text, const std::string& code) {
  for (const Diagnostic& fault : check(text).faults.list) {
    if (fault.code == code) return fault;
  }
  ADD_FAILURE() << "no " << code << " in\n" << text;
  return {};
}

/// A name that is missing is told unless an unknown one is taken for it.
TEST(Hints, HideNoMissingInputsAndKeys) {
  const std::string one = with(kOneLayer, "node_feats: ", "node_fats: ");
  EXPECT_EQ(faults_of(one), Faults{"unknown-port@15"});
  const std::string both = with(with(kOneLayer, "node_feats: ", "feats: "), ", edge_feats: radial", "");
  EXPECT_EQ(faults_of(both), Faults({"unknown-port@15", "missing-input@11", "missing-input@11"}));
  EXPECT_EQ(faults_of(with(kOneLayer, "num_elems: 2", "nm_elems: 2")), Faults{"unknown-config-key@7"});
  EXPECT_EQ(faults_of(with(kOneLayer, "num_elems: 2", "nm_elems: 2.5")),
            Faults({"unknown-config-key@7", "bad-config-value@7"}));
  EXPECT_EQ(faults_of(with(kOneLayer, "num_elems: 2", "number: 2")),
            Faults({"unknown-config-key@7", "missing-config-key@7"}));
}

TEST(Hints, OfOutputMapsOnOneOutput) {
  const auto mapped = [](const std::string& map) {
    return with(with(kTwo, "inputs: {h: x}}", "inputs: {h: x}, output: " + map + "}"), "{h: a}", "{h: q}");
  };
  const Diagnostic row = fault_in(mapped("{0: q}"), "single-output"),
                   port = fault_in(mapped("{h: q}"), "single-output");
  EXPECT_EQ(row.what, "layer 'a': has one output: 'q' is the whole of it, not its row 0");
  EXPECT_EQ(port.what, "layer 'a': has one output: 'q' is the whole of it");
  EXPECT_EQ(row.hint, "leave the output map out and write 'a' for 'q'");
  EXPECT_EQ(port.hint, row.hint);
  EXPECT_EQ(faults_of(kTwo), Faults{});  // what the hint makes of it
  const std::string relu =
      "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n"
      "  a: {type: ArbitraryModule, config: {target: torch.relu}, inputs: {0: x}, output: {0: q}}\n"
      "model_outputs: {y: q}\n";
  EXPECT_EQ(fault_in(relu, "single-output").hint, row.hint);
}

TEST(Hints, OfArgumentsThatKlayWritesOver) {
  const auto graph = [](const std::string& arguments) {
    return with(kOneLayer, "r_max: 4.0", "r_max: 4.0, basis_kwargs: " + arguments);
  };
  EXPECT_EQ(faults_of(graph("{}")), Faults{});
  EXPECT_EQ(faults_of("compat: klay\n" + graph("{r_max: 5.0}")), Faults{"w no-effect@10"});
  EXPECT_EQ(fault_in(graph("{width: 5.0}"), "bad-config-value").what,
            "layer 'radial': 'width' in 'basis_kwargs' is no argument");
  const Diagnostic fault = fault_in(graph("{r_max: 5.0}"), "no-effect");
  EXPECT_EQ(fault.what, "layer 'radial': 'r_max' in 'basis_kwargs' has no effect");
  EXPECT_EQ(fault.hint,
            "the layer's own keys say it: r_max, num_radial_basis, polynomial_degree, radial_basis_trainable");
}

TEST(Hints, OfForms) {
  const auto graph = [](const std::string& layer, const std::string& output = "a") {
    return "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n  a: " + layer + "\nmodel_outputs: {y: " + output +
           "}\n";
  };
  const std::string relu = "{type: ArbitraryModule, config: {target: torch.relu}, inputs: {0: x}}";
  EXPECT_EQ(faults_of(graph(relu)), Faults{});
  EXPECT_EQ(fault_in(graph(relu, "a."), "bad-reference").hint, "write 'a', or name a port");
  EXPECT_EQ(fault_in(with(graph(relu), "{0: x}", "{0: x, 2: x}"), "port-hole").hint,
            "number the ports one after another: 0, 1, …");
  EXPECT_EQ(fault_in(with(graph(relu), "{0: x}", "[x]"), "wrong-kind").hint,
            "write inputs: {PORT: LAYER, …}; ports are names, or numbers counting from 0");
  EXPECT_EQ(fault_in(graph("7"), "wrong-kind").hint,
            "write 'a: {type: TYPE, inputs: {…}}'; `kiln layers` lists the types");
  EXPECT_EQ(fault_in("model_layers: 3\n", "wrong-kind").hint, "write NAME: {type: TYPE, …} for each layer");
  const std::string directed = "{role: edges, directed: true, receiver: 0}";
  EXPECT_EQ(
      fault_in(with(kOneLayer, "edge_index: \"Tensor (2,E)\"", "edge_index: " + directed), "wrong-direction").hint,
      "if the list is written so, declare it with receiver: 1; else exchange its rows");
}

TEST(Hints, OfTwoOutputMaps) {
  const auto outputs = [](const std::string& keys) {
    return with(kTwo, "inputs: {h: x}}", "inputs: {h: x}, " + keys + "}");
  };
  EXPECT_EQ(fault_in(outputs("outputs: {0: q}"), "unknown-key").hint, "Did you mean 'output'?");
  EXPECT_EQ(fault_in(outputs("outputs: {0: q}, output: {0: p}"), "unknown-key").hint,
            "the layer has an 'output' already: write all entries there");
}

/// Left out, the irreps would be those that the owner reads, and the alias would still not fit.
TEST(Hints, OfIrrepsThatAnAliasReads) {
  const std::string text = with(kTwo, "irreps_out_block: 4x0e", "irreps_in_block: 4x0e, irreps_out_block: 2x0e");
  const std::string alike = "a layer and its aliases share their weights, so their inputs must be alike";
  EXPECT_EQ(fault_in(text, "block-mismatch").hint.substr(0, alike.size()), alike);
  const std::string own =
      with(kOneLayer, "irreps_out_block: \"8x0e\"", "irreps_in_block: 3x0e, irreps_out_block: 8x0e");
  EXPECT_EQ(fault_in(own, "block-mismatch").hint, "leave 'irreps_in_block' out: it is inferred");
}

TEST(Hints, OfNamesInAnotherForm) {
  EXPECT_EQ(fault_in(with(kTwo, "alias: a", "alias: model_layers.a"), "bad-alias").hint, "write 'a'");
  EXPECT_EQ(fault_in(with(kTwo, "alias: a", "alias: a.h"), "bad-alias").hint, "write 'a'");
  EXPECT_EQ(fault_in(with(kTwo, "alias: a", "alias: \"${model_layers.a}\""), "wrong-kind").hint,
            "write the name of the layer whose module is called");
  const std::string frozen = with(kTwo, "inputs: {h: x}}", "inputs: {h: x}, freeze: linear.weight}");
  EXPECT_EQ(fault_in(frozen, "wrong-kind").hint, "write freeze: [linear.weight]");
  EXPECT_EQ(faults_of(with(frozen, "freeze: linear.weight", "freeze: [linear.weight]")), Faults{});
  EXPECT_EQ(fault_in(with(kTwo, "type: AtomwiseLinear", "type: \"???\""), "unknown-layer").hint,
            "'\?\?\?' is a value that must be given; `kiln layers` lists the types");
  EXPECT_EQ(fault_in(with(kTwo, "type: AtomwiseLinear", "type: ConvNetLayer"), "unknown-layer").hint,
            "KLay has this layer, Kiln has not yet; `kiln layers` lists what there is");
}

/// YAML takes them for booleans.
TEST(Hints, OfNamesLikeOnAndOff) {
  const std::string quoted = "YAML takes off for a boolean: if it is a name, write 'off' in quotes";
  const std::string text = with(kTwo, "  a:", "  off:");
  EXPECT_EQ(fault_in(with(with(text, "alias: a", "alias: 'off'"), "{h: a}", "{h: off}"), "wrong-kind").hint, quoted);
  EXPECT_EQ(fault_in(with(text, "alias: a", "alias: off"), "wrong-kind").hint, quoted);
  EXPECT_EQ(fault_in(with(kTwo, "{y: b}", "{y: off}"), "wrong-kind").hint, quoted);
  EXPECT_EQ(fault_in(with(kTwo, "inputs: {h: x}}", "inputs: {h: x}, output: {0: off}}"), "bad-name").hint, quoted);
  EXPECT_EQ(faults_of(with(with(with(text, "alias: a", "alias: 'off'"), "{h: a}", "{h: 'off'}"), "{y: b}", "{y: b}")),
            Faults{});  // what the hint makes of it
}

TEST(Hints, OfAliasesOfOutputNames) {
  const std::string text = with(with(kTwo, "{h: x}}", "{h: x}, output: {h: q}}"), "alias: a", "alias: q");
  const Diagnostic fault = fault_in(text, "bad-alias");
  EXPECT_EQ(fault.what, "alias 'b' points to 'q', which is an output of the layer 'a', not a layer");
  EXPECT_EQ(fault.hint, "write 'a'");
}

TEST(Hints, OfKeysThatGoWithOthers) {
  for (const auto& [key, partner] :
       {std::pair("carry: h", "repeat"), std::pair("share: true", "repeat"), std::pair("params: {}", "include")}) {
    const Diagnostic fault =
        fault_in(with(kTwo, "inputs: {h: x}}", std::string("inputs: {h: x}, ") + key + "}"), "unknown-key");
    const std::string name = std::string(key).substr(0, std::string(key).find(':'));
    EXPECT_EQ(fault.what, "layer 'a': '" + name + "' goes with '" + partner + "'");
    EXPECT_EQ(fault.hint, std::string("add '") + partner + "' or remove '" + name + "'");
  }
}

TEST(Hints, OfStagesOneHopOut) {
  const std::string swapped =
      with(with(kStaged, "vectors: geometry1.0", "vectors: geometry0.0"),
           "edge_feats: radial1, edge_index: edge_index1", "edge_feats: radial0, edge_index: edge_index0");
  EXPECT_NE(fault_in(swapped, "swapped-stages").what.find("is needed 1 hop out, but"), std::string::npos);
}

TEST(Hints, OfTargets) {
  const auto hint = [](const std::string& target) {
    return fault_in(
               "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n  a: {type: ArbitraryModule, config: {target: " +
                   target + "}, inputs: {0: x}}\nmodel_outputs: {y: a}\n",
               "unknown-target")
        .hint;
  };
  EXPECT_EQ(hint("torch.save").find("Did you mean"), std::string::npos);
  EXPECT_EQ(hint("torch.relo"), "Did you mean 'torch.relu'?");
}

TEST(Hints, OfAGraphWithoutInputsAndOutputs) {
  const std::string text = "model_layers:\n  a: {type: ScalarReadout}\n";
  EXPECT_EQ(faults_of(text), Faults{});
  EXPECT_EQ(fault_in(text + "model_outputs: {}\n", "no-outputs").what, "the graph has neither inputs nor outputs");
  EXPECT_EQ(fault_in(text + "model_inputs: {x: }\n", "no-outputs").what, "the graph has inputs but no outputs");
}

}  // namespace
}  // namespace kiln
