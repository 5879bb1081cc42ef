// repeat, carry, share: an expanded graph is the graph that one would have written by hand.
#include <set>

#include "graph/copies_alike.h"
#include "layers/testing_files.h"

namespace kiln {
namespace {

using namespace testing;

TEST(Repeat, CopiesFollowOneAnother) {
  const Files files;
  EXPECT_EQ(files.json(kHead + "  a: {" + kLinear +
                       ", inputs: {h: x}, repeat: 3, carry: h}\n"
                       "  b: {" +
                       kLinear +
                       ", inputs: {h: a_0}}\n"
                       "model_outputs: {y: a, z: b, early: a_1}\n"),
            json_of(kHead + "  a_0: {" + kLinear + ", inputs: {h: x}}\n  a_1: {" + kLinear +
                    ", inputs: {h: a_0}}\n  a_2: {" + kLinear + ", inputs: {h: a_1}}\n  b: {" + kLinear +
                    ", inputs: {h: a_0}}\nmodel_outputs: {y: a_2, z: b, early: a_1}\n"));
}

TEST(Repeat, SharedCopiesAreAliasesOfTheFirst) {
  const Files files;
  const std::string text = kHead + "  a: {" + kLinear +
                           ", freeze: true, seed: 3, inputs: {h: x}, repeat: 3, carry: h, share: true}\n"
                           "model_outputs: {y: a}\n";
  EXPECT_EQ(files.json(text),
            json_of(kHead + "  a_0: {" + kLinear +
                    ", freeze: true, seed: 3, inputs: {h: x}}\n  a_1: {alias: a_0, inputs: {h: a_0}}\n"
                    "  a_2: {alias: a_0, inputs: {h: a_1}}\nmodel_outputs: {y: a_2}\n"));
  EXPECT_EQ(lower_graph(files.check(text).graph).parameters.size(), 1u);
}

TEST(Repeat, OnceIsOneCopy) {
  const Files files;
  EXPECT_EQ(files.json("model_params: {n: 1}\n" + kHead + "  a: {" + kLinear +
                       ", inputs: {h: x}, repeat: \"${model_params.n}\", carry: h}\nmodel_outputs: {y: a}\n"),
            json_of(kHead + "  a_0: {" + kLinear + ", inputs: {h: x}}\nmodel_outputs: {y: a_0}\n"));
}

TEST(Repeat, AliasesCallTheLastCopyOrOneByName) {
  const Files files;
  EXPECT_EQ(files.json(kHead + "  b: {alias: a, inputs: {h: x}}\n  c: {alias: a_0, inputs: {h: b}}\n  a: {" + kLinear +
                       ", inputs: {h: x}, repeat: 2, carry: h}\n  d: {alias: c, repeat: 2, carry: h, inputs: {h: c}}\n"
                       "model_outputs: {y: d, a: a}\n"),
            json_of(kHead + "  b: {alias: a_1, inputs: {h: x}}\n  c: {alias: a_0, inputs: {h: b}}\n  a_0: {" + kLinear +
                    ", inputs: {h: x}}\n  a_1: {" + kLinear +
                    ", inputs: {h: a_0}}\n  d_0: {alias: a_0, inputs: {h: c}}\n  d_1: {alias: a_0, inputs: {h: d_0}}\n"
                    "model_outputs: {y: d_1, a: a_1}\n"));
}

TEST(Repeat, CopiesOfAnAliasShare) {
  const Files files;
  const auto text = [](const std::string& share) {
    return kHead + "  a: {" + kLinear + ", inputs: {h: x}}\n  b: {alias: a, repeat: 2, carry: h, share: " + share +
           ", inputs: {h: a}}\nmodel_outputs: {y: b}\n";
  };
  EXPECT_TRUE(files.check(text("true")).faults.list.empty());
  const Checked checked = files.check(text("false"));
  ASSERT_EQ(checked.faults.list.size(), 1u);
  EXPECT_EQ(checked.faults.list[0].code, "alias-with-type");
  EXPECT_EQ(checked.faults.list[0].what, "layer 'b': an alias takes no 'share: false'");
}

/// A dot at the end is lost in no rewriting.
TEST(Repeat, DotsAtTheEndAreTold) {
  const Files files;
  const Checked checked =
      files.check(kHead + "  a: {" + kLinear + ", inputs: {h: x}, repeat: 2, carry: h}\nmodel_outputs: {y: a.}\n");
  ASSERT_EQ(checked.faults.list.size(), 1u);
  EXPECT_EQ(checked.faults.list[0].code, "bad-reference");
}

TEST(Repeat, PositionalPortsAreCarriedByNumber) {
  const Files files;
  const std::string linear = "type: ArbitraryModule, config: {target: torch.nn.Linear, args: [4, 4]}";
  EXPECT_EQ(files.json(kHead + "  a: {" + linear + ", inputs: {0: x}, repeat: 2, carry: 0}\nmodel_outputs: {y: a}\n"),
            json_of(kHead + "  a_0: {" + linear + ", inputs: {0: x}}\n  a_1: {" + linear +
                    ", inputs: {0: a_0}}\nmodel_outputs: {y: a_1}\n"));
}

/// The first starts as the layer would by itself.
TEST(Repeat, CopiesOfASeededLayerStartApart) {
  const Files files;
  const std::string linear = "type: ArbitraryModule, config: {target: torch.nn.Linear, args: [4, 4]}";
  const auto start = [&](const std::string& name, const std::string& keys) {
    return init_weights(lower_graph(files
                                        .check(kHead + "  " + name + ": {" + linear + ", seed: 7, inputs: {0: x}" +
                                               keys + "}\nmodel_outputs: {y: " + name + "}\n")
                                        .graph),
                        1);
  };
  const Weights copies = start("a", ", repeat: 3, carry: 0"), single = start("b", "");
  EXPECT_EQ(copies.at("a_0.weight").data, single.at("b.weight").data);
  EXPECT_NE(copies.at("a_1.weight").data, single.at("b.weight").data);
  EXPECT_NE(copies.at("a_2.weight").data, single.at("b.weight").data);
  EXPECT_NE(copies.at("a_1.weight").data, copies.at("a_2.weight").data);
}

TEST(Repeat, ConvolutionsOverTheSameEdges) {
  const Files files;
  std::string text = with(kOneLayer, "  conv:\n    type: MACE_layer\n",
                          "  conv:\n    type: MACE_layer\n    repeat: 2\n    carry: node_feats\n");
  const Checked checked = files.check(text);
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_EQ(checked.graph.n_hops, 2);
  EXPECT_EQ(checked.field("conv_1").type.level, Level::atom);
}

TEST(Repeat, OutputMapsNameTheLastCopyAndEachByNumber) {
  const Files files;
  const Checked checked =
      files.check(kHead + "  a: {" + kLinear +
                  ", inputs: {h: x}, repeat: 2, carry: h, output: {0: f}}\nmodel_outputs: {y: f, z: f_0}\n");
  EXPECT_EQ(faults_of(checked), Faults{"w single-output@3"});
  EXPECT_EQ(checked.graph.fields[checked.graph.outputs[0].field].name, "a_1");
  EXPECT_EQ(checked.graph.fields[checked.graph.outputs[1].field].name, "a_0");
}

TEST(Repeat, FaultsAreToldWhereTheyStand) {
  const Files files;
  const auto faults = [&](const std::string& keys) {
    return faults_of(
        files.check(kHead + "  a: {" + kLinear + ", inputs: {h: x}, " + keys + "}\nmodel_outputs: {y: a}\n"));
  };
  for (const char* n : {"0", "-1", "1.5", "two", "", "20000"}) {
    EXPECT_EQ(faults("carry: h, repeat: " + std::string(n)), Faults{"bad-repeat@3"}) << n;
  }
  EXPECT_EQ(faults("carry: h, repeat: '2'"), Faults{});  // as a number in a config
  EXPECT_EQ(faults("repeat: 2"), Faults{"missing-carry@3"});
  EXPECT_EQ(faults("repeat: 2, carry: hh"), Faults{"unknown-carry@3"});
  EXPECT_EQ(faults("repeat: 2, carry: []"), Faults{"wrong-kind@3"});
  EXPECT_EQ(faults("repeat: 2, carry: h, share: 3"), Faults{"wrong-kind@3"});
  EXPECT_EQ(faults("carry: h, share: true"), Faults({"unknown-key@3", "unknown-key@3"}));
  EXPECT_EQ(faults("repeat: 3, carry: h, nonsense: 1"), Faults{"unknown-key@3"});  // once, not for each copy
  EXPECT_EQ(faults("repeat: 3, carry: hh, nonsense: 1"), Faults({"unknown-carry@3", "unknown-key@3"}));
  const Checked shared = files.check(kHead +
                                     "  a: {type: AtomwiseLinear, config: {irreps_in_block: 4x0e, "
                                     "irreps_out_block: 2x0e}, inputs: {h: x}, repeat: 2, carry: h, share: true}\n"
                                     "model_outputs: {y: a}\n");
  EXPECT_EQ(faults_of(shared), Faults{"block-mismatch@3"});
  const Checked several =
      files.check(with(with(kOneLayer, "lmax: 1}, inputs: {pos", "lmax: 1}, repeat: 2, carry: pos, inputs: {pos"),
                       "geometry.1", "geometry_0.1"));
  EXPECT_EQ(several.faults.list.at(0).code, "several-outputs");
  EXPECT_EQ(several.faults.list.at(0).where.line, 8);
}

/// In whatever order they are computed.
TEST(Repeat, NamesThatClashMixNoConfigsOfLayersThatComeLater) {
  const Files files;
  const std::string linear = "{type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: ";
  const std::string repeated = "  a: " + linear + "z}, repeat: 2, carry: h}\n", last = "  z: " + linear + "x}}\n";
  const std::string other = "  a_1: {type: ScalarReadout, inputs: {h: x}}\n";
  EXPECT_EQ(faults_of(files.check(kHead + repeated + other + last + "model_outputs: {y: a}\n")),
            Faults{"name-clash@4"});
  EXPECT_EQ(faults_of(files.check(kHead + other + repeated + last + "model_outputs: {y: a}\n")),
            Faults{"name-clash@4"});
}

/// Once, however often the block is repeated or called.
TEST(Repeat, WhatIsCarriedInABlockIsToldOnce) {
  const Files files;
  files.write("block.yaml", with(kBlock, "{h: first}}", "{h: first}, repeat: 1, carry: {h: zz}}"));
  EXPECT_EQ(faults_of(files.check(kHead + "  m: {include: block.yaml, inputs: {h: x}, repeat: 5, carry: h}\n"
                                          "  n: {alias: m, inputs: {h: x}}\nmodel_outputs: {y: m, z: n}\n")),
            Faults{"unknown-output@5"});
}

/// However many copies there are: declared outputs are known beforehand.
TEST(Repeat, WhatIsCarriedIsThere) {
  const Files files;
  const auto faults = [&](const std::string& keys) {
    return faults_of(
        files.check(kHead + "  a: {" + kLinear + ", inputs: {h: x}, " + keys + "}\nmodel_outputs: {y: a}\n"));
  };
  EXPECT_EQ(faults("repeat: 1, carry: {h: zz}"), Faults{"unknown-output@3"});
  EXPECT_EQ(faults("repeat: 2, carry: {h: zz}"), Faults{"unknown-output@3"});
  EXPECT_EQ(faults("repeat: -2, carry: {h: zz}"), (Faults{"bad-repeat@3", "unknown-output@3"}));
  EXPECT_EQ(faults("repeat: 1, carry: h"), Faults{});
  EXPECT_EQ(faults("repeat: -2, carry: h"), Faults{"bad-repeat@3"});
}

/// What is wrong with `share` is about weights.
TEST(Repeat, AWrongShareHidesNothingOfTheCopies) {
  const Files files;
  EXPECT_EQ(faults_of(files.check(kHead + "  a: {" + kLinear +
                                  ", inputs: {h: x}, repeat: 2, carry: h, share: maybe}\n  b: {type: AtomwiseLinear, "
                                  "config: {irreps_in_block: 9x0e, irreps_out_block: 4x0e}, inputs: {h: a_1}}\n"
                                  "model_outputs: {y: b}\n")),
            (Faults{"wrong-kind@3", "block-mismatch@4"}));
}

/// One copy is what all are.
TEST(Repeat, AWrongRepeatHidesNothingOfTheReaders) {
  const Files files;
  files.write("block.yaml", kBlock);
  const auto faults = [&](const std::string& layer, const std::string& read) {
    return faults_of(files.check(kHead + "  a: {" + layer + "}\n  b: {type: AtomwiseLinear, config: " +
                                 "{irreps_in_block: 9x0e, irreps_out_block: 4x0e}, inputs: {h: " + read +
                                 "}}\nmodel_outputs: {y: b}\n"));
  };
  const std::string one = kLinear + ", inputs: {h: x}, output: {h: u}, ",
                    block = "include: block.yaml, inputs: {h: x}, ";
  for (const char* read : {"a", "a_1", "u", "u_1"}) {
    EXPECT_EQ(faults(one + "repeat: abc, carry: h", read),
              (Faults{"bad-repeat@3", "w single-output@3", "block-mismatch@4"}))
        << read;
    EXPECT_EQ(faults(one + "repeat: 2, carry: hh", read),
              (Faults{"unknown-carry@3", "w single-output@3", "block-mismatch@4"}))
        << read;
  }
  for (const char* read : {"a", "a_1", "a.out", "a_1.out", "u", "u_1", "a__again", "a_1__again"})
    EXPECT_EQ(faults(block + "output: {out: u}, repeat: 0, carry: {h: out}", read),
              (Faults{"bad-repeat@3", "block-mismatch@4"}))
        << read;
  EXPECT_EQ(faults(block + "repeat: 2, carry: {h: non}", "a_1"), (Faults{"unknown-carry@3", "block-mismatch@4"}));
  EXPECT_EQ(faults(block + "repeat: 2, carry: {h: non}", "a_2"), (Faults{"unknown-carry@3", "unknown-reference@4"}));
  const std::string again = "{type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: first}}";
  files.write("block.yaml", with(kBlock, again, "{alias: first, inputs: {h: first}}"));
  EXPECT_EQ(faults(block + "repeat: 0, carry: {h: out}", "a"), (Faults{"bad-repeat@3", "block-mismatch@4"}));
  files.write("block.yaml", with(kBlock, "out: again", "out: h"));
  EXPECT_EQ(faults(block + "repeat: 0, carry: {h: out}", "a"), Faults{"bad-repeat@3"});  // what is handed through
}

/// Every layer either gives what its config says, or it depends on what it reads.
TEST(Repeat, EveryLayerIsKnownToGiveAlikeOrNot) {
  const std::set<std::string> alike = {"OneHotAtomEncoding", "AtomwiseLinear", "MACE_layer", "ScalarReadout",
                                       "PerSpeciesEnergy"};
  const std::set<std::string> other = {"ArbitraryModule",
                                       "SphericalHarmonicEdgeAttrs",
                                       "RadialBasisEdgeEncoding",
                                       "ScaleShift",
                                       "AtomwiseSum",
                                       "Derivatives",
                                       "AutogradForces"};
  const LayerTable table = layer_table();
  for (int i = 0; i < table.size; ++i) {
    const std::string& name = table.begin[i]->name;
    Yaml layer = yaml_mapping();
    yaml_set(layer, "type", yaml_text(name));
    EXPECT_EQ(gives_alike(layer), alike.count(name) != 0) << name;
    EXPECT_NE(alike.count(name), other.count(name)) << name << ": does it belong into copies_alike.cpp?";
  }
}

/// What torch's functions give may differ from copy to copy.
TEST(Repeat, AWrongRepeatSaysNothingOfCopiesThatMayDiffer) {
  const Files files;
  const std::string pad =
      "type: ArbitraryModule, config: {target: torch.nn.functional.pad, kwargs: {pad: [0, 1]}}, inputs: {0: ";
  files.write("block.yaml", "model_inputs: {h: {}}\nmodel_layers:\n  p: {" + pad + "h}}\nmodel_outputs: {out: p}\n");
  const auto faults = [&](const std::string& layer) {
    return faults_of(files.check(kHead + "  a: {" + layer +
                                 "}\n  b: {type: ArbitraryModule, config: {target: "
                                 "torch.nn.Linear, args: [7, 2]}, inputs: {0: a}}\nmodel_outputs: {y: b}\n"));
  };
  EXPECT_EQ(faults(pad + "x}, repeat: 3, carry: 0"), Faults{});
  EXPECT_EQ(faults(pad + "x}, repeat: 3, carry: 1"), Faults{"unknown-carry@3"});
  EXPECT_EQ(faults("include: block.yaml, inputs: {h: x}, repeat: 3, carry: hh"), Faults{"unknown-carry@3"});
}

/// Nor of what gives what it reads, and of what copies read: an alias reads as its target does.
TEST(Repeat, AWrongRepeatSaysNothingOfWhatCopiesRead) {
  const Files files;
  const std::string linear = "type: AtomwiseLinear, config: {irreps_out_block: 2x0e}";
  files.write("block.yaml", "model_inputs: {h: {}}\nmodel_layers:\n  s: {type: ScaleShift, inputs: {h: h}}\n  l: {" +
                                linear + ", inputs: {h: h}}\nmodel_outputs: {out: l, old: s, in: h}\n");
  const auto faults = [&](const std::string& layer, const std::string& reader) {
    return faults_of(files.check(kHead + "  a: {" + layer + "}\n  b: {" + reader + "}\nmodel_outputs: {y: b}\n"));
  };
  for (const char* alias : {"a", "a_1"})
    EXPECT_EQ(faults(linear + ", inputs: {h: x}, repeat: abc, carry: h",
                     "alias: " + std::string(alias) + ", inputs: {h: a_0}"),
              Faults{"bad-repeat@3"})
        << alias;
  for (const char* read : {"a_1.old", "a_1.in", "a_1__s"})
    EXPECT_EQ(faults("include: block.yaml, inputs: {h: x}, repeat: abc, carry: {h: out}",
                     "type: AtomwiseLinear, config: {irreps_in_block: 2x0e, irreps_out_block: 2x0e}, inputs: {h: " +
                         std::string(read) + "}"),
              Faults{"bad-repeat@3"})
        << read;
}

/// Each layer has its own config, whatever its name.
TEST(Repeat, NamesThatClashMixNoConfigs) {
  const Files files;
  const std::string linear = "type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: x}";
  EXPECT_EQ(faults_of(files.check(kHead + "  a: {" + linear +
                                  ", repeat: 2, carry: h}\n  a_1: {type: ScalarReadout, inputs: {h: x}}\n"
                                  "model_outputs: {y: a}\n")),
            Faults{"name-clash@4"});
}

TEST(Repeat, AWrongCarryHidesNoClashes) {
  const Files files;
  EXPECT_EQ(faults_of(files.check(kHead + "  a: {" + kLinear + ", inputs: {h: x}, repeat: 2, carry: q}\n  a_1: {" +
                                  kLinear + ", inputs: {h: x}}\nmodel_outputs: {y: a}\n")),
            (Faults{"unknown-carry@3", "name-clash@3"}));
}

/// A copy at fault stands for none that has the name of something else; it does so in the file that includes it, too.
TEST(Repeat, AWrongRepeatTakesNoNames) {
  const Files files;
  files.write("block.yaml", kBlock);
  const std::string repeated = "  a: {" + kLinear + ", inputs: {h: x}, repeat: abc, carry: h}\n";
  const std::string wide = "{type: AtomwiseLinear, config: {irreps_out_block: 8x0e}, inputs: {h: x}";
  const auto faults = [&](const std::string& layers) {
    return faults_of(files.check(kHead + layers +
                                 "  b: {type: AtomwiseLinear, config: {irreps_in_block: 8x0e, irreps_out_block: "
                                 "4x0e}, inputs: {h: a_1}}\nmodel_outputs: {y: b}\n"));
  };
  EXPECT_EQ(faults(repeated + "  a_1: " + wide + "}\n"), Faults{"bad-repeat@3"});
  EXPECT_EQ(faults(repeated + "  a_1: " + wide + ", repeat: abc, carry: h}\n"),
            Faults({"bad-repeat@3", "bad-repeat@4"}));
  files.write("wide.yaml",
              "model_inputs: {h: {shape: [N, 4]}}\nmodel_layers: {l: {type: AtomwiseLinear, config: "
              "{irreps_out_block: 8x0e}, inputs: {h: h}}}\nmodel_outputs: {out: l}\n");
  EXPECT_EQ(faults(repeated + "  a_1: {include: wide.yaml, inputs: {h: x}}\n"), Faults{"bad-repeat@3"});
}

TEST(Repeat, AWrongRepeatHidesNothingOfAliasesAndIncludingFiles) {
  const Files files;
  files.write("block.yaml", kBlock);
  const std::string read =
      "  r: {type: AtomwiseLinear, config: {irreps_in_block: 9x0e, irreps_out_block: 4x0e}, inputs: {h: ";
  const auto faults = [&](const std::string& layers, const std::string& name) {
    return faults_of(files.check(kHead + layers + read + name + "}}\nmodel_outputs: {y: r}\n"));
  };
  const std::string block = "  a: {include: block.yaml, inputs: {h: x}, repeat: abc, carry: h}\n";
  EXPECT_EQ(faults(block + "  d: {alias: a_1, inputs: {h: none}}\n", "a"),
            (Faults{"bad-repeat@3", "unknown-reference@4", "block-mismatch@5"}));
  EXPECT_EQ(
      faults(block + "  d: {alias: a, inputs: {h: x}, repeat: 0, carry: h}\n  e: {alias: d_0, inputs: {h: x}}\n", "e"),
      (Faults{"bad-repeat@3", "bad-repeat@4"}));  // what its copies read may differ
  files.write("inner.yaml", with(kBlock, "inputs: {h: first}}", "inputs: {h: first}, repeat: 0, carry: h}"));
  for (const char* name : {"b__again", "b__again_1"})
    EXPECT_EQ(faults("  b: {include: inner.yaml, inputs: {h: x}}\n", name),
              (Faults{"bad-repeat@5", "block-mismatch@4"}))
        << name;
  for (const char* name : {"b__again_1", "b_0__again_1", "b_1__again"})
    EXPECT_EQ(faults("  b: {include: inner.yaml, inputs: {h: x}, repeat: 2, carry: h}\n", name),
              (Faults{"bad-repeat@5", "block-mismatch@4"}))
        << name;
  EXPECT_EQ(faults("  b: {include: inner.yaml, inputs: {h: x}, repeat: 2, carry: h}\n", "b_2__again_1"),
            (Faults{"bad-repeat@5", "unknown-reference@4"}));
}

/// Whatever is wrong with them, there are no more copies than are said.
TEST(Repeat, CopiesBeyondTheLastAreUnknown) {
  const Files files;
  const auto faults = [&](const std::string& repeat) {
    return faults_of(files.check(kHead + "  a: {" + kLinear + ", inputs: {h: x}, output: {0: u}, " + repeat +
                                 "}\nmodel_outputs: {y: a_2, z: u_2, w: a_3, v: u_3, t: a_02}\n"));
  };
  EXPECT_EQ(faults("repeat: 3, carry: hh"), (Faults{"unknown-carry@3", "w single-output@3", "unknown-reference@4",
                                                    "unknown-reference@4", "unknown-reference@4"}));
  EXPECT_EQ(faults("repeat: abc, carry: h"), (Faults{"bad-repeat@3", "w single-output@3", "unknown-reference@4"}));
  EXPECT_EQ(
      faults_of(files.check(kHead + "  a: {include: none.yaml, inputs: {h: x}}\nmodel_outputs: {y: a, z: a_2}\n")),
      (Faults{"cannot-include@3", "unknown-reference@4"}));
}

/// Whoever follows a hint is told nothing more.
TEST(Repeat, HintsAboutCarryHold) {
  const Files files;
  const auto check = [&](const std::string& keys) {
    return files.check(kHead + "  a: {" + kLinear + ", inputs: {h: x}, repeat: 2" + keys +
                       "}\nmodel_outputs: {y: a}\n");
  };
  for (const char* wrong : {"", ", carry: []", ", carry: {h: }", ", carry: {h: output}", ", carry: {h: h}"}) {
    const Diagnostic told = check(wrong).faults.list.at(0);
    EXPECT_TRUE(says(told, "carry: h")) << told.hint;
    EXPECT_FALSE(says(told, "{h: output}")) << told.hint;
  }
  EXPECT_EQ(faults_of(check(", carry: h")), Faults{});
  EXPECT_TRUE(
      says(files.check(kHead + "  a: {type: AtomwiseSum, inputs: {src: x, index: x}, repeat: 2}\n").faults.list.at(0),
           "one of src, index: carry: src"));
}

TEST(Repeat, NamesThatClashAreShownWithBothPlaces) {
  const Files files;
  const std::string a = "  a: {" + kLinear + ", inputs: {h: x}, repeat: 2, carry: h}\n";
  const Checked copy = files.check(kHead + a + "  a_1: {" + kLinear + ", inputs: {h: x}}\nmodel_outputs: {y: a}\n");
  ASSERT_EQ(faults_of(copy), Faults{"name-clash@4"});
  EXPECT_TRUE(says(copy.faults.list[0], "m.yaml:3:3"));
  const Checked plain = files.check(with(kHead, "{x:", "{a: , x:") + a + "model_outputs: {y: a}\n");
  ASSERT_EQ(faults_of(plain), Faults{"name-clash@3"});
  EXPECT_TRUE(says(plain.faults.list[0], "m.yaml:1:16"));
  const std::string other = "  a_1: {" + kLinear + ", inputs: {h: x}, repeat: 2, carry: h}\n";
  const Checked both = files.check(kHead + a + other + "model_outputs: {y: a, z: a_1}\n");
  ASSERT_EQ(faults_of(both), Faults{"name-clash@3"});
  EXPECT_TRUE(says(both.faults.list[0], "m.yaml:4:3"));
}

}  // namespace
}  // namespace kiln
