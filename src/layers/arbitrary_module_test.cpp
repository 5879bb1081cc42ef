// Faults of ArbitraryModule's targets and arguments: one form, found before anything runs.
#include <algorithm>
#include <array>

#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

/// Of one layer 'a' in line 3.
std::vector<Diagnostic> faults_of_layer(const std::string& config, const std::string& inputs = "{0: x}") {
  return check("model_inputs: {x: {shape: [5, 16]}, w: {shape: [3, 4]}}\nmodel_layers:\n  a: {inputs: " + inputs +
               ", type: ArbitraryModule, config: {" + config + "}}\nmodel_outputs: {y: a, w: w}\n")
      .faults.list;
}

/// Its only one.
Diagnostic fault_of(const std::string& config, const std::string& inputs = "{0: x}") {
  const std::vector<Diagnostic> faults = faults_of_layer(config, inputs);
  EXPECT_EQ(faults.size(), 1u) << config;
  return faults.empty() ? Diagnostic{} : faults[0];
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
  expect_fault(fault_of("target: Linear, args: [16, 2]"), "unknown-target",
               "layer 'a': target 'Linear' has no dot: it names no function or module", "");
  expect_fault(fault_of("target: mine.Block"), "unknown-target",
               "layer 'a': target 'mine.Block' is not known without Python", "--allow python:mine");
}

TEST(Scenario, GL16_RefusedTargets) {
  for (const char* target : {"builtins.dict", "os.system", "subprocess.run"})
    expect_fault(fault_of(std::string("target: ") + target), "refused-target",
                 std::string("layer 'a': target '") + target + "' cannot be a layer", "no graph may call it");
  expect_fault(fault_of("target: 'prim::Print'"), "refused-target",
               "layer 'a': target 'prim::Print' is not an operator that a graph may call, and no consent changes that",
               "kiln layers --arbitrary");
  expect_fault(fault_of("target: 'foo::bar'"), "code-not-allowed",
               "layer 'a': target 'foo::bar' is an operator from outside", "--allow code:a");
  EXPECT_EQ(faults_of("model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n"
                      "  b: {type: ArbitraryModule, config: {target: 'foo::bar'}, inputs: {0: x}}\n"
                      "  c: {alias: b, inputs: {0: b}}\nmodel_outputs: {y: c}\n"),
            Faults{"code-not-allowed@3"});  // of the layer, not of its alias
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
  const std::vector<Diagnostic> renamed = faults_of_layer("target: torch.nn.ReLU", "{data: x}");
  ASSERT_EQ(renamed.size(), 2u);
  expect_fault(renamed[0], "bad-argument", "layer 'a': target 'torch.nn.ReLU' has no argument 'data'", "Tensor input");
  expect_fault(renamed[1], "missing-argument", "layer 'a': target 'torch.nn.ReLU' needs the argument 'input'",
               "Tensor input");
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

/// So would be what the cell or the shifts do to an energy, though a graph that only runs may read them.
TEST(ArbitraryModule, GeometryInAnEnergyIsTold) {
  const auto graph = [](const std::string& reads, const std::string& more) {
    return "model_inputs: {z: {role: species}, coords: '', edge_index: {role: edges, cutoff: 3.0}, shift: '', cell: "
           "{role: cell}, free: {shape: [1]}}\n"
           "model_layers:\n"
           "  geometry: {type: SphericalHarmonicEdgeAttrs, inputs: {pos: coords, edge_index: edge_index, shift: "
           "shift}}\n"
           "  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: z}}\n"
           "  read: {type: ArbitraryModule, config: {target: torch.sum}, inputs: {0: " +
           reads +
           "}}\n  mixed: {type: ArbitraryModule, config: {target: torch.mul}, inputs: {0: elements, 1: read}}\n"
           "  line: {type: AtomwiseLinear, config: {irreps_out_block: 1x0e}, inputs: {h: mixed}}\n"
           "  all: {type: AtomwiseSum, inputs: {src: line}}\n"
           "  plain: {type: AtomwiseLinear, config: {irreps_out_block: 1x0e}, inputs: {h: elements}}\n"
           "  other: {type: AtomwiseSum, inputs: {src: plain}}\n" +
           more;
  };
  const std::string plain = "model_outputs: {energy: all}\n";
  const std::string apart =
      "  d: {type: Derivatives, inputs: {energy: other}}\nmodel_outputs: {energy: other, read: read, f: d.forces}\n";
  const std::string derived =
      "  d: {type: Derivatives, inputs: {energy: all}}\nmodel_outputs: {energy: all, f: d.forces}\n";
  const auto count = [](const std::string& text, const std::string& code) {
    const Checked checked = check(text);
    return std::count_if(checked.faults.list.begin(), checked.faults.list.end(),
                         [&](const Diagnostic& fault) { return fault.code == code; });
  };
  for (const char* reads : {"coords", "cell", "shift"}) {
    EXPECT_EQ(count(graph(reads, derived), "reads-positions"), 1) << reads;
    EXPECT_EQ(count(graph(reads, apart), "reads-positions"), 0) << reads;
    EXPECT_EQ(count(graph(reads, plain), "reads-positions"), 0) << reads;
    EXPECT_EQ(count(graph(reads, plain), "not-an-energy"), 1) << reads;
    EXPECT_FALSE(check(graph(reads, plain)).faults.has_errors()) << reads;
    const std::optional<EnergyFault> fault = fault_of_energy(check(graph(reads, plain)).graph);
    ASSERT_TRUE(fault) << reads;
    EXPECT_NE(fault->what.find("layer 'read' reads"), std::string::npos) << fault->what;
    EXPECT_FALSE(fault_of_energy(check(graph(reads, apart)).graph)) << reads;
  }
  EXPECT_EQ(check(graph("cell", plain)).graph.global_layer, "read");
  const std::string both =
      "model_inputs: {coords: '', cell: {role: cell}}\nmodel_layers:\n"
      "  scaled: {type: ArbitraryModule, config: {target: torch.matmul}, inputs: {0: coords, 1: cell}}\n"
      "model_outputs: {y: scaled}\n";
  EXPECT_EQ(check(both).graph.global_layer, "scaled");
  EXPECT_NE(fault_of_energy(check(graph("free", plain)).graph)->what.find("the input 'free'"), std::string::npos);
  EXPECT_FALSE(fault_of_energy(check(graph("geometry.edge_lengths", plain)).graph));
}

/// Parts of a list have shapes of their own.
TEST(ArbitraryModule, PartsOfListsAreRowsOfTheirLevel) {
  const auto graph = [](const std::string& config, const std::string& part) {
    return "model_inputs: {z: {role: species}}\nmodel_layers:\n"
           "  x: {type: OneHotAtomEncoding, config: {num_elems: 5}, inputs: {x: z}}\n"
           "  a: {type: ArbitraryModule, config: {target: torch." +
           config +
           "}, inputs: {0: x}}\n  line: {type: AtomwiseLinear, config: {irreps_out_block: 1x0e}, inputs: {h: a." +
           part + "}}\nmodel_outputs: {y: line}\n";
  };
  for (const char* config :
       {"split, kwargs: {split_size_or_sections: 2, dim: 1}", "chunk, kwargs: {chunks: 3, dim: 1}",
        "tensor_split, kwargs: {sections: 3, dim: 1}", "split, kwargs: {split_size_or_sections: [2, 2, 1], dim: -1}"}) {
    const Checked checked = check(graph(config, "2"));
    EXPECT_FALSE(checked.faults.has_errors())
        << config << (checked.faults.list.empty() ? "" : checked.faults.list[0].what);
    EXPECT_EQ(checked.irreps("a.2"), "1x0e") << config;
    EXPECT_EQ(checked.graph.global_layer, "") << config;
    EXPECT_EQ(faults_of(graph(config, "3")).front(), "unknown-output@5") << config;
  }
  EXPECT_EQ(check(graph("split, kwargs: {split_size_or_sections: 2}", "0")).graph.global_layer, "");
}

/// Also through tensors that are no features: (N,), (N, 1, 4), lists.
TEST(ArbitraryModule, WhatMixesRowsOfAtomsIsGlobalWhateverTheirShape) {
  const auto global_layer = [](const std::vector<std::array<std::string, 3>>& calls) {
    std::string text =
        "model_inputs: {species: {role: species}}\nmodel_layers:\n"
        "  e: {type: OneHotAtomEncoding, config: {num_elems: 4}, inputs: {x: species}}\n";
    for (const auto& [name, target, inputs] : calls)
      text +=
          "  " + name + ": {type: ArbitraryModule, config: {target: torch." + target + "}, inputs: " + inputs + "}\n";
    const Checked checked = check(text + "model_outputs: {y: " + calls.back()[0] + "}\n");
    EXPECT_FALSE(checked.faults.has_errors()) << text;
    return checked.graph.global_layer;
  };
  EXPECT_EQ(global_layer({{"a", "sum, kwargs: {dim: 1}", "{0: e}"}, {"b", "softmax, kwargs: {dim: 0}", "{0: a}"}}),
            "b");
  EXPECT_EQ(global_layer({{"a", "unsqueeze, kwargs: {dim: 1}", "{0: e}"}, {"b", "mean, kwargs: {dim: 0}", "{0: a}"}}),
            "b");
  EXPECT_EQ(global_layer({{"a", "chunk, kwargs: {chunks: 2, dim: 1}", "{0: e}"},
                          {"b", "einsum, args: ['ni,nj->ij']", "{0: a}"}}),
            "b");
  EXPECT_EQ(global_layer({{"a", "zeros, args: [[1, 4]], kwargs: {dtype: long}", "{}"},
                          {"b", "gather, kwargs: {dim: 1}", "{0: e, index: a}"},
                          {"c", "mul", "{0: e, 1: b}"}}),
            "b");
  EXPECT_EQ(global_layer({{"a", "sum, kwargs: {dim: 1}", "{0: e}"},
                          {"b", "softmax, kwargs: {dim: 0}", "{0: a}"},
                          {"c", "tanh", "{0: a}"}}),
            "");  // nothing reads b
  EXPECT_EQ(global_layer(
                {{"a", "einsum, args: ['ni,nj->nij']", "{0: e, 1: e}"}, {"b", "sum, kwargs: {dim: [1, 2]}", "{0: a}"}}),
            "");
  EXPECT_EQ(global_layer({{"w", "zeros, args: [[4, 2]]", "{}"},
                          {"b", "softmax, kwargs: {dim: 0}", "{0: w}"},
                          {"c", "matmul", "{0: e, 1: b}"}}),
            "");  // rows of no atoms
}

TEST(ArbitraryModule, AllUnknownKeywordsAreToldWithTheNearest) {
  const auto told = [](const std::string& config, const std::string& inputs) {
    const Checked checked =
        check("model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n  a: {type: ArbitraryModule, config: {" + config +
              "}, inputs: " + inputs + "}\nmodel_outputs: {y: a}\n");
    std::string all;
    for (const Diagnostic& d : checked.faults.list) all += d.what.substr(d.what.find("has no")) + " " + d.hint + "\n";
    return all;
  };
  EXPECT_EQ(
      told("target: torch.nn.functional.dropout, kwargs: {q: 2.0, inplac: true}", "{0: x}").find("has no argument 'q'"),
      0u);
  EXPECT_NE(told("target: torch.nn.functional.dropout, kwargs: {q: 2.0, inplac: true}", "{0: x}")
                .find("has no argument 'inplac' Did you mean 'inplace'?\n"),
            std::string::npos);
  EXPECT_EQ(told("target: torch.sum, kwargs: {dim: 1, keepdm: true}", "{0: x}"),
            "has no argument 'keepdm' Did you mean 'keepdim'?\n");
  EXPECT_EQ(told("target: torch.nn.Linear, args: [4, 2], kwargs: {bais: false}", "{inptu: x}"),
            "has no argument 'bais' Did you mean 'bias'?\nhas no argument 'inptu' Did you mean 'input'?\n");
}

/// A part that is not there leaves the others in peace.
TEST(ArbitraryModule, ReadersOfAListAtFaultAreNotBlamed) {
  EXPECT_EQ(
      faults_of(
          "model_inputs: {y: {shape: [N, 2]}}\nmodel_layers:\n"
          "  s: {type: ArbitraryModule, config: {target: torch.split, kwargs: {split_size_or_sections: 1, dim: 1}}, "
          "inputs: {0: y}}\n"
          "  k: {type: ArbitraryModule, config: {target: torch.cat, kwargs: {dim: 1}}, inputs: {0: s}}\n"
          "  r: {type: ArbitraryModule, config: {target: torch.relu}, inputs: {0: s.2}}\n"
          "model_outputs: {k: k, r: r}\n"),
      Faults{"unknown-output@5"});
}

TEST(ArbitraryModule, ListsOfUnknownLengthAreTaken) {
  for (const char* target : {"block_diag", "einsum, args: ['ni,ni->n']", "broadcast_tensors"}) {
    const Checked checked = check(
        "model_inputs: {x: {shape: [N, M]}}\nmodel_layers:\n"
        "  p: {type: ArbitraryModule, config: {target: torch.chunk, kwargs: {chunks: 2, dim: 1}}, inputs: {0: x}}\n"
        "  q: {type: ArbitraryModule, config: {target: torch." +
        std::string(target) +
        "}, inputs: {0: p}}\n"
        "model_outputs: {y: q" +
        (std::string(target) == "broadcast_tensors" ? ".0" : "") + "}\n");
    EXPECT_FALSE(checked.faults.has_errors()) << target;
  }
}

/// JSON has no such numbers: the graph of a model holds texts.
TEST(ArbitraryModule, ArgumentsMayBeNumbersThatAreNotFinite) {
  const Checked checked = check(
      "model_inputs: {x: {shape: [N, 4]}, m: {shape: [N, 4]}}\nmodel_layers:\n"
      "  g: {type: ArbitraryModule, config: {target: torch.gt, args: []}, inputs: {0: m, 1: x}}\n"
      "  a: {type: ArbitraryModule, config: {target: torch.masked_fill, kwargs: {value: -.inf}}, inputs: {0: x, 1: "
      "g}}\n"
      "model_outputs: {y: a}\n");
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_NE(checked.graph.canonical_json.find("\"value\":\"-.inf\""), std::string::npos)
      << checked.graph.canonical_json;
  Diagnostics faults;
  const CheckedGraph again =
      check_graph(parse_graph(parse_json_tree(checked.graph.canonical_json), faults), layer_table(), faults);
  EXPECT_FALSE(faults.has_errors());
  EXPECT_EQ(again.canonical_json, checked.graph.canonical_json);
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

TEST(ArbitraryModule, ATupleIsNoItemOfAList) {
  const auto joined = [](const std::string& list) {
    return check(
        "model_inputs: {x: {shape: [N, 8]}, c: {shape: [N, 8]}}\nmodel_layers:\n"
        "  f: {type: ArbitraryModule, config: {target: torch.chunk, kwargs: {chunks: 2, dim: 1}}, inputs: {0: "
        "x}}\n  k: {type: ArbitraryModule, config: {target: torch.cat, kwargs: {dim: 1}}, inputs: {0: " +
        list + "}}\nmodel_outputs: {y: k, c: c}\n");
  };
  for (const char* list : {"[f, c]", "[f, f]"}) {
    const Checked checked = joined(list);
    ASSERT_EQ(faults_of(checked), Faults{"several-outputs@4"});
    EXPECT_EQ(checked.faults.list[0].what, "layer 'k': 'f' in the list of input '0' is several tensors");
    EXPECT_TRUE(contains(checked.faults.list[0].hint, "name one: f.0;"));
  }
  EXPECT_EQ(faults_of(joined("f")), Faults{});
  EXPECT_EQ(faults_of(joined("[f.0, c]")), Faults{});
}

/// Of a model input and of a result: no dimensions, which is not the same as an unknown number of them.
TEST(ArbitraryModule, TheShapeOfANumber) {
  const Checked checked = check(
      "model_inputs: {x: {shape: []}}\nmodel_layers:\n  a: {type: ArbitraryModule, config: {target: torch.atleast_1d, "
      "shape: []}, inputs: {0: x}}\nmodel_outputs: {y: a, x: x}\n");
  ASSERT_EQ(faults_of(checked), Faults{});
  for (const CheckedOutput& output : checked.graph.outputs)
    EXPECT_EQ(to_string(checked.graph.fields[output.field].type.shape), "()");
  Diagnostics faults;
  const CheckedGraph again =
      check_graph(parse_graph(parse_json_tree(checked.graph.canonical_json), faults), layer_table(), faults);
  EXPECT_EQ(again.canonical_json, checked.graph.canonical_json);
  EXPECT_EQ(to_string(again.inputs.at(0).shape), "()");
}

/// A library calls nothing, but what its layers would call can be known.
TEST(ArbitraryModule, TargetsOfALibrary) {
  const auto faults = [](const std::string& layers) { return faults_of("model_layers:\n" + layers); };
  const auto layer = [](const std::string& config, const std::string& more = "") {
    return "  a: {type: ArbitraryModule, config: {target: " + config + "}" + more + "}\n";
  };
  EXPECT_EQ(faults(layer("torch.nn.Linear, args: [16, 2]") + "  b: {alias: a}\n"), Faults{});
  EXPECT_EQ(faults(layer("torch.pow, args: [2.0]")), Faults{});
  EXPECT_EQ(faults(layer("torch.nn.Linaer, args: [16, 2]") + "  b: {alias: a}\n"), Faults{"unknown-target@2"});
  EXPECT_EQ(faults(layer("torch.nn.Sequential")), Faults{"refused-target@2"});
  EXPECT_EQ(faults(layer("os.system")), Faults{"refused-target@2"});
  EXPECT_EQ(faults(layer("torch.relu_")), Faults{"refused-target@2"});
  EXPECT_EQ(faults(layer("my.Thing")), Faults{"unknown-target@2"});
  EXPECT_EQ(faults(layer("'aten::save'")), Faults{"refused-target@2"});
  EXPECT_EQ(faults(layer("'foo::bar'")), Faults{"code-not-allowed@2"});
  EXPECT_EQ(faults(layer("torch.nn.Linear, args: [16]")), Faults{"missing-argument@2"});
  EXPECT_EQ(faults(layer("torch.nn.Linear, args: [-3, 2]")), Faults{"bad-argument@2"});
  const std::string first = "  first: {type: ArbitraryModule, config: {target: torch.relu}}\n";
  EXPECT_EQ(faults(first + layer("torch.relu", ", inputs: {0: first}")), Faults{});
  EXPECT_EQ(faults(first + layer("torch.relu", ", inputs: {0: first, 1: first}")), Faults{"bad-argument@3"});
  EXPECT_EQ(faults(first + layer("torch.rleu", ", inputs: {0: frist}")),
            Faults({"unknown-reference@3", "unknown-target@3"}));
}

/// Every call of a module is checked for itself; what is wrong with the module is told once.
TEST(ArbitraryModule, FaultsOfAnAliasStandWhereItStands) {
  const auto faults = [](const std::string& config, const std::string& alias) {
    return check(
        "model_inputs: {x: {shape: [N, 16]}, w: {shape: [N, 4]}}\nmodel_layers:\n"
        "  a: {type: ArbitraryModule, inputs: {0: x}, config: {target: " +
        config + "}}\n  b:\n    alias: a\n    " + alias + "\nmodel_outputs: {y: a, z: b}\n");
  };
  const Checked width = faults("torch.nn.Linear, args: [16, 2]", "inputs: {0: w}");
  ASSERT_EQ(faults_of(width), Faults{"bad-shape@6"});
  EXPECT_EQ(width.faults.list[0].what,
            "layer 'b': target 'torch.nn.Linear' takes tensors of 16 columns, not of shape (N, 4)");
  EXPECT_EQ(width.faults.list[0].hint, "'b' is an alias of 'a' (line 3)");
  EXPECT_EQ(faults_of(faults("torch.nn.Linear, args: [16, 2]", "output: {}")), Faults{"missing-argument@5"});
  EXPECT_EQ(faults_of(faults("torch.relu, shape: [N, 16]", "inputs: {0: w}")), Faults{"bad-shape@5"});
  EXPECT_EQ(faults_of(faults("torch.nn.Linear, args: [16]", "inputs: {0: x}")), Faults{"missing-argument@3"});
  EXPECT_EQ(faults_of(faults("torch.nn.Linaer, args: [16, 2]", "inputs: {0: x}")), Faults{"unknown-target@3"});
  EXPECT_EQ(faults_of(faults("torch.nn.Linear, args: [17, 2]", "inputs: {0: x}")), Faults{"bad-shape@3"});
  EXPECT_EQ(faults_of(faults("torch.relu, shape: [N, 17]", "inputs: {0: x}")), Faults{"bad-shape@3"});
  EXPECT_EQ(faults_of(faults("torch.nn.Linear, args: [17, 2]", "inputs: {0: w}")),
            Faults({"bad-shape@3", "bad-shape@6"}));
}

/// What the config of an ordinary layer says is at odds with what an alias reads.
TEST(ArbitraryModule, SoDoThoseOfOtherLayers) {
  const Checked checked = check(
      "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n"
      "  a: {type: AtomwiseLinear, inputs: {h: x}, config: {irreps_in_block: 4x0e, irreps_out_block: 2x0e}}\n"
      "  b: {alias: a, inputs: {h: a}}\nmodel_outputs: {y: b}\n");
  ASSERT_EQ(faults_of(checked), Faults{"block-mismatch@4"});
  EXPECT_NE(checked.faults.list[0].hint.find("'b' is an alias of 'a' (line 3)"), std::string::npos);
}

/// `compat: klay` ignores suffixes of one tensor, and takes row 0 for an output map; both survive in canonical form.
TEST(ArbitraryModule, SuffixesOfOneTensor) {
  const auto text = [](const std::string& source, const std::string& compat = "") {
    return "model_inputs: {x: {shape: [5, 16]}}\nmodel_layers:\n  a: {type: ArbitraryModule, config: {target: "
           "torch.relu}, inputs: {input: x}, output: {0: row}}\nmodel_outputs: {y: " +
           source + ", r: row}\n" + compat;
  };
  const std::string klay = "compat: klay\n";
  EXPECT_EQ(faults_of(text("a.x")), Faults({"w single-output@3", "unknown-output@4"}));
  EXPECT_EQ(faults_of(text("a.input")), Faults({"w single-output@3", "w needless-suffix@4"}));
  EXPECT_EQ(faults_of(text("a.x", klay)), Faults{"w needless-suffix@4"});
  const Checked checked = check(text("a.0", klay));
  ASSERT_EQ(faults_of(checked), Faults{"w needless-suffix@4"});
  EXPECT_EQ(checked.faults.list[0].what, "layer 'a': gives one tensor; '.0' is ignored");
  const auto shapes = [](const CheckedGraph& graph) {
    std::vector<std::string> all;
    for (const CheckedOutput& output : graph.outputs) all.push_back(to_string(graph.fields[output.field].type.shape));
    return all;
  };
  EXPECT_EQ(shapes(checked.graph), (std::vector<std::string>{"(5, 16)", "(16,)"}));
  Diagnostics faults;
  const Yaml canonical = parse_json_tree(checked.graph.canonical_json);
  const CheckedGraph again = check_graph(parse_graph(canonical, faults), layer_table(), faults);
  EXPECT_TRUE(faults.list.empty());
  EXPECT_EQ(shapes(again), shapes(checked.graph));
  EXPECT_EQ(again.canonical_json, checked.graph.canonical_json);
}

/// Whether numbers are integers is known of layers and of modules with weights, not of other functions.
TEST(ArbitraryModule, EmbeddingsTakeIntegers) {
  const auto faults = [](const std::string& before) {
    return faults_of(
        "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n  l: {" + before +
        "}\n  e: {type: ArbitraryModule, config: {target: torch.nn.Embedding, args: [4, 8]}, inputs: {0: l}}\n"
        "model_outputs: {y: e}\n");
  };
  EXPECT_EQ(faults("type: AtomwiseLinear, config: {irreps_out_block: 2x0e}, inputs: {h: x}"), Faults{"wrong-dtype@4"});
  EXPECT_EQ(faults("type: ArbitraryModule, config: {target: torch.nn.Linear, args: [4, 4]}, inputs: {0: x}"),
            Faults{"wrong-dtype@4"});
  EXPECT_EQ(faults("type: ArbitraryModule, config: {target: torch.relu}, inputs: {0: x}"), Faults{});
  EXPECT_EQ(faults("type: ArbitraryModule, config: {target: torch.argsort}, inputs: {0: x}"), Faults{});
}

/// Places of what is sorted, and what is made of integers, are no real numbers for layers and targets behind them.
TEST(ArbitraryModule, IntegersOfTuplesAndOfIntegers) {
  const auto faults = [](const std::string& reader) {
    return faults_of(
        "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n"
        "  s: {type: ArbitraryModule, config: {target: torch.sort}, inputs: {0: x}}\n"
        "  t: {type: ArbitraryModule, config: {target: torch.stack}, inputs: {0: [s.1, s.1]}}\n"
        "  r: {type: " +
        reader + "}\nmodel_outputs: {y: r, t: t}\n");
  };
  const auto target = [](const std::string& name) { return "ArbitraryModule, config: {target: torch." + name + "}, "; };
  const Faults refused = {"wrong-dtype@5"};
  EXPECT_EQ(faults("AtomwiseLinear, config: {irreps_out_block: 2x0e}, inputs: {h: s.1}"), Faults{"wrong-input@5"});
  EXPECT_EQ(faults("ArbitraryModule, config: {target: torch.nn.Linear, args: [4, 2]}, inputs: {0: s.1}"), refused);
  EXPECT_EQ(faults(target("mean") + "inputs: {0: s.1}"), refused);
  EXPECT_EQ(faults(target("mean") + "inputs: {0: t}"), refused);
  EXPECT_EQ(faults(target("mean") + "inputs: {0: s.0}"), Faults{});
  EXPECT_EQ(faults(target("sum") + "inputs: {0: t}"), Faults{});
  EXPECT_EQ(faults(target("mul") + "inputs: {0: s.0, 1: s.1}"), Faults{});
  EXPECT_EQ(faults(target("embedding") + "inputs: {0: s.0, 1: s.1}"), Faults{});
}

}  // namespace
}  // namespace kiln
