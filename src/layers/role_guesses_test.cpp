#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

/// The role of the only input, which one target reads.
std::string role_of(const std::string& input, const std::string& config) {
  const std::string name = input.substr(0, input.find(':'));
  const Checked checked = check("model_inputs: {" + input + "}\nmodel_layers:\n  a: {type: ArbitraryModule, config: {" +
                                config + "}, inputs: {0: " + name + "}}\nmodel_outputs: {y: a}\n");
  std::string codes;
  for (const Diagnostic& fault : checked.faults.list) codes += " " + fault.code;
  if (checked.faults.has_errors()) return codes;
  return to_string(checked.graph.inputs.at(0).meaning) + codes;
}

TEST(RoleGuesses, WhatOnlyTargetsReadIsAnyTensor) {
  const std::string linear = "target: torch.nn.Linear, args: [5, 2]";
  for (const char* name : {"z", "species", "atomic_numbers", "batch", "contributions"}) {
    EXPECT_EQ(role_of(std::string(name) + ": ", "target: torch.sin"), "plain") << name;
    EXPECT_EQ(role_of(std::string(name) + ": '(B, T, 5)'", linear), "plain") << name;
    EXPECT_EQ(role_of(std::string(name) + ": {shape: [B, 5]}", linear), "plain") << name;
  }
  for (const char* name : {"pos: '(B, 5)'", "cell: ", "shift: [B, 5]", "edge_index: {shape: [B, T, 5]}"})
    EXPECT_EQ(role_of(name, linear), "plain") << name;
}

TEST(RoleGuesses, WhatNothingReadsMayHaveAnyShape) {
  const std::string unread =
      "model_inputs: {x: , z: {shape: [3, 3]}}\nmodel_layers:\n  a: {type: ArbitraryModule, config: "
      "{target: torch.sin}, inputs: {0: x}}\nmodel_outputs: {y: a}\n";
  EXPECT_EQ(faults_of(unread), Faults{"w unused-input@1"});
}

TEST(RoleGuesses, WhatTakesWholeNumbersKeepsThem) {
  const std::string embedding = "target: torch.nn.Embedding, args: [5, 2]";
  EXPECT_EQ(role_of("z: ", embedding), "species");
  EXPECT_EQ(role_of("species: 'Tensor (N,)'", embedding), "species");
  EXPECT_EQ(role_of("atomic_numbers: ", embedding), "atomic_numbers");
  EXPECT_EQ(role_of("z: {role: species}", "target: torch.sin"), "species");
  EXPECT_EQ(role_of("z: '(B, T)'", embedding), "plain") << "a table of words, by its comment";
}

/// Either role alone fits `torch.add`, both do not: then neither is meant, whatever stands first.
TEST(RoleGuesses, TheOrderOfInputsDoesNotMatter) {
  for (const char* inputs : {"pos: , cell: ", "cell: , pos: "}) {
    const Checked checked =
        check(std::string("model_inputs: {") + inputs +
              "}\nmodel_layers:\n  a: {type: ArbitraryModule, config: {target: torch.add}, inputs: {0: "
              "pos, 1: cell}}\n  b: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: "
              "[5, 2]}, inputs: {0: a}}\nmodel_outputs: {y: b}\n");
    EXPECT_EQ(faults_of(checked), Faults{}) << inputs;
    for (const CheckedInput& input : checked.graph.inputs) EXPECT_EQ(input.meaning, Meaning::plain) << inputs;
  }
}

TEST(RoleGuesses, TypedReadersAndEdgesKeepRoles) {
  EXPECT_EQ(faults_of(with(kOneLayer, "Tensor (N,3)", "Tensor (N,4)")), Faults{"w bad-shape@3"});
  const std::string text = with(kOneLayer, "model_outputs:\n",
                                "  more: {type: ArbitraryModule, config: {target: torch.sin}, inputs: {0: batch}}\n"
                                "model_outputs:\n  more: more\n");
  const Checked checked = check(with(text, "shift: \"Tensor (E,3)\"", "shift: \"Tensor (E,3)\", batch: "));
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_EQ(checked.graph.inputs.at(5).meaning, Meaning::structure);
}

}  // namespace
}  // namespace kiln
