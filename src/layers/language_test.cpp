// What the language settles where KLay ignores, overwrites or dies: one test per decision.
#include <gtest/gtest.h>

#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

TEST(Language, InputsMayBeAListOfNames) {
  const std::string layers = kOneLayer.substr(kOneLayer.find("model_layers:"));
  const Checked checked = check("model_inputs: [species, coords, edge_index, contributions, shift]\n" + layers);
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_EQ(lower_graph(checked.graph).model_inputs,
            (std::vector<std::string>{"species", "coords", "edge_index", "contributions", "shift"}));
  EXPECT_EQ(faults_of(with(kTwo, "{x: {shape: [N, 4]}}", "[x, {y: 1}]")), Faults({"wrong-kind@1", "unknown-irreps@3"}));
}

TEST(Language, OutputNamesAreFreeText) {
  const Checked checked = check(with(kTwo, "{y: b}", "{\"total energy [eV]\": b, 1: a, lambda: x}"));
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_EQ(lower_graph(checked.graph).outputs[0].name, "total energy [eV]");
}

TEST(Language, NamesOfInputsAndLayersAreIdentifiers) {
  for (const char* name : {"self", "lambda", "forward", "training", "_x1"}) {
    EXPECT_EQ(faults_of(with(with(kTwo, "{x:", "{" + std::string(name) + ":"), "h: x", "h: " + std::string(name))),
              Faults{})
        << name;
  }
  for (const char* name : {"z-1", "a.b", "1x", "ä"}) {
    EXPECT_EQ(faults_of(with(kTwo, "{x:", "{" + std::string(name) + ": , x:"))[0], "bad-name@1") << name;
  }
}

TEST(Language, SectionsThatAreNull) {
  EXPECT_EQ(faults_of("model_params:\n" + kTwo), Faults{});
  EXPECT_EQ(faults_of(with(kTwo, " {x: {shape: [N, 4]}}", ""))[0], "wrong-kind@1");
  EXPECT_EQ(faults_of(with(kTwo, " {y: b}", "")), Faults{"wrong-kind@5"});
  EXPECT_EQ(faults_of("model_inputs: {x: }\nmodel_layers:\nmodel_outputs: {y: x}\n"), Faults{"wrong-kind@2"});
}

TEST(Language, KeysThatAreNullAreLeftOut) {
  const std::string text = with(kTwo, "b: {alias: a, ", "b: {alias: a, output: , ");
  EXPECT_EQ(faults_of(text), Faults{});
  EXPECT_EQ(faults_of(with(kOneLayer, "type: ScalarReadout,", "type: ScalarReadout, config: , output: ,")), Faults{});
}

TEST(Language, TagsOfYamlsCoreAreHonored) {
  EXPECT_EQ(faults_of(with(kOneLayer, "num_elems: 2", "num_elems: !!int \"2\"")), Faults{});
  EXPECT_EQ(faults_of(with(kOneLayer, "num_elems: 2", "num_elems: !!python/int 2"))[0], "foreign-tag@7");
}

TEST(Language, ColumnsCountCharacters) {
  const Checked checked = check(with(kTwo, "  b: {alias: a, inputs: {h: a}}", "  b: {inputs: {\"ää\": a}, alias: a}"));
  ASSERT_EQ(checked.faults.list.at(0).code, "unknown-port");
  EXPECT_EQ(checked.faults.list[0].where.column, 16);
}

/// What KLay ignores silently is an error that says so, and with `compat: klay` a warning.
TEST(Language, WhatKlayIgnores) {
  struct Case {
    std::string text, fault;
  };
  const std::vector<Case> cases = {
      {with(kTwo, "inputs: {h: x}}", "inputs: {h: x}, outputs: {0: c}}"), "unknown-key@3"},
      {with(kTwo, "inputs: {h: x}}", "inputs: {h: x}, note: 1}"), "unknown-key@3"},
      {with(kTwo, "{alias: a, ", "{alias: a, type: Other, "), "alias-with-type@4"},
      {with(kTwo, "{alias: a, ", "{alias: a, config: {k: 1}, "), "alias-with-type@4"},
      {with(kTwo, "{alias: a, ", "{alias: a, config: , "), "alias-with-type@4"},
      {with(kTwo, "{alias: a, ", "{alias: a, config: 5, "), "alias-with-type@4"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(faults_of(c.text)[0], c.fault) << c.text;
    const std::string klay = c.text + "compat: klay\n";
    EXPECT_EQ(faults_of(klay), Faults{"w " + c.fault}) << klay;
    EXPECT_EQ(check(klay).graph.outputs.size(), 1u);
  }
  EXPECT_EQ(faults_of(with(kTwo, "inputs: {h: a}}", "inputs: {false: a}}")), Faults{"bad-port@4"});
  EXPECT_EQ(faults_of(with(kTwo, "inputs: {h: a}}", "inputs: {false: a}}") + "compat: klay\n"), Faults{"w bad-port@4"});
  EXPECT_EQ(faults_of(with(kTwo, "inputs: {h: x}}", "inputs: {0: x, '0': x}}")), Faults{"duplicate-port@3"});
  EXPECT_EQ(faults_of("extra: 1\n" + kTwo), Faults{"w unknown-section@1"});
}

/// One fault is told once: nothing that follows from it.
TEST(Language, NoFollowers) {
  const auto two = [](const std::string& inputs) { return with(kTwo, "inputs: {h: x}}", inputs + "}"); };
  EXPECT_EQ(faults_of(two("inputs: x")), Faults{"wrong-kind@3"});
  EXPECT_EQ(faults_of(two("inputs: {h: []}")), Faults{"wrong-kind@3"});
  EXPECT_EQ(faults_of(two("inputs: {h: [5]}")), Faults{"wrong-kind@3"});
  EXPECT_EQ(faults_of(two("inputs: {-1: x}")), Faults{"bad-port@3"});
  EXPECT_EQ(faults_of(two("inputs: {'-1': x}")), Faults{"bad-port@3"});
  EXPECT_EQ(faults_of(two("inputs: {0: x, '00': x}")), Faults{"duplicate-port@3"});
  const std::string add =
      "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n"
      "  s: {type: ArbitraryModule, config: {target: torch.add}, inputs: {0: x, 1: x}}\nmodel_outputs: {y: s}\n";
  EXPECT_EQ(faults_of(add), Faults{});
  EXPECT_EQ(faults_of(with(add, "1: x", "'0': x")), Faults{"duplicate-port@3"});
  EXPECT_EQ(faults_of(with(add, "1: x", "0: x")), Faults{"duplicate-key@3"});
  EXPECT_EQ(faults_of(with(add, "1: x", "true: x")), Faults{"bad-port@3"});
  EXPECT_EQ(faults_of(with(add, "1: x", "2: x")), Faults{"port-hole@3"});
  EXPECT_EQ(faults_of(with(add, "config: {target: torch.add}", "config: torch.add")), Faults{"wrong-kind@3"});
}

/// One name, one thing: what KLay overwrites is an error with both places (klay_overwrites_test.cpp: what it is with
/// `compat: klay`).
TEST(Language, WhatKlayOverwrites) {
  for (const auto& [name, is] : {std::pair{"a", "a layer"}, {"b", "a layer"}, {"x", "a model input"}}) {
    const Checked checked = check(with(kTwo, "{alias: a, ", "{alias: a, output: {0: " + std::string(name) + "}, "));
    const Diagnostic& fault = checked.faults.list.at(0);
    EXPECT_EQ(fault.code, "name-clash");
    EXPECT_EQ(fault.what, "output name '" + std::string(name) + "' has the name of " + is);
    EXPECT_NE(fault.hint.find("m.yaml:"), std::string::npos);
  }
  const Checked twice = check(with(with(kTwo, "inputs: {h: x}}", "inputs: {h: x}, output: {0: c}}"), "inputs: {h: a}}",
                                   "inputs: {h: a}, output: {0: c}}"));
  EXPECT_EQ(faults_of(twice)[0], "name-clash@4");
  EXPECT_EQ(twice.faults.list[0].what, "output name 'c' has the name of another output");
  EXPECT_EQ(faults_of(with(kTwo, "{y: b}", "{1: a, '1': b}")), Faults{"name-clash@5"});
  for (const char* compat : {"", "compat: klay\n"})
    EXPECT_EQ(faults_of(with(kTwo, "inputs: {h: x}}", "inputs: {h: x}, output: {0: model_inputs}}") + compat)[0],
              "name-clash@3");
}

}  // namespace
}  // namespace kiln
