// Every fault is told in one go: one of them hides no other.
#include "layers/testing_files.h"
#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

/// Messages that do not name what they depend on.
TEST(AllFaults, ButNotOfShapesThatSomeValueWouldFit) {
  const auto faults = [](const std::string& shape, const std::string& call) {
    return faults_of("model_inputs: {x: {shape: " + shape +
                     "}}\nmodel_layers:\n  a: {type: ArbitraryModule, config: {target: " + call +
                     "}\nmodel_outputs: {y: a}\n");
  };
  const Faults one = {"bad-argument@3"};
  EXPECT_EQ(faults("[N, 3, 4, 5]", "torch.linalg.cross, kwargs: {dim: oops}}, inputs: {input: x, other: x}"), one);
  EXPECT_EQ(faults("[3, 4, 5]", "torch.linalg.cross, kwargs: {dim: oops}}, inputs: {input: x, other: x}"), one);
  EXPECT_EQ(faults("[N, 4, 4]", "torch.nn.Conv1d, args: [4, 8, 9], kwargs: {padding: oops}}, inputs: {0: x}"), one);
}

/// Weights are named by layers; without a name of its own a layer has none.
TEST(AllFaults, OfOthersDespiteNamesWithDots) {
  const std::string text =
      "model_inputs: {x: {shape: [N, 8]}}\nmodel_layers:\n"
      "  a.b: {type: AtomwiseLinear, config: {irreps_in_block: 8x0e, irreps_out_block: 4x0e}, inputs: {h: x}}\n"
      "  z: {type: Nope, inputs: {h: x}}\n"
      "model_outputs: {y: z}\n";
  EXPECT_EQ(faults_of(text), (Faults{"bad-name@3", "unknown-layer@4"}));
}

/// What their keys say is known, but for the one at fault.
TEST(AllFaults, OfReadersOfAnInputWithAWrongKey) {
  const auto faults = [](const std::string& input) {
    return faults_of("model_inputs: {x: " + input +
                     "}\nmodel_layers:\n  a: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [7, 2]}, "
                     "inputs: {0: x}}\nmodel_outputs: {y: a}\n");
  };
  EXPECT_EQ(faults("{shape: [N, 8], foo: 2}"), (Faults{"unknown-key@1", "bad-shape@3"}));
  EXPECT_EQ(faults("{shap: [N, 8]}"), (Faults{"unknown-key@1", "bad-shape@3"}));
  EXPECT_EQ(faults("{shap: [N, 8], shpe: [N, 7]}"), (Faults{"unknown-key@1", "unknown-key@1", "bad-shape@3"}));
  EXPECT_EQ(faults("{shape: [N, 0]}"), Faults{"bad-shape@1"});
  EXPECT_EQ(faults("{cutoff: 3.0, shape: [2, 8]}"), Faults{"unknown-key@1"});  // perhaps these are edges
  EXPECT_EQ(faults_of(with(kOneLayer, "edge_index: \"Tensor (2,E)\"", "edge_index: {rol: edges, cutof: 3.5}")),
            (Faults{"unknown-key@4", "unknown-key@4", "beyond-cutoff@9"}));
}

/// Where they stand is no port, but they are looked for.
TEST(AllFaults, OfReferencesAtWhatIsNoPort) {
  const auto faults = [](const std::string& inputs) {
    return faults_of(
        "model_inputs: {x: {shape: [5, 16]}}\nmodel_layers:\n  a:\n    type: ArbitraryModule\n"
        "    config: {target: torch.relu}\n    inputs:\n" +
        inputs + "model_outputs: {y: x}\n");
  };
  EXPECT_EQ(faults("      0: x\n      -1: none\n      1.5: [x, none]\n      '0': none\n"),
            (Faults{"bad-port@8", "bad-port@9", "duplicate-port@10", "unknown-reference@8", "unknown-reference@9",
                    "unknown-reference@10"}));
  EXPECT_EQ(faults("      0: x\n      -1: 5\n"), (Faults{"bad-port@8", "wrong-kind@8"}));
  EXPECT_EQ(faults("      1.5: x\n      '1.5': x\n").front(), "bad-port@7");
}

TEST(AllFaults, OfALayerThatReadsWhatIsAtFault) {
  const std::string radial = "{edge_lengths: geometry.1}";
  const std::string wrong = with(with(kOneLayer, "{r_max: 4.0}", "{r_max: 4.0, cutoff_kwargs: {r_max: 3.0}}"), radial,
                                 "{edge_lengths: nothing}");
  EXPECT_EQ(faults_of(wrong), (Faults{"unknown-reference@9", "no-effect@9"}));
  const std::string two =
      with(with(kOneLayer, "edge_feats: radial", "edge_feats: nothing"), "vectors: geometry.0", "vectors: geometry.1");
  EXPECT_EQ(faults_of(two), (Faults{"unknown-reference@15", "wrong-input@15"}));
  const std::string missing =
      with(with(kOneLayer, ", edge_feats: radial", ""), "vectors: geometry.0", "vectors: geometry.1");
  EXPECT_EQ(faults_of(missing), (Faults{"missing-input@11", "wrong-input@15"}));
  const std::string list = with(kOneLayer, "src: readout,", "src: [nothing, conv, readout],");
  EXPECT_EQ(faults_of(list), (Faults{"unknown-reference@17", "unequal-fields@17"}));
}

/// What edges are like is known, whichever they are.
TEST(AllFaults, OfReadersOfUnknownEdges) {
  const std::string wrong = with(with(kOneLayer, "{lmax: 1, c", "{lmax: 1, num_radial_basis: 9, c"),
                                 "edge_feats: radial", "edge_feats: geometry.2");
  const auto faults = [&](const std::string& edges) {
    return faults_of(with(wrong, "edge_index: edge_index, shift", "edge_index: " + edges + ", shift"));
  };
  EXPECT_EQ(faults("edge_index"), (Faults{"value-mismatch@13", "no-scalars@15"}));
  EXPECT_EQ(faults("none"), (Faults{"unknown-reference@8", "value-mismatch@13", "no-scalars@15"}));
  EXPECT_EQ(faults("coords"), (Faults{"wrong-input@8", "value-mismatch@13", "no-scalars@15"}));
}

/// What a layer gives is not known where it is at fault; its readers are looked at even so.
TEST(AllFaults, OfReadersOfALayerAtFault) {
  const std::string text =
      with(with(kOneLayer, "pos: coords,", "pos: species,"), "vectors: geometry.0, node_feats: embedding",
           "vectors: geometry.0, node_feats: radial");
  EXPECT_EQ(faults_of(text).front(), "wrong-input@8");
  const std::string unequal =
      with(with(kOneLayer, "pos: coords,", "pos: species,"), "\"8x0e\", avg", "\"8x0e + 4x1o\", avg");
  EXPECT_EQ(faults_of(unequal), (Faults{"wrong-input@8", "unequal-multiplicities@13"}));
}

/// What would be wrong with some values only is not: the hidden irreps may be such that these messages exist.
TEST(AllFaults, OfALayerWhoseConfigIsAtFault) {
  const std::string wired = with(kOneLayer, "vectors: geometry.0", "vectors: geometry.1");
  EXPECT_EQ(faults_of(with(wired, "correlation: 2", "correlation: 99")),
            (Faults{"bad-config-value@13", "wrong-input@15"}));
  EXPECT_EQ(faults_of(with(wired, "correlation: 2", "correlaton: 2")),
            (Faults{"unknown-config-key@13", "wrong-input@15"}));
  EXPECT_EQ(faults_of(with(wired, "hidden_irreps_block: \"8x0e\", ", "")),
            (Faults{"missing-config-key@11", "wrong-input@15"}));
  EXPECT_EQ(faults_of(with(kOneLayer, "correlation: 2", "correlation: 99")), Faults{"bad-config-value@13"});
}

/// Which contractions there are is known once the layer is lowered.
TEST(AllFaults, OfWeightsOfLayersWithoutFaults) {
  const std::string frozen =
      with(kOneLayer, "    type: MACE_layer\n", "    type: MACE_layer\n    freeze: [product.contraction5.nu1]\n");
  const std::string text = with(frozen, "energy: total\n", "energy: nothing\n");
  EXPECT_EQ(faults_of(text), (Faults{"unknown-reference@21", "unknown-parameter@13"}));
}

/// Values that do not fit what else there is are not meant.
TEST(AllFaults, OfReadersOfALayerWhoseValueIsOutOfRange) {
  const std::string text =
      with(kOneLayer, "ScalarReadout, inputs", "ScalarReadout, config: {irreps_in_block: 9x0e}, inputs");
  EXPECT_EQ(faults_of(with(with(text, "\"8x0e\", avg", "\"8x0e + 8x1o\", avg"), "config: {lmax: 1, c",
                           "config: {lmax: 99, c")),
            (Faults{"bad-config-value@13", "block-mismatch@16"}));
}

/// Which there may be follows from what is known of the config.
TEST(AllFaults, OfWeightsOfLayersAtFault) {
  const std::string frozen = with(kOneLayer, "    type: MACE_layer\n",
                                  "    type: MACE_layer\n    freeze: [product.contraction0.nu2, "
                                  "product.contraction0.nu3, product.contraction1.nu1]\n");
  EXPECT_EQ(faults_of(with(frozen, "num_neighbors: 10.0", "num_neighbors: x")),
            (Faults{"bad-config-value@14", "unknown-parameter@13", "unknown-parameter@13"}));
  EXPECT_EQ(faults_of(with(frozen, "node_feats: embedding", "node_feats: nothing")),
            (Faults{"unknown-reference@16", "unknown-parameter@13", "unknown-parameter@13"}));
  EXPECT_EQ(
      faults_of(with(with(frozen, "config: {lmax: 1, c", "config: {lmax: 0, c"), "\"8x0e\", avg", "\"8x1o\", avg")),
      Faults{"hidden-above-lmax@14"});
  EXPECT_EQ(faults_of(with(frozen, "\"8x0e\", avg", "\"8x0e + 1w\", avg")), Faults{"bad-config-value@14"});
  const std::string large = with(with(frozen, "lmax: 1, correlation: 2", "lmax: 3, correlation: 3"), "\"8x0e\", avg",
                                 "\"8x0e + 8x1o + 8x2e + 8x3o + 8x1w\", avg");
  EXPECT_EQ(faults_of(with(large, "product.contraction0.nu3, product.contraction1.nu1", "product.contraction4.nu3")),
            Faults{"bad-config-value@14"});  // if 1e is meant there is one
  const std::string larger = with(with(frozen, "lmax: 1, correlation: 2", "lmax: 4, correlation: 4"), "\"8x0e\", avg",
                                  "\"8x0e + 8x1o + 8x2e + 8x3o + 8x4w\", avg");
  EXPECT_EQ(faults_of(with(larger, "product.contraction0.nu2, product.contraction0.nu3, product.contraction1.nu1",
                           "product.contraction4.nu1")),
            Faults{"bad-config-value@14"});  // no block that stands for it has five
  EXPECT_EQ(faults_of(with(frozen, "correlation: 2", "correlation: x")),
            (Faults{"bad-config-value@14", "unknown-parameter@13"}));
  EXPECT_EQ(faults_of(with(kOneLayer, "ScalarReadout, inputs: {h: conv}",
                           "ScalarReadout, inputs: {h: c}, init: "
                           "{hidden.weight: zeros}")),
            (Faults{"unknown-reference@16", "unknown-parameter@16"}));
}

/// Layers in a circle read each other, and perhaps something else.
TEST(AllFaults, OfLayersInACircle) {
  const std::string text =
      "model_inputs: {x: {shape: [5, 16]}}\nmodel_layers:\n"
      "  a: {type: ArbitraryModule, config: {target: torch.cat, kwargs: {dimm: 9}}, inputs: {0: [b, x]}}\n"
      "  b: {type: ArbitraryModule, config: {target: torch.index_select, kwargs: {dim: 9}}, inputs: {0: x, index: a}}\n"
      "model_outputs: {y: a}\n";
  EXPECT_EQ(faults_of(text), (Faults{"cycle@3", "bad-argument@3", "bad-shape@4"}));
}

/// Cycles that share no reference are told each, also where one reads the other.
TEST(AllFaults, OfSeveralCircles) {
  const auto reads = [](const std::string& name, const std::string& inputs) {
    return "  " + name + ": {type: ArbitraryModule, config: {target: torch.add}, inputs: {" + inputs + "}}\n";
  };
  const std::string text = "model_inputs: {x: {shape: [5, 16]}}\nmodel_layers:\n" + reads("a", "0: b, 1: x") +
                           reads("b", "0: a, 1: x") + reads("c", "0: b, 1: d") + reads("d", "0: c, 1: x") +
                           "model_outputs: {y: d}\n";
  EXPECT_EQ(faults_of(text), (Faults{"cycle@3", "cycle@5"}));
  const std::string of_one_layer = "model_inputs: {x: {shape: [5, 16]}}\nmodel_layers:\n" + reads("a", "0: b, 1: c") +
                                   reads("b", "0: a, 1: x") + reads("c", "0: a, 1: c") + "model_outputs: {y: a}\n";
  EXPECT_EQ(faults_of(of_one_layer), (Faults{"cycle@3", "cycle@3", "cycle@5"}));
  const std::string of_one_reference = "model_inputs: {x: {shape: [5, 16]}}\nmodel_layers:\n" +
                                       reads("a", "0: d, 1: x") + reads("b", "0: a, 1: x") + reads("c", "0: a, 1: x") +
                                       reads("d", "0: b, 1: c") + "model_outputs: {y: d}\n";
  EXPECT_EQ(faults_of(of_one_reference), Faults{"cycle@3"});  // d should not be read by a
}

/// One reference of a file may be that of several layers.
TEST(AllFaults, OfCirclesThroughOneReferenceOnce) {
  const testing::Files files;
  files.write("two.yaml",
              "model_inputs: {h: {shape: [N, 8]}}\nmodel_layers:\n"
              "  p: {type: ArbitraryModule, config: {target: torch.tanh}, inputs: {0: h}}\n"
              "  q: {type: ArbitraryModule, config: {target: torch.relu}, inputs: {0: h}}\n"
              "model_outputs: {p: p, q: q}\n");
  EXPECT_EQ(
      faults_of(files.check("model_inputs: [x]\nmodel_layers:\n  b: {include: two.yaml, inputs: {h: z}}\n"
                            "  z: {type: ArbitraryModule, config: {target: torch.add}, inputs: {0: b.p, 1: b.q}}\n"
                            "model_outputs: {z: z, x: x}\n")),
      Faults{"cycle@3"});
}

/// Another input, form or size may be what is wrong: readers are not told of these.
TEST(AllFaults, ButNotOfReadersOfLayersThatMayBeMendedOtherwise) {
  const testing::Files files;
  const auto faults = [&](const std::string& layers) {
    return faults_of(files.check(
        "model_inputs: {x: {shape: [N, 8]}, s: {role: species}, m: {shape: [4, 6, 8]}, n: {shape: [16, 3]}}\n"
        "model_layers:\n  e: {type: AtomwiseLinear, config: {irreps_in_block: 8x0e, irreps_out_block: 8x0e}, "
        "inputs: {h: x}}\n" +
        layers + "model_outputs: {y: b, x: x, s: s, m: m, n: n, e: e}\n"));
  };
  const std::string linear = ", config: {irreps_in_block: 8x0e, irreps_out_block: 8x0e}, inputs: {h: a}}\n";
  const std::string reader = "  b: {type: AtomwiseLinear" + linear;
  EXPECT_EQ(
      faults("  a: {type: ArbitraryModule, config: {target: torch.nn.functional.silu}, inputs: {0: s}}\n" + reader),
      Faults{"wrong-dtype@4"});
  EXPECT_EQ(faults("  a: {type: ArbitraryModule, config: {target: torch.add}, inputs: {0: m, 1: n}}\n"
                   "  b: {type: ArbitraryModule, config: {target: torch.mm}, inputs: {0: n, 1: a}}\n"),
            Faults{"bad-shape@4"});
  EXPECT_EQ(faults("  a: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [8, 5], shape: [N, 8]}, "
                   "inputs: {0: x}}\n" +
                   reader),
            Faults{"bad-shape@4"});
  EXPECT_EQ(faults("  a: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [8, 9]}, inputs: {0: x}, "
                   "repeat: 2, carry: 0}\n" +
                   reader),
            Faults{"bad-shape@4"});
  const std::string counts =
      "  c: {type: PerSpeciesEnergy, config: {energies: [1, 2, 3]}, inputs: {species: s}}\n"
      "  a: {type: OneHotAtomEncoding, config: {num_elems: 4}, inputs: {x: s}}\n"
      "  b: {type: AtomwiseLinear, config: {irreps_in_block: 3x0e, irreps_out_block: 8x0e}, inputs: {h: a}}\n";
  EXPECT_EQ(faults(counts).size(), 1u);
}

/// What a misspelt key holds is looked at as what is meant.
TEST(AllFaults, OfMisspeltKeys) {
  const std::string text =
      "model_inputs: {x: {shape: [N, 8]}}\nmodel_layers:\n"
      "  a: {type: AtomwiseLinear, configs: {irreps_in_block: 8x0e, irreps_out_block: 4x0}, inputs: {h: x}}\n"
      "  b: {type: ArbitraryModule, config: {target: torch.relu}, input: {0: nothing}}\n"
      "  c: {type: ArbitraryModule, config: {target: torch.relu}, inputs: {0: x}, outputs: {0: u}}\n"
      "model_outputs: {y: a, z: b, u: u}\n";
  const testing::Files files;
  std::vector<std::string> codes;
  for (const Diagnostic& fault : files.check(text).faults.list)
    codes.push_back(fault.code + "@" + std::to_string(fault.where.line));
  EXPECT_EQ(codes, (std::vector<std::string>{"unknown-key@3", "unknown-key@4", "unknown-key@5", "unknown-reference@4",
                                             "bad-config-value@3", "single-output@5"}));
}

/// Keys that make several layers of one are gone once these are made: what is nearly one is told all the same.
TEST(AllFaults, OfMisspeltKeysOfRepetitions) {
  const testing::Files files;
  const auto n_faults = [&](const std::string& keys) {
    const std::string layer = "  a: {type: AtomwiseLinear, config: {irreps_in_block: 8x0e, irreps_out_block: 8x0e}, ";
    return files
        .check("model_inputs: {x: {shape: [N, 8]}}\nmodel_layers:\n" + layer + "inputs: {h: x}, " + keys +
               "}\nmodel_outputs: {y: a}\n")
        .faults.n_errors();
  };
  EXPECT_EQ(n_faults("repat: 2, cary: h, shard: true"), 3u);
  EXPECT_EQ(n_faults("repeat: 2, carry: h, shar: true"), 1u);
  EXPECT_EQ(n_faults("aliass: q"), 1u);
  EXPECT_EQ(n_faults("repeat: 2, carry: h"), 0u);
}

/// The whole of a result and its element 0 are one field, whoever settles what it is.
TEST(AllFaults, OfReadersOfAnElementThatIsTheWhole) {
  const std::string text =
      "model_inputs: {u: {}}\nmodel_layers:\n"
      "  a: {type: ArbitraryModule, config: {target: torch.add}, inputs: {0: u, 1: nothing}}\n"
      "  l: {type: AtomwiseLinear, config: {irreps_in_block: 8x0e, irreps_out_block: 8x0e}, inputs: {h: a.0}}\n"
      "  b: {type: ArbitraryModule, config: {target: torch.relu}, inputs: {0: a}}\n"
      "  m: {type: AtomwiseLinear, config: {irreps_in_block: 8x0e, irreps_out_block: 8x0e}, inputs: {h: b.0}}\n"
      "model_outputs: {l: l, m: m, a: a.0, b: b}\n";
  EXPECT_EQ(check(text).faults.n_errors(), 1u);
  EXPECT_EQ(check(with(text, ", 1: nothing", ", 1: u")).faults.n_errors(), 0u);
}

/// What is to be read is not known then.
TEST(AllFaults, OfInputsAtFaultButNotOfTheirReaders) {
  const std::string text =
      "model_inputs: {x: {shape: 6}, y: {role: speces}, z: {shap: [N, 8]}}\nmodel_layers:\n"
      "  a: {type: AtomwiseLinear, config: {irreps_out_block: 8x0e}, inputs: {h: x}}\n"
      "  b: {type: OneHotAtomEncoding, config: {num_elems: 3}, inputs: {x: y}}\n"
      "  c: {type: AtomwiseLinear, config: {irreps_out_block: 8x0e}, inputs: {h: z}}\n"
      "  e: {type: PerSpeciesEnergy, config: {energies: []}, inputs: {species: y}}\n"
      "model_outputs: {a: a, b: b, c: c, e: e}\n";
  EXPECT_EQ(faults_of(text),
            (Faults{"bad-shape@1", "unknown-role@1", "unknown-key@1", "bad-shape@1", "bad-config-value@6"}))
      << "the shape of z is none of a species";
}

TEST(AllFaults, OfAliasesOfAModuleAtFault) {
  const std::string text =
      "model_inputs: {x: {shape: [5, 16]}}\nmodel_layers:\n"
      "  a: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [16, a]}, inputs: {0: x}}\n"
      "  b: {alias: a, inputs: {0: x, 1: x}}\n"
      "  c: {alias: a, inputs: {0: x}}\n"
      "model_outputs: {y: a, z: b, w: c}\n";
  EXPECT_EQ(faults_of(text), (Faults{"bad-argument@3", "bad-argument@4"}));
}

/// What a call at fault certainly gives is what its readers read.
TEST(AllFaults, OfReadersOfACallAtFault) {
  const auto faults = [](const std::string& first, const std::string& second) {
    return messages_of(
        "model_inputs: {x: {shape: [N, 8]}, u: {}}\nmodel_layers:\n"
        "  a: {type: ArbitraryModule, config: {target: torch.nn." +
        first + "}\n  b: {type: ArbitraryModule, config: {target: torch.nn." + second +
        "}, inputs: {0: a}}\nmodel_outputs: {y: b, x: x, u: u}\n");
  };
  const auto reader = [](const std::string& shape) {
    return "layer 'b': target 'torch.nn.Linear' takes tensors of 7 columns, not of shape " + shape;
  };
  EXPECT_EQ(faults("Linear, args: [7, 8]}, inputs: {0: x}", "Linear, args: [7, 5]").back(), reader("(…, 8)"));
  EXPECT_EQ(faults("Linear, args: [8, 4, 3]}, inputs: {0: x}", "Linear, args: [7, 5]").back(), reader("(N, 4)"));
  EXPECT_EQ(faults("Linear, args: [8, 4], kwargs: {q: 1}}, inputs: {0: x}", "Linear, args: [7, 5]").back(),
            reader("(N, 4)"));
  EXPECT_EQ(faults("Linear, args: [8, 4], shape: abc}, inputs: {0: x}", "Linear, args: [7, 5]").back(),
            reader("(N, 4)"));
  EXPECT_EQ(faults("Linear, args: [8, 4]}, inputs: {0: nothing}", "Linear, args: [7, 5]").back(), reader("(…, 4)"));
  EXPECT_EQ(faults("Linear, args: [8, 4]}, inputs: {0: u}", "Linear, args: [7, 5]"), Messages{reader("(…, 4)")});
}

/// Which of several is wrong is not known, nor what the others are to give.
TEST(AllFaults, ButNotOfReadersOfWhatDependsOnThem) {
  const auto n_faults = [](const std::string& call, int columns) {
    return messages_of(
               "model_inputs: {x: {shape: [5, 16]}, w: {shape: [5, 4]}}\nmodel_layers:\n"
               "  a: {type: ArbitraryModule, config: {target: torch." +
               call + "}\n  b: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [" +
               std::to_string(columns) + ", 5]}, inputs: {0: a}}\nmodel_outputs: {y: b, x: x, w: w}\n")
        .size();
  };
  for (const int columns : {4, 7, 16}) {
    EXPECT_EQ(n_faults("reshape, kwargs: {shape: [3, 4]}}, inputs: {0: x}", columns), 1u);
    EXPECT_EQ(n_faults("matmul}, inputs: {0: x, 1: w}", columns), 1u);
    EXPECT_EQ(n_faults("add}, inputs: {0: x, 1: w}", columns), 1u);
    EXPECT_EQ(n_faults("cat}, inputs: {0: [x, w]}", columns), 1u);
    EXPECT_EQ(n_faults("nn.LayerNorm, args: [[4]]}, inputs: {0: x}", columns), 1u);
  }
}

/// One mistake is told once: nothing is claimed of what another value, form or keyword might give.
TEST(AllFaults, ButNothingThatOneMistakeExplains) {
  const auto faults = [](const std::string& call, const std::string& reader) {
    return messages_of(
        "model_inputs: {x: {shape: [5, 16]}, w: {shape: [5, 4]}, v: {shape: [16]}, c: {shape: [4, 6, 3]}, "
        "p: {shape: [2, 3, 8]}, q: {shape: [5, 8]}}\nmodel_layers:\n  a: {type: ArbitraryModule, config: {target: "
        "torch." +
        call + "}\n  b: {type: ArbitraryModule, config: {target: torch." + reader +
        "}\nmodel_outputs: {b: b, x: x, w: w, v: v, c: c, p: p, q: q}\n");
  };
  const std::string none = "relu}, inputs: {0: x}", linear = "nn.Linear, args: [8, 5]}, inputs: {0: a}",
                    second = "relu}, inputs: {0: a.1}";
  const std::vector<std::pair<std::string, std::string>> calls = {
      {"split, kwargs: {split_size_or_sections: [3, 4], dim: 1}}, inputs: {0: x}", none},
      {"slice_scatter, kwargs: {dim: 0, start: 1, end: 3}}, inputs: {0: x, src: w}", none},
      {"nn.functional.fold, kwargs: {output_size: 4, kernel_size: 3}}, inputs: {0: c}", none},
      {"nn.functional.interpolate, kwargs: {size: [4, 4], mode: bilinear}}, inputs: {0: p}", none},
      {"nn.functional.pad, kwargs: {pad: [-20, 0], mode: reflect}}, inputs: {0: v}", none},
      {"norm, kwargs: {p: nuc, dim: [0, 1, 2]}}, inputs: {0: c}", none},
      {"linalg.tensorinv, kwargs: {ind: abc}}, inputs: {0: c}", none},
      {"linalg.tensorinv, kwargs: {ind: 7}}, inputs: {0: c}", none},
      {"sum, kwargs: {axis: 0}}, inputs: {0: q}", linear},
      {"cat, kwargs: {axis: 1}}, inputs: {0: [x, w]}", none},
      {"nn.LSTM, args: [16, 4], kwargs: {bidirect: true}}, inputs: {0: x}",
       "nn.Linear, args: [8, 5]}, inputs: {0: a.0}"},
      {"max, kwargs: {dimm: 0}}, inputs: {0: x}", second},
      {"max, kwargs: {axis: 0}}, inputs: {0: x}", second},
      {"max, kwargs: 5}, inputs: {0: x}", second},
      {"nn.MaxPool1d, args: 5}, inputs: {0: c}", second},
      {"nn.MaxPool1d, kwargs: {kernel_size: 2, return_indices: abc}}, inputs: {0: c}", second},
      {"nn.MultiheadAttention, args: [7, 2]}, inputs: {0: q, 1: q, 2: q}", none},
      {"where, kwargs: 5}, inputs: {0: x}", "relu}, inputs: {0: a}"},
  };
  for (const auto& [call, reader] : calls) EXPECT_EQ(faults(call, reader).size(), 1u) << call;
}

/// What is read has as many columns as a Linear gives, of however many dimensions.
TEST(AllFaults, OfLastSizesOfTensorsOfAnyRank) {
  const auto faults = [](const std::string& call) {
    return faults_of(
        "model_inputs: {x: , v: {shape: [7, 4]}}\nmodel_layers:\n  a: {type: ArbitraryModule, config: {target: "
        "torch.nn.Linear, args: [8, 8]}, inputs: {0: x}}\n  d: {type: ArbitraryModule, config: {target: torch." +
        call + "}\nmodel_outputs: {y: d.0, w: v, a: a}\n");
  };
  const auto has_error = [&](const std::string& call) {
    const Faults found = faults(call);
    return !found.empty() && found.front() == "bad-shape@4";
  };
  for (const char* call : {"nn.LayerNorm, args: [[7]]}, inputs: {0: a}", "nn.LSTM, args: [7, 4]}, inputs: {0: a}",
                           "nn.GRUCell, args: [7, 4]}, inputs: {0: a}", "add}, inputs: {0: a, 1: v}"})
    EXPECT_TRUE(has_error(call)) << call;
  EXPECT_EQ(faults("nn.LSTM, args: [8, 4]}, inputs: {0: a}"), Faults{});
  for (const char* call : {"nn.LayerNorm, args: [[3, 8]]}, inputs: {0: a}", "add}, inputs: {0: a, 1: a}"})
    EXPECT_FALSE(has_error(call)) << call;
}

/// Features of atoms, whatever their irreps are to be.
TEST(AllFaults, OfReadersOfFeaturesOfUnknownIrreps) {
  const std::string wrong = with(kOneLayer, "irreps_out_block: \"8x0e\"", "irreps_out_block: 9xe");
  EXPECT_EQ(faults_of(wrong).size(), 1u);
  const Faults faults = faults_of(with(wrong, "edge_feats: radial", "edge_feats: embedding"));
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[1].substr(0, 12), "wrong-input@");
}

/// Kiln's own layers say in their config what they give.
TEST(AllFaults, OfReadersOfALayerAtFaultThatKnowsWhatItGives) {
  const std::string text =
      "model_inputs: {x: {shape: [N, 8]}}\nmodel_layers:\n"
      "  a: {type: AtomwiseLinear, config: {irreps_in_block: 7x0e, irreps_out_block: 4x0e}, inputs: {h: x}}\n"
      "  b: {type: AtomwiseLinear, config: {irreps_in_block: abc, irreps_out_block: 4x0e}, inputs: {h: x}}\n"
      "  c: {type: AtomwiseLinear, config: {irreps_in_block: 5x0e, irreps_out_block: 4x0e}, inputs: {h: a}}\n"
      "  d: {type: AtomwiseLinear, config: {irreps_in_block: 5x0e, irreps_out_block: 4x0e}, inputs: {h: b}}\n"
      "  e: {type: AtomwiseLinear, config: {irreps_in_block: 4x0e, irreps_out_block: 4x0e}, inputs: {h: d},"
      " freeze: [bias]}\n"
      "model_outputs: {y: c, z: e}\n";
  EXPECT_EQ(faults_of(text), (Faults{"bad-config-value@4", "unknown-parameter@7", "wrong-width@3", "block-mismatch@5",
                                     "block-mismatch@6"}));
  const std::string wired = with(kOneLayer, "vectors: geometry.0", "vectors: geometry.1");
  EXPECT_EQ(faults_of(with(wired, "ScalarReadout, ", "ScalarReadout, config: {irreps_in_block: 9x0e}, ")),
            (Faults{"wrong-input@15", "block-mismatch@16"}));
}

/// Of a library nothing says what its layers read.
TEST(AllFaults, OfALibrary) {
  const std::string text =
      "model_layers:\n"
      "  conv: {type: MACE_layer, config: {lmax: 1, correlation: 2, hidden_irreps_block: 8x0e + 4x1o, "
      "avg_num_neighbors: 1}}\n"
      "  radial: {type: RadialBasisEdgeEncoding, config: {r_max: 4.0, cutoff_kwargs: {q: 1}}}\n";
  EXPECT_EQ(faults_of(text), (Faults{"unequal-multiplicities@2", "bad-config-value@3"}));
}

}  // namespace
}  // namespace kiln
