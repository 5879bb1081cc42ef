// What stands under a misspelt name is looked at as if it were spelt as meant.
#include "layers/testing_files.h"

namespace kiln {
namespace {

using namespace testing;

TEST(MisspeltNames, OfConfigKeysHideNoValues) {
  const auto faults = [](const std::string& config) {
    return faults_of(with(kTwo, "config: {irreps_out_block: 4x0e}", config));
  };
  EXPECT_EQ(faults("config: {irreps_ot_block: 4y0e}"), (Faults{"unknown-config-key@3", "bad-config-value@3"}));
  EXPECT_EQ(faults("config: {irreps_ot_block: 4x0e}"), Faults{"unknown-config-key@3"});
  EXPECT_EQ(faults("config: {irreps_ot_block: 9x0e}").size(), 2u);                         // b reads a
  EXPECT_EQ(faults("config: {irreps_ot_block: 4y0e, irreps_out_blok: 4x0e}").size(), 2u);  // which is meant?
  const std::string call = with(with(kTwo, "type: AtomwiseLinear", "type: ArbitraryModule"), "{h: x}", "{0: x}");
  EXPECT_EQ(faults_of(with(with(call, "{h: a}", "{0: a}"), "irreps_out_block: 4x0e",
                           "target: torch.nn.Linear, kargs: {in_features: 4, out_features: 4}")),
            Faults{"unknown-config-key@3"});  // args or kwargs?
}

TEST(MisspeltNames, OfSectionsHideNothing) {
  const Files files;
  const auto faults = [&](const std::string& text) { return faults_of(files.check(text)); };
  EXPECT_EQ(faults(with(kTwo, "model_layers", "model_layer")), Faults{"unknown-section@2"});
  EXPECT_EQ(faults(with(kTwo, "model_inputs", "input")), Faults{"unknown-section@1"});
  EXPECT_EQ(faults("compt: klay\n" + kTwo), Faults{"unknown-section@1"});
  EXPECT_EQ(faults(with(with(kTwo, "model_layers", "layers"), "model_outputs: {y: b}", "model_output: {y: c}")),
            (Faults{"unknown-section@2", "unknown-section@5", "unknown-reference@5"}));
  EXPECT_EQ(faults(with(kTwo, "{type: AtomwiseLinear, config: {irreps_out_block: 4x0e}",
                        "{type: AtomwiseLinear, "
                        "conf: {irreps_out_block: 4y}")),
            (Faults{"unknown-key@3", "bad-config-value@3"}));
}

/// There is the right one, too; it is none of these; a library needs no other; or KLay would ignore it.
TEST(MisspeltNames, AreNotThoseOfOtherSections) {
  const Files files;
  const auto faults = [&](const std::string& text) { return faults_of(files.check(text)); };
  EXPECT_EQ(faults("model_output: {z: b}\n" + kTwo), Faults{"w unknown-section@1"});
  EXPECT_EQ(faults("compute: {device: cpu}\n" + kTwo), Faults{"w unknown-section@1"});
  EXPECT_EQ(faults("model_parms: {n: 4}\n" + with(kTwo, "4x0e", "\"${model_parms.n}x0e\"")),
            Faults{"w unknown-section@1"});
  EXPECT_EQ(faults("model_output: {y: a}\nmodel_layers: {a: {type: ScalarReadout}}\n"), Faults{"w unknown-section@1"});
  EXPECT_EQ(faults("compat: klay\n" + with(kTwo, "model_outputs", "model_output")).front(), "w unknown-section@6");
  files.write("klay.yaml", "model_input: 3\nmodel_layers: {}\nmodel_outputs: {o: x}\n");
  EXPECT_EQ(faults("compat: klay\n" + kHead + "  b: {include: klay.yaml}\nmodel_outputs: {y: x}\n").front(),
            "w unknown-section@1");
  files.write("klay.yaml", with(with(kTwo, "config:", "confg:"), "y: b", "o: b"));
  const Faults ignored =
      faults("compat: klay\n" + kHead + "  b: {include: klay.yaml, inputs: {x: x}}\nmodel_outputs: {y: b}\n");
  EXPECT_EQ(ignored, (Faults{"w unknown-key@3", "missing-config-key@3"}));
}

TEST(MisspeltNames, OfKeysOfALayerHideNothing) {
  const Files files;
  const auto told = [&](const std::string& layer) {
    return faults_of(files.check(kHead + "  a: {" + layer + "}\nmodel_outputs: {y: a}\n"));
  };
  const std::string linear = kLinear + ", inputs: {h: x}";
  EXPECT_EQ(told("type: AtomwiseLinear, conf: {irreps_out_block: 4q}, inputs: {h: x}"),
            (Faults{"unknown-key@3", "bad-config-value@3"}));
  EXPECT_EQ(told(kLinear + ", inpt: {h: none}"), (Faults{"unknown-key@3", "unknown-reference@3"}));
  EXPECT_EQ(told(linear + ", int: {linear.weight: one}"), (Faults{"unknown-key@3", "bad-init@3"}));
  EXPECT_EQ(told(linear + ", see: -1, freez: maybe"),
            (Faults{"unknown-key@3", "unknown-key@3", "wrong-kind@3", "wrong-kind@3"}));
  EXPECT_EQ(told(linear + ", repat: 3, carry: h"), Faults{"unknown-key@3"});
  EXPECT_EQ(told(linear + ", repeat: 3, cary: h, shar: maybe"),
            (Faults{"unknown-key@3", "unknown-key@3", "wrong-kind@3"}));
  EXPECT_EQ(told(linear + ", cary: h"), Faults{"unknown-key@3"});  // goes with nothing
}

/// What is of another kind is not meant, nor what a layer is.
TEST(MisspeltNames, AreNotGuessedAgainstTheirValues) {
  const Files files;
  const auto told = [&](const std::string& rest) {
    return faults_of(
        files.check(kHead + "  a: {" + kLinear + ", inputs: {h: x}" + rest + "}\nmodel_outputs: {y: a}\n"));
  };
  for (const char* rest : {", unit: eV", ", out: 3", ", repeat: 2, carry: h, shape: [N, 4]"})
    EXPECT_EQ(told(rest), Faults{"unknown-key@3"}) << rest;
  EXPECT_EQ(faults_of(files.check(kHead +
                                  "  a: {kind: AtomwiseLinear, inc: notes, inputs: {h: x}}\nmodel_outputs: {y: a}\n")),
            (Faults{"unknown-key@3", "unknown-key@3", "missing-type@3"}));
}

/// Unless the argument may be given otherwise.
TEST(MisspeltNames, OfArgumentsOfACall) {
  const Files files;
  const auto told = [&](const std::string& call) {
    return faults_of(files.check(kHead + "  a: {type: ArbitraryModule, config: {target: torch." + call +
                                 "}, inputs: {0: x}}\nmodel_outputs: {y: a}\n"));
  };
  EXPECT_EQ(told("nn.Linear, kwargs: {in_featues: 9, out_features: 2}"), (Faults{"bad-argument@3", "bad-shape@3"}));
  EXPECT_EQ(told("nn.Linear, kwargs: {in_featues: x, out_features: 2}"), (Faults{"bad-argument@3", "bad-argument@3"}));
  EXPECT_EQ(told("nn.Linear, args: [4], kwargs: {in_featues: 9, out_features: 2}"), Faults{"bad-argument@3"});
  EXPECT_EQ(told("nn.Linear, kwargs: {in_features: 4, in_featues: 9, out_features: 2}"), Faults{"bad-argument@3"});
  EXPECT_EQ(told("nn.Linear, kwargs: {in_featues: 4, in_featurs: 9, out_features: 2}").size(), 2u);
}

/// Of an alias, which has no config, and of a block.
TEST(MisspeltNames, OfKeysOfAliasesAndBlocks) {
  const Files files;
  files.write("block.yaml", kBlock);
  const auto told = [&](const std::string& layer) {
    return faults_of(files.check(kHead + "  a: {" + kLinear + ", inputs: {h: x}}\n  b: {" + layer +
                                 "}\nmodel_outputs: {y: b, z: a}\n"));
  };
  EXPECT_EQ(told("alias: a, inpts: {h: none}, conf: {q: 1}"),
            (Faults{"unknown-key@4", "unknown-key@4", "unknown-reference@4"}));
  EXPECT_EQ(told("includ: block.yaml, inputs: {h: none}"), (Faults{"unknown-key@4", "unknown-reference@4"}));
  EXPECT_EQ(told("include: block.yaml, inputs: {h: x}, parms: {none: 1}"),
            (Faults{"unknown-key@4", "unknown-parameter@4"}));
}

/// Unless the right one is given, too.
TEST(MisspeltNames, OfPortsHideNothing) {
  const auto faults = [](const std::string& inputs) {
    return faults_of(kHead + "  a: {" + kLinear + ", inputs: {h: x}}\n  b: {type: AtomwiseLinear, config: " +
                     "{irreps_in_block: 9x0e, irreps_out_block: 2x0e}, inputs: " + inputs +
                     "}\nmodel_outputs: {y: b, z: a}\n");
  };
  EXPECT_EQ(faults("{hh: a}"), (Faults{"unknown-port@4", "block-mismatch@4"}));
  EXPECT_EQ(faults("{features: a}"), (Faults{"unknown-port@4", "missing-input@4"}));  // which is meant?
  EXPECT_EQ(faults("{hh: a, h: none}"), (Faults{"unknown-port@4", "unknown-reference@4"}));
  const std::string species = with(kOneLayer, "edge_index: edge_index, shift", "edge_indx: species, shift");
  EXPECT_EQ(faults_of(species), (Faults{"unknown-port@8", "wrong-input@8"}));
}

/// The only output there is, or the one that a name is near to.
TEST(MisspeltNames, OfOutputsHideNothing) {
  const std::string narrow =
      with(kOneLayer, "{irreps_out_block: \"8x0e\"}", "{irreps_in_block: 3x0e, irreps_out_block: 8x0e}");
  EXPECT_EQ(faults_of(with(narrow, "h: elements}", "h: elements.zzz}")),
            (Faults{"unknown-output@10", "block-mismatch@10"}));
  const std::string radial = "{edge_lengths: geometry.1}";
  EXPECT_EQ(faults_of(with(kOneLayer, radial, "{edge_lengths: geometry.edge_vecs}")),
            (Faults{"unknown-output@9", "wrong-input@9"}));
  EXPECT_EQ(faults_of(with(kOneLayer, radial, "{edge_lengths: geometry.edges}")), Faults{"unknown-output@9"});
  EXPECT_EQ(faults_of(with(kOneLayer, "h: elements}", "h: species.q}")),
            (Faults{"bad-reference@10", "wrong-input@10"}));
  const std::string call = "  c: {type: ArbitraryModule, config: {target: torch.relu}, inputs: {0: elements}}\n";
  EXPECT_EQ(faults_of(with(with(narrow, "h: elements}", "h: c.zzz}"), "model_outputs", call + "model_outputs")).back(),
            "block-mismatch@10");
}

TEST(MisspeltNames, OfOutputMapsHideNothing) {
  const auto faults = [](const std::string& map, const std::string& lengths) {
    return faults_of(with(with(kOneLayer, "shift: shift}}", "shift: shift}, output: {" + map + ": v}}"),
                          "edge_lengths: geometry.1", "edge_lengths: " + lengths));
  };
  EXPECT_EQ(faults("edge_vecs", "v"), (Faults{"unknown-output@8", "wrong-input@9"}));
  EXPECT_EQ(faults("edges", "v"), Faults{"unknown-output@8"});
  EXPECT_EQ(faults("edge_vecs", "geometry.1"), Faults{"unknown-output@8"});
  EXPECT_EQ(faults_of(with(with(kOneLayer, "{x: species}}", "{x: species}, output: {onehot: f}}"),
                           "irreps_out_block: \"8x0e\"}, inputs: {h: elements}",
                           "irreps_in_block: 3x0e, irreps_out_block: \"8x0e\"}, inputs: {h: f}")),
            (Faults{"unknown-output@7", "block-mismatch@10"}));
}

TEST(MisspeltNames, OfPortsAndOutputsOfBlocksHideNothing) {
  const Files files;
  files.write("block.yaml", with(kBlock, "{out: again}", "{out: again, other: first}"));
  const std::string narrow = "model_inputs: {x: {shape: [N, 4]}, z: {shape: [N, 5]}}\nmodel_layers:\n";
  const auto faults = [&](const std::string& block, const std::string& read) {
    return faults_of(files.check(narrow + "  a: {include: block.yaml, " + block +
                                 "}\n  b: {type: AtomwiseLinear, config: {irreps_in_block: 9x0e, "
                                 "irreps_out_block: 2x0e}, inputs: {h: " +
                                 read + "}}\nmodel_outputs: {y: b}\n"));
  };
  EXPECT_EQ(faults("inputs: {h: x}", "a.outt"), (Faults{"unknown-output@4", "block-mismatch@4"}));
  EXPECT_EQ(faults("inputs: {h: x}", "a.nothing"), Faults{"unknown-output@4"});
  EXPECT_EQ(faults("inputs: {h: x}, output: {outt: w}", "w"), (Faults{"unknown-output@3", "block-mismatch@4"}));
  EXPECT_EQ(faults("inputs: {h: x}, output: {nothing: w}", "w"), Faults{"unknown-output@3"});
  EXPECT_EQ(faults("inputs: {hh: z}", "a.out"), (Faults{"unknown-port@3", "bad-shape@1", "block-mismatch@4"}));
  files.write("block.yaml", kBlock);
  EXPECT_EQ(faults("inputs: {h: x}", "a.nothing"), (Faults{"unknown-output@4", "block-mismatch@4"}));
}

/// Carried, too.
TEST(MisspeltNames, OfCarriedPortsOfBlocks) {
  const Files files;
  files.write("block.yaml", kBlock);
  const auto faults = [&](const std::string& rest) {
    return faults_of(files.check(kHead + "  b: {include: block.yaml, inputs: {h: x}}\n  a: {" + rest +
                                 "}\n  r: {type: AtomwiseLinear, config: {irreps_in_block: 9x0e, irreps_out_block: "
                                 "2x0e}, inputs: {h: a}}\nmodel_outputs: {y: r}\n"));
  };
  for (const char* rest : {"include: block.yaml, inputs: {hh: x}, repeat: 2, carry: hh",
                           "include: block.yaml, inputs: {hh: x}, repeat: 2, carry: {hh: out}, share: true",
                           "alias: b, inputs: {hh: x}, repeat: 2, carry: hh"})
    EXPECT_EQ(faults(rest), (Faults{"unknown-port@4", "block-mismatch@5"})) << rest;
}

/// What the second copy reads follows from what is carried.
TEST(MisspeltNames, OfCarriedPortsAreReadAsMeant) {
  const Files files;
  files.write("block.yaml", with(kBlock, "irreps_out_block: 4x0e", "irreps_out_block: 2x0e"));
  files.write("narrow.yaml", with(kBlock, "{irreps_out_block: \"$", "{irreps_in_block: 4x0e, irreps_out_block: \"$"));
  const auto faults = [&](const std::string& block, const std::string& carry) {
    return faults_of(files.check(kHead + "  a: {include: " + block + ", inputs: {hh: x}, repeat: 2, carry: " + carry +
                                 "}\nmodel_outputs: {y: a}\n"));
  };
  EXPECT_EQ(faults("block.yaml", "hh"), Faults{"unknown-port@3"});
  files.write("block.yaml",
              with(with(kBlock, "{irreps_out_block: \"$", "{irreps_in_block: 4x0e, irreps_out_block: \"$"),
                   "irreps_out_block: 4x0e", "irreps_out_block: 2x0e"));
  EXPECT_EQ(faults("block.yaml", "hh"), (Faults{"unknown-port@3", "block-mismatch@4"}));
  EXPECT_EQ(faults("narrow.yaml", "hh"), Faults{"unknown-port@3"});
}

/// But those of layers that Kiln may yet have.
TEST(MisspeltNames, OfTypesHideNothing) {
  const auto faults = [](const std::string& type) {
    return faults_of(with(kTwo, "type: AtomwiseLinear", "type: " + type));
  };
  const std::string wrong = with(with(kTwo, "4x0e", "4y0e"), "type: AtomwiseLinear", "type: AtomwiseLinaer");
  EXPECT_EQ(faults_of(wrong).size(), 2u);
  EXPECT_EQ(faults("AtomwiseLinaer"), Faults{"unknown-layer@3"});
  EXPECT_EQ(faults("GatedAtomwiseLinear"), Faults{"unknown-layer@3"});
  EXPECT_EQ(faults_of(kHead + "  a: {type: ArbitraryModul, config: {target: torch.nn.Linear, args: [5, 2]}, inputs: "
                              "{0: x}}\nmodel_outputs: {y: a}\n"),
            (Faults{"unknown-layer@3", "bad-shape@3"}));
}

/// Unless another may be meant, or none.
TEST(MisspeltNames, OfTargetsHideNothing) {
  const auto faults = [](const std::string& target) {
    return faults_of(kHead + "  a: {type: ArbitraryModule, config: {target: " + target +
                     ", args: [5, 2]}, inputs: {0: x}}\nmodel_outputs: {y: a}\n");
  };
  for (const char* target :
       {"torch.nn.Linaer", "torch.nn.Linea", "torch.nn.Linearr", "torch.nn.Limear", "nn.Linear", "nn.Linaer", "Linear"})
    EXPECT_EQ(faults(target), (Faults{"unknown-target@3", "bad-shape@3"})) << target;
  for (const char* target : {"mine.Linear", "torch.nn.Linears.of", "torch.nn.LazyLinear", "torch.nn.functional.relu7",
                             "torch.relu_", "torch.Linear", "torch.nn", "torch.zero_", "linear", "torch.nn.linear",
                             "torch.stft", "torch.device", "torch.nn.inear", "Linaer"})
    EXPECT_EQ(faults(target).size(), 1u) << target;
}

/// An alias is one of the layer that is meant.
TEST(MisspeltNames, OfAliasedLayersHideNothing) {
  const auto faults = [](const std::string& alias) {
    return faults_of(kHead +
                     "  linear: {type: AtomwiseLinear, config: {irreps_out_block: 2x0e}, inputs: {h: x}}\n"
                     "  other: {alias: " +
                     alias + ", inputs: {h: linear}}\nmodel_outputs: {y: other}\n");
  };
  EXPECT_EQ(faults("linear"), Faults{"block-mismatch@4"});
  EXPECT_EQ(faults("lineer"), (Faults{"bad-alias@4", "block-mismatch@4"}));
  EXPECT_EQ(
      faults_of(kHead + "  dense2: {alias: dense1, inputs: {0: x}}\n  dense3: {alias: dense1, inputs: {0: dense2}}\n"
                        "model_outputs: {y: dense3}\n"),
      (Faults{"bad-alias@3", "bad-alias@4"}));       // nor another such alias
  EXPECT_EQ(faults("othr"), Faults{"bad-alias@4"});  // not itself
  EXPECT_EQ(faults("model_layers.linear"), Faults{"bad-alias@4"});
}

/// References to what is misspelt lead there.
TEST(MisspeltNames, OfWhatInterpolationsRead) {
  const Files files;
  EXPECT_EQ(faults_of(files.check(kHead + "  a: {type: AtomwiseLinear, confg: {irreps_out_block: 4x0e}, inputs: {h: "
                                          "x}}\n  b: {type: AtomwiseLinear, config: {irreps_out_block: "
                                          "\"${model_layers.a.config.irreps_out_block}\"}, inputs: {h: a}}\n"
                                          "model_outputs: {y: b}\n")),
            Faults{"unknown-key@3"});
}

}  // namespace
}  // namespace kiln
