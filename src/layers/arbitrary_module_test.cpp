// Faults of ArbitraryModule's targets and arguments: one form, found before anything runs.
#include <algorithm>

#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

/// One layer 'a' in line 3; its only fault.
Diagnostic fault_of(const std::string& config, const std::string& inputs = "{0: x}") {
  const Checked checked =
      check("model_inputs: {x: {shape: [5, 16]}, w: {shape: [3, 4]}}\nmodel_layers:\n  a: {inputs: " + inputs +
            ", type: ArbitraryModule, config: {" + config + "}}\nmodel_outputs: {y: a, w: w}\n");
  EXPECT_EQ(checked.faults.list.size(), 1u) << config;
  return checked.faults.list.empty() ? Diagnostic{} : checked.faults.list[0];
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void expect_fault(const Diagnostic& fault, const std::string& code, const std::string& what, const std::string& hint) {
  EXPECT_EQ(fault.code, code) << fault.what;
  EXPECT_EQ(fault.what, what);
  EXPECT_TRUE(contains(fault.hint, hint)) << fault.hint;
  EXPECT_EQ(fault.where.line, 3) << fault.what;
  EXPECT_GT(fault.where.column, 6) << fault.what;
}

TEST(Scenario, GL16_UnknownTargets) {
  const Diagnostic near = fault_of("target: torch.nn.functional.sillu");
  expect_fault(near, "unknown-target", "layer 'a': target 'torch.nn.functional.sillu' is not known without Python",
               "Did you mean 'torch.nn.functional.silu'?");
  EXPECT_EQ(near.where.column, 63);  // of the target's name
  expect_fault(fault_of("target: torch.nn.EquivariantBlock"), "unknown-target",
               "layer 'a': target 'torch.nn.EquivariantBlock' is not known without Python", "kiln layers --arbitrary");
  expect_fault(fault_of("target: Linear"), "unknown-target",
               "layer 'a': target 'Linear' has no dot: it names no function or module", "");
  expect_fault(fault_of("target: mine.Block"), "unknown-target",
               "layer 'a': target 'mine.Block' is not known without Python", "--allow python:mine");
}

TEST(Scenario, GL16_RefusedTargets) {
  for (const char* target : {"builtins.dict", "os.system", "subprocess.run"})
    expect_fault(fault_of(std::string("target: ") + target), "refused-target",
                 std::string("layer 'a': target '") + target + "' cannot be a layer", "no graph may call it");
  expect_fault(fault_of("target: torch.nn.Sequential"), "refused-target",
               "layer 'a': target 'torch.nn.Sequential' cannot be a layer", "layers of their own");
  expect_fault(fault_of("target: torch.nn.LazyLinear, args: [3]"), "refused-target",
               "layer 'a': target 'torch.nn.LazyLinear' cannot be a layer", "use 'torch.nn.Linear'");
  expect_fault(fault_of("target: torch.relu_"), "refused-target",
               "layer 'a': target 'torch.relu_' changes its argument, which other layers may read", "use 'torch.relu'");
}

TEST(Scenario, GL16_WrongConstructorArguments) {
  const std::string form = "in_features, int out_features, bool bias=True";
  expect_fault(fault_of("target: torch.nn.Linear, args: [16]"), "missing-argument",
               "layer 'a': target 'torch.nn.Linear' needs the argument 'out_features'", form);
  expect_fault(fault_of("target: torch.nn.Linear, args: [16, 2, true, 1]"), "bad-argument",
               "layer 'a': target 'torch.nn.Linear' takes 3 arguments at most", form);
  expect_fault(fault_of("target: torch.nn.Linear, args: [16, two]"), "bad-argument",
               "layer 'a': target 'torch.nn.Linear' takes a whole number as 'out_features', not 'two'", form);
  expect_fault(fault_of("target: torch.nn.Linear, args: [16, 2.5]"), "bad-argument",
               "layer 'a': target 'torch.nn.Linear' takes a whole number as 'out_features', not 2.5", form);
  expect_fault(fault_of("target: torch.nn.Linear, args: [16, 2], kwargs: {out: 3}"), "bad-argument",
               "layer 'a': target 'torch.nn.Linear' has no argument 'out'", form);
  expect_fault(fault_of("target: torch.nn.Linear, args: [16, 2], kwargs: {out_features: 3}"), "bad-argument",
               "layer 'a': target 'torch.nn.Linear' is given 'out_features' twice", form);
}

TEST(Scenario, GL16_WrongPorts) {
  expect_fault(fault_of("target: torch.nn.ReLU", "{0: x, 1: w}"), "bad-argument",
               "layer 'a': target 'torch.nn.ReLU' takes 1 argument at most", "Tensor input");
  expect_fault(fault_of("target: torch.nn.ReLU", "{data: x}"), "bad-argument",
               "layer 'a': target 'torch.nn.ReLU' has no argument 'data'", "Tensor input");
}

/// The config itself takes target, args and kwargs.
TEST(Scenario, GL16_ExtraConfigKeys) {
  const Diagnostic fault = fault_of("target: torch.nn.Linear, args: [16, 2], bias: false");
  EXPECT_TRUE(contains(fault.what, "layer 'a'") && contains(fault.what, "'bias'")) << fault.what;
  EXPECT_EQ(fault.where.line, 3);
}

TEST(Scenario, GL17_ShapesOfTargets) {
  expect_fault(fault_of("target: torch.nn.Linear, args: [17, 2]"), "bad-shape",
               "layer 'a': target 'torch.nn.Linear' takes tensors of 17 columns, not of shape (5, 16)", "");
  expect_fault(fault_of("target: torch.add", "{0: x, 1: w}"), "bad-shape",
               "layer 'a': target 'torch.add' cannot combine tensors of shapes (5, 16) and (3, 4)", "");
}

/// torch.nn.Embedding draws all rows and then clears the one of padding.
TEST(ArbitraryModule, TheRowOfPaddingIsZero) {
  const auto rows = [](const std::string& padding) {
    return init_weights(lowered("model_inputs: {k: {shape: [N]}}\nmodel_layers:\n  a: {type: ArbitraryModule, seed: 3, "
                                "inputs: {0: k}, config: {target: torch.nn.Embedding, args: [4, 5" +
                                padding + "]}}\nmodel_outputs: {y: a}\n"),
                        1)
        .at("a.weight")
        .data;
  };
  std::vector<double> all = rows("");
  for (const char* padding : {", 2", ", -2"}) {
    std::vector<double> padded = rows(padding);
    EXPECT_EQ(std::vector<double>(padded.begin() + 10, padded.begin() + 15), std::vector<double>(5, 0.0));
    std::copy(all.begin() + 10, all.begin() + 15, padded.begin() + 10);
    EXPECT_EQ(padded, all) << padding;
  }
}

/// Forces are derivatives by edge vectors; what reads positions would be left out of them.
TEST(ArbitraryModule, PositionsInADifferentiatedGraphAreRefused) {
  const std::string graph =
      "model_inputs: {coords: '', edge_index: {role: edges, cutoff: 3.0}}\nmodel_layers:\n"
      "  geometry: {type: SphericalHarmonicEdgeAttrs, inputs: {pos: coords, edge_index: edge_index}}\n"
      "  square: {type: ArbitraryModule, config: {target: torch.square}, inputs: {0: coords}}\n"
      "  line: {type: AtomwiseLinear, config: {irreps_out_block: 1x0e}, inputs: {h: square}}\n"
      "  energy: {type: AtomwiseSum, inputs: {src: line}}\n";
  const Checked plain = check(graph + "model_outputs: {energy: energy}\n");
  EXPECT_FALSE(plain.faults.has_errors());
  const Checked derived = check(graph +
                                "  forces: {type: Derivatives, inputs: {energy: energy}}\n"
                                "model_outputs: {energy: energy, forces: forces.forces}\n");
  const auto reads = [](const Diagnostic& fault) { return fault.code == "reads-positions"; };
  const auto& list = derived.faults.list;
  EXPECT_EQ(std::count_if(list.begin(), list.end(), reads), 1);
}

/// Some operators read and write files: only those of the table run without consent.
TEST(ArbitraryModule, OperatorsNeedConsent) {
  EXPECT_EQ(fault_of("target: 'ours::op'").code, "code-not-allowed");
  EXPECT_EQ(fault_of("target: 'aten::from_file', args: [here, true, 100]", "{}").code, "refused-target");
  EXPECT_EQ(fault_of("target: 'aten::save'").code, "refused-target");
  EXPECT_EQ(fault_of("target: 'aten::relu_'").code, "refused-target");
}

TEST(ArbitraryModule, AWholeTupleIsNoOutput) {
  EXPECT_EQ(check("model_inputs: {x: {shape: [5, 16]}}\nmodel_layers:\n  a: {type: ArbitraryModule, inputs: {0: x}, "
                  "config: {target: torch.max, kwargs: {dim: 1}}}\nmodel_outputs: {y: a}\n")
                .faults.list.at(0)
                .code,
            "several-outputs");
}

}  // namespace
}  // namespace kiln
