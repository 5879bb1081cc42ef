// include: an expanded graph is the graph that one would have written by hand.
#include <algorithm>

#include "layers/testing_files.h"

namespace kiln {
namespace {

using namespace testing;

TEST(Include, NamesThatClashAreShownWithBothPlaces) {
  const Files files;
  files.write("block.yaml", kBlock);
  const auto clash = [&](const std::string& layers) {
    const Checked checked = files.check(kHead + layers + "model_outputs: {y: b}\n");
    EXPECT_EQ(checked.faults.list.size(), 1u) << layers;
    EXPECT_EQ(checked.faults.list.at(0).code, "name-clash") << layers;
    return checked.faults.list[0].hint;
  };
  const std::string b = "  b: {include: block.yaml, inputs: {h: x}, output: {out: m}}\n";
  const auto other = [](const std::string& name) { return "  " + name + ": {" + kLinear + ", inputs: {h: x}}\n"; };
  EXPECT_NE(clash(b + other("b__first")).find("block.yaml:4:3"), std::string::npos);
  EXPECT_NE(clash(b + other("m")).find("m.yaml:4:3"), std::string::npos);
  EXPECT_NE(clash(b + "  c: {alias: b, inputs: {h: x}, output: {0: m}}\n").find("m.yaml:3:58"), std::string::npos);
  EXPECT_NE(clash(with(b, "out: m", "out: x")).find("m.yaml:1:16"), std::string::npos);
  const std::string twice = with(b, "inputs", "repeat: 2, carry: h, inputs");
  EXPECT_NE(clash(twice + other("b_1")).find("m.yaml:4:3"), std::string::npos);
  EXPECT_NE(clash(twice + other("m_0")).find("m.yaml:4:3"), std::string::npos);
  // A name that stands for an output, beside a layer of the block.
  EXPECT_NE(clash(b + with(other("b__first"), "inputs", "repeat: 2, carry: h, inputs")).find("m.yaml:4:3"),
            std::string::npos);
  EXPECT_NE(clash(b + "  b__first: {include: block.yaml, inputs: {h: x}}\n").find("m.yaml:4:3"), std::string::npos);
  EXPECT_NE(clash(b + "  c: {include: block.yaml, inputs: {h: x}, output: {out: b__first}}\n").find("m.yaml:4:"),
            std::string::npos);
  EXPECT_NE(clash(b + "  b__first: {alias: b, inputs: {h: x}}\n").find("m.yaml:4:3"), std::string::npos);
}

TEST(Include, ABlockIsItsLayers) {
  const Files files;
  files.write("blocks/block.yaml", kBlock);
  EXPECT_EQ(files.json("model_params: {w: 4}\n" + kHead +
                       "  b: {include: blocks/block.yaml, params: {width: \"${model_params.w}\"}, inputs: {h: x}}\n"
                       "  c: {" +
                       kLinear +
                       ", inputs: {h: b}}\n"
                       "model_outputs: {y: c, z: b.out, w: b__first}\n"),
            json_of(kHead + "  b__first: {" + kLinear + ", inputs: {h: x}}\n  b__again: {" + kLinear +
                    ", inputs: {h: b__first}}\n  c: {" + kLinear +
                    ", inputs: {h: b__again}}\nmodel_outputs: {y: c, z: b__again, w: b__first}\n"));
}

TEST(Include, ParametersTakeThePlaceOfTheFilesOwn) {
  const Files files;
  files.write("block.yaml", with(kBlock, "first: {type",
                                 "wide: {type: AtomwiseLinear, config: {irreps_out_block: "
                                 "\"${model_params.width}x0e\"}, inputs: {h: h}}\n  first: {type"));
  const Checked checked = files.check(
      kHead + "  b: {include: block.yaml, params: {width: 7}, inputs: {h: x}}\nmodel_outputs: {y: b, w: b__wide}\n");
  EXPECT_EQ(checked.irreps("b__wide"), "7x0e");
}

/// A typo in a mapping is told; a mapping that is read whole has any keys.
TEST(Include, KeysInsideAParameterAreRead) {
  const Files files;
  const auto faults = [&](const std::string& width, const std::string& params) {
    files.write("block.yaml", with(with(kBlock, "{width: 4}", "{size: {width: 4, deep: {a: 1}}, free: {H: 4}, gap: }"),
                                   "${model_params.width}", width));
    return files.check(kHead + "  b: {include: block.yaml, inputs: {h: x}, params: {" + params +
                       "}}\nmodel_outputs: {y: b}\n");
  };
  const std::string by_key = "${model_params.size.width}";
  EXPECT_EQ(faults_of(faults(by_key, "size: {width: 3, deep: {a: 2}}")), Faults{});
  const Checked typo = faults(by_key, "size: {width: 3, widht: 5}");
  ASSERT_EQ(faults_of(typo), Faults{"unknown-parameter@3"});
  EXPECT_TRUE(says(typo.faults.list[0], "nothing reads 'model_params.size.widht'\nDid you mean 'width'?"));
  EXPECT_EQ(faults_of(faults(by_key, "size: {width: 3, deep: {b: 2}}")), Faults{"unknown-parameter@3"});
  const Checked second = faults(by_key, "size: {width: 3}, siz: 4");  // what is given already is not meant
  ASSERT_EQ(faults_of(second), Faults{"unknown-parameter@3"});
  EXPECT_EQ(second.faults.list[0].hint, "its other parameters: free, gap");
  EXPECT_EQ(faults_of(faults(by_key, "free: {Si: 4}")), Faults{"unknown-parameter@3"});
  EXPECT_EQ(faults_of(faults("${oc.select:model_params.size.wide,4}", "size: {wide: 3}")), Faults{});
  EXPECT_EQ(faults_of(faults(by_key, "size: {width: 3}, gap: {x: 4}")), Faults{});
  files.write("block.yaml", with(kBlock, "{width: 4}", "{width: 4, free: {H: 4}, all: \"${model_params.free}\"}"));
  EXPECT_EQ(
      faults_of(files.check(
          kHead + "  b: {include: block.yaml, inputs: {h: x}, params: {free: {Si: 4}}}\nmodel_outputs: {y: b}\n")),
      Faults{});
}

TEST(Include, SeveralOutputsByNameIndexAndMap) {
  const Files files;
  files.write("block.yaml", with(kBlock, "{out: again}", "{out: again, early: model_inputs.h, mid: first}"));
  const std::string use = kHead + "  b: {include: block.yaml, inputs: {h: x}, output: {mid: m}}\n";
  const Checked checked = files.check(use + "model_outputs: {a: b.out, b: b.1, c: m, d: b.2}\n");
  EXPECT_EQ(faults_of(checked), Faults{});
  std::vector<std::string> fields;
  for (const CheckedOutput& output : checked.graph.outputs) fields.push_back(checked.graph.fields[output.field].name);
  EXPECT_EQ(fields, (std::vector<std::string>{"b__again", "x", "b__first", "b__first"}));
  EXPECT_EQ(faults_of(files.check(use + "model_outputs: {a: b}\n")), Faults{"several-outputs@4"});
  files.write("one.yaml", kBlock);
  const std::string one = kHead + "  b: {include: one.yaml, inputs: {h: x}}\n";
  EXPECT_EQ(faults_of(files.check(one + "model_outputs: {a: b, b: b.out}\n")), Faults{});
  EXPECT_EQ(faults_of(files.check(one + "model_outputs: {a: b.0}\n")), Faults{"w needless-suffix@4"});
  EXPECT_EQ(faults_of(files.check(use + "model_outputs: {a: b.erly}\n")), Faults{"unknown-output@4"});
  EXPECT_EQ(faults_of(files.check(with(use, "mid: m", "middle: m") + "model_outputs: {a: b.out}\n")),
            Faults{"unknown-output@3"});
}

TEST(Include, AliasesInsideAndOfBlocks) {
  const Files files;
  files.write("block.yaml",
              with(kBlock, "again: {type: AtomwiseLinear, config: {irreps_out_block: 4x0e}", "again: {alias: first"));
  EXPECT_EQ(files.json(kHead + "  c: {alias: b, inputs: {h: b}}\n  b: {include: block.yaml, inputs: {h: x}}\n"
                               "model_outputs: {y: c}\n"),
            json_of(kHead +
                    "  c__first: {alias: b__first, inputs: {h: b__again}}\n"
                    "  c__again: {alias: b__first, inputs: {h: c__first}}\n  b__first: {" +
                    kLinear +
                    ", inputs: {h: x}}\n  b__again: {alias: b__first, inputs: {h: b__first}}\n"
                    "model_outputs: {y: c__again}\n"));
  EXPECT_EQ(faults_of(files.check(kHead + "  b: {include: block.yaml, inputs: {h: x}}\n"
                                          "  c: {alias: b, type: T, inputs: {h: b}}\nmodel_outputs: {y: c}\n")),
            Faults{"unknown-key@4"});
}

TEST(Include, RepeatedBlocksShareOrNot) {
  const Files files;
  files.write("block.yaml", kBlock);
  const std::string use = "  b: {include: block.yaml, repeat: 2, carry: h, inputs: {h: x}}\nmodel_outputs: {y: b}\n";
  const LoweredGraph copies = lower_graph(files.check(kHead + use).graph);
  EXPECT_EQ(copies.parameters.size(), 4u);
  EXPECT_EQ(copies.parameters[2].name, "b_1__first.linear.weight");
  const Checked shared = files.check(kHead + with(use, "carry: h", "carry: h, share: true"));
  EXPECT_EQ(faults_of(shared), Faults{});
  EXPECT_EQ(lower_graph(shared.graph).parameters.size(), 2u);
  EXPECT_EQ(operations<Linear>(lower_graph(shared.graph)).size(), 4u);
  for (const char* output : {"out", "0"})
    EXPECT_EQ(files.json(kHead + with(use, "carry: h", "carry: {h: " + std::string(output) + "}")),
              files.json(kHead + use));
  EXPECT_EQ(faults_of(files.check(kHead + with(use, "carry: h", "carry: {h: 0}"))), Faults{});
  files.write("block.yaml", with(kBlock, "{out: again}", "{out: again, other: first}"));
  EXPECT_EQ(faults_of(files.check(kHead + use)), (Faults{"unknown-carry@3", "several-outputs@4"}));
  files.write("block.yaml", with(kBlock, "{out: again}", "{h: again, other: first}"));
  EXPECT_EQ(faults_of(files.check(kHead + with(use, "y: b", "y: b.h"))), Faults{});
}

/// As the block's name is its last copy's output.
TEST(Include, NamesInsideARepeatedBlockAreThoseOfTheLastCopy) {
  const Files files;
  files.write("block.yaml", with(kBlock, "inputs: {h: h}", "inputs: {h: h}, output: {0: f}"));
  const auto text = [](const std::string& share, const std::string& first, const std::string& f) {
    return kHead + "  b: {include: block.yaml, repeat: 3, carry: h, share: " + share +
           ", inputs: {h: x}}\n  c: {alias: " + first + ", inputs: {h: " + first + "}}\n  d: {alias: b_0, repeat: 2" +
           ", carry: h, inputs: {h: " + f + "}}\nmodel_outputs: {c: c, f: " + f + ", first: " + first +
           ", d: " + (first == "b__first" ? "d__first" : "d_1__first") + "}\n";
  };
  for (const char* share : {"true", "false"}) {
    const auto expand = [&](const std::string& first, const std::string& f) {
      const Checked checked = files.check(text(share, first, f));
      EXPECT_FALSE(checked.faults.has_errors()) << faults_of(checked).front();
      return checked.graph.canonical_json;
    };
    EXPECT_EQ(expand("b__first", "b__f"), expand("b_2__first", "b_2__f")) << share;
  }
  EXPECT_EQ(faults_of(files.check(with(text("true", "b__first", "b__f"), "d: {", "b__again: {"))).front(),
            "name-clash@3");
}

/// What stands for something else inside a block does so outside.
TEST(Include, VanishedNamesOfABlockAreKnownOutside) {
  const Files files;
  files.write("block.yaml", kBlock);
  files.write("outer.yaml", "model_inputs: [a]\nmodel_layers:\n  mix: {" + kLinear +
                                ", repeat: 2, carry: h, inputs: {h: a}}\n"
                                "  i: {include: block.yaml, inputs: {h: mix}, output: {out: m}}\n"
                                "  j: {include: block.yaml, repeat: 2, carry: h, inputs: {h: a}}\n"
                                "model_outputs: {mid: mix, o: i, same: a}\n");
  const auto expand = [&](const std::string& repeat, const std::vector<std::string>& names) {
    std::string outputs = "model_outputs: {y: b.o";
    for (const std::string& name : names)
      outputs += ", " + name.substr(name.find("__") + 2) + std::to_string(&name - &names[0]) + ": " + name;
    return files.check(kHead + "  b: {include: outer.yaml, " + repeat + "inputs: {a: x}}\n" + outputs + "}\n");
  };
  const auto fields = [](const Checked& checked) {
    EXPECT_FALSE(checked.faults.has_errors());  // warnings: not all layers reach an output
    std::vector<std::string> names;
    for (const CheckedOutput& output : checked.graph.outputs) names.push_back(checked.graph.fields[output.field].name);
    return names;
  };
  const std::vector<std::string> names = {"b__mix", "b__i", "b__m", "b__i__first", "b__j", "b__j__first"};
  EXPECT_EQ(fields(expand("", names)),
            (std::vector<std::string>{"b__i__again", "b__mix_1", "b__i__again", "b__i__again", "b__i__first",
                                      "b__j_1__again", "b__j_1__first"}));
  EXPECT_EQ(fields(expand("repeat: 2, carry: {a: o}, ", names)),
            (std::vector<std::string>{"b_1__i__again", "b_1__mix_1", "b_1__i__again", "b_1__i__again", "b_1__i__first",
                                      "b_1__j_1__again", "b_1__j_1__first"}));
  files.write("block.yaml", with(kBlock, "first}}", "frist}}"));
  const Checked checked = expand("", names);
  EXPECT_TRUE(checked.faults.has_errors());
  for (const Diagnostic& fault : checked.faults.list) EXPECT_EQ(place_of(fault).substr(0, 12), "block.yaml:5");
}

TEST(Include, NestedFilesAreFoundBesideTheOneThatIncludesThem) {
  const Files files;
  files.write("deep/inner.yaml", kBlock);
  files.write("deep/outer.yaml",
              "model_inputs: [a]\nmodel_layers:\n  i: {include: inner.yaml, inputs: {h: a}}\nmodel_outputs: {o: i}\n");
  const std::string use = kHead + "  b: {include: deep/outer.yaml, inputs: {a: x}}\nmodel_outputs: {y: b}\n";
  const Checked checked = files.check(use);
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_EQ(checked.irreps("b__i__again"), "4x0e");
  files.write("deep/inner.yaml", with(kBlock, "inputs: {h: first}", "inputs: {h: frist}"));
  const Diagnostic wrong = files.check(use).faults.list.at(0);
  EXPECT_EQ(place_of(wrong), "inner.yaml:5:79");
  EXPECT_TRUE(says(wrong, "included as 'i' at " + (files.folder / "deep/outer.yaml").string() + ":3:16"));
  EXPECT_TRUE(says(wrong, "included as 'b' at " + (files.folder / "m.yaml").string() + ":3:16"));
}

/// What no graph can be given is given by the file that includes the block.
TEST(Include, ABlockOfEdgeLengthsIsCheckedWhereItIsIncluded) {
  const Files files;
  const std::string block =
      "model_inputs: {r: {shape: [E]}}\nmodel_layers:\n  radial: {type: RadialBasisEdgeEncoding, config: {r_max: 4.0}, "
      "inputs: {edge_lengths: r}}\nmodel_outputs: {b: radial}\n";
  EXPECT_EQ(faults_of(files.check(block)), Faults{"wrong-input@3"});
  files.write("block.yaml", block);
  const Checked checked = files.check(
      "model_inputs: {coords: , edge_index: , shift: }\nmodel_layers:\n  geometry: {type: SphericalHarmonicEdgeAttrs, "
      "inputs: {pos: coords, edge_index: edge_index, shift: shift}}\n  b: {include: block.yaml, inputs: {r: "
      "geometry.edge_lengths}}\nmodel_outputs: {b: b}\n");
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_EQ(checked.irreps("b__radial"), "8x0e");
}

TEST(Include, FaultsOfTheUse) {
  const Files files;
  files.write("block.yaml", kBlock);
  const auto fault = [&](const std::string& body) {
    const Checked checked = files.check(kHead + "  b: {" + body + "}\nmodel_outputs: {y: b}\n");
    EXPECT_EQ(checked.faults.list.size(), 1u) << body;
    return checked.faults.list.at(0);
  };
  const Diagnostic parameter = fault("include: block.yaml, params: {widht: 3}, inputs: {h: x}");
  EXPECT_EQ(parameter.code, "unknown-parameter");
  EXPECT_EQ(parameter.hint, "Did you mean 'width'?");
  EXPECT_EQ(place_of(parameter), "m.yaml:3:37");
  EXPECT_EQ(fault("include: block.yaml").code, "missing-input");
  EXPECT_EQ(fault("include: block.yaml, inputs: {h: x, hh: x}").hint, "Did you mean 'h'?");
  EXPECT_EQ(fault("include: block.yaml, inputs: {h: }").code, "wrong-kind");
  EXPECT_EQ(fault("include: block.yaml, inputs: {h: y}").code, "unknown-reference");
  EXPECT_EQ(fault("include: block.yaml, inputs: {h: x}, config: {}").code, "unknown-key");
  EXPECT_EQ(fault("include: block.yaml, inputs: {h: x}, carry: h").code, "unknown-key");
  EXPECT_EQ(fault("include: block.yaml, inputs: {h: x}, freeze: [first.linear.weight]").code, "wrong-kind");
  EXPECT_EQ(fault("include: [block.yaml], inputs: {h: x}").code, "wrong-kind");
  EXPECT_EQ(fault("include: block.yaml, params: 3, inputs: {h: x}").code, "wrong-kind");
  const auto faults_of_alias = [&](const std::string& repetition, const std::string& alias) {
    return faults_of(files.check(kHead + "  b: {include: block.yaml, inputs: {h: x}, " + repetition +
                                 "}\n  a: {alias: " + alias + "}\nmodel_outputs: {y: a}\n"))
        .size();
  };
  for (const std::string repetition : {"repeat: -2, carry: h", "repeat: 2, carry: {h: none}"})
    for (const std::string name : {"b", "b_0"})
      for (const char* rest : {"inputs: {hh: x}", "inputs: {h: x}, output: {qq: w}",
                               "inputs: {h: x}, repeat: 2, carry: {h: yy}", "inputs: {h: x}, freeze: maybe"})
        EXPECT_EQ(faults_of_alias(repetition, name + ", " + rest), 2u) << repetition << name << rest;
  EXPECT_EQ(faults_of(files.check(kHead + "  b: {include: block.yaml, params: {widht: 4q}, inputs: {h: x}}\n"
                                          "model_outputs: {y: b}\n")),
            (Faults{"unknown-parameter@3", "bad-config-value@4"}));  // the value is that of what is meant
  EXPECT_EQ(fault("include: block.yaml, inputs: {h: x}, output: [a, c]").code, "wrong-kind");
  EXPECT_EQ(fault("include: block.yaml, inputs: {h: x}, output: a").code, "wrong-kind");
}

/// What is at fault is unknown, and so is what reads it; the others are checked all the same.
TEST(Include, FaultsOfOtherLayersAreToldToo) {
  const Files files;
  files.write("block.yaml", kBlock);
  const std::string rest = "  c: {" + kLinear + ", inputs: {h: b}}\n  d: {" + kLinear +
                           ", inputs: {hh: x}}\n  e: {alias: b, inputs: {h: c}}\nmodel_outputs: {c: c, m: m, e: e}\n";
  for (const auto& [body, code] : std::vector<std::pair<std::string, std::string>>{
           {"include: block.yaml, inputs: {h: x}, params: {widht: 3}, output: {out: m}", "unknown-parameter"},
           {"include: block.yaml, inputs: {hh: x, h: x}, output: {out: m}", "unknown-port"},
           {"include: block.yaml, output: {out: m}", "missing-input"},
           {"include: block.yaml, inputs: {h: [on]}, output: {out: m}", "wrong-kind"},
           {"include: block.yaml, inputs: {h: x}, output: {nope: m}", "unknown-output"},
           {"include: block.yaml, inputs: {h: x}, output: {out: m}, repeat: 0, carry: h", "bad-repeat"},
           {"include: block.yaml, inputs: {h: x}, output: {out: m}, repeat: 2, carry: {h: nope}", "unknown-carry"},
           {"include: 3, inputs: {h: x}, output: {out: m}", "wrong-kind"},
           {kLinear + ", inputs: {h: x}, output: {0: m}, repeat: 2, carry: k", "unknown-carry"},
           {kLinear + ", inputs: {h: x}, output: {0: m}, repeat: 2", "missing-carry"}}) {
    const Checked checked = files.check(kHead + "  b: {" + body + "}\n" + rest);
    Faults errors = faults_of(checked);
    const auto is_warning = [](const std::string& fault) { return fault[0] == 'w' && fault[1] == ' '; };
    errors.erase(std::remove_if(errors.begin(), errors.end(), is_warning), errors.end());
    EXPECT_EQ(errors, Faults({code + "@3", "unknown-port@5"})) << body;
  }
}

TEST(Include, CopiesOfWhatIsAtFaultAreThere) {
  const Files files;
  const Checked checked =
      files.check(kHead + "  b: {" + kLinear + ", inputs: {h: x}, repeat: 2, output: {0: m}}\n  c: {" + kLinear +
                  ", inputs: {h: b_0}}\n  d: {alias: b_1, inputs: {h: m_0}}\n  f: {" + kLinear +
                  ", inputs: {h: q}}\nmodel_outputs: {c: c, d: d, b: b.h}\n");
  EXPECT_EQ(faults_of(checked),
            Faults({"missing-carry@3", "w single-output@3", "unknown-reference@6", "w needless-suffix@7"}));
}

/// What a file names keeps its name beside copies of what is at fault.
TEST(Include, NamesOfTheFileAreKnownWhateverTheyLookLike) {
  const Files files;
  const std::string bad = "  b: {" + kLinear + ", inputs: {h: x}, repeat: 2}\n";
  const auto faults_with = [&](const std::string& layers, const std::string& output) {
    return faults_of(files.check(kHead + bad + layers + "model_outputs: {y: " + output + "}\n"));
  };
  const std::string other = "  b_1: {" + kLinear + ", inputs: {h: x}}\n";
  EXPECT_EQ(faults_with(other, "b_1.nope"), Faults({"missing-carry@3", "name-clash@3"}));
  EXPECT_EQ(faults_with(with(other, "b_1", "b_2"), "b_2.nope"), Faults({"missing-carry@3", "unknown-output@5"}));
  EXPECT_EQ(faults_with("", "b__inner"), Faults({"missing-carry@3", "unknown-reference@4"}));
  EXPECT_EQ(faults_with("  unknown__: {" + kLinear + ", inputs: {h: x}}\n", "unknown__"), Faults({"missing-carry@3"}));
  EXPECT_EQ(faults_with("", "unknown__"), Faults({"missing-carry@3", "unknown-reference@4"}));
}

TEST(Include, FaultsInTheFileAndBesideItAreToldTogether) {
  const Files files;
  files.write("block.yaml", with(kBlock, "inputs: {h: first}", "inputs: {h: first}, repeat: 2"));
  EXPECT_EQ(
      faults_of(files.check(kHead + "  b: {include: block.yaml, inputs: {h: x}}\n  c: {" + kLinear +
                            ", inputs: {h: b}}\n  d: {" + kLinear + ", inputs: {h: y}}\nmodel_outputs: {c: c}\n")),
      Faults({"missing-carry@5", "unknown-reference@5"}));
}

TEST(Include, FaultsOfTheFileSayWhoIncludesIt) {
  const Files files;
  const auto fault = [&](const std::string& block) {
    files.write("block.yaml", block);
    const Checked checked = files.check(kHead + "  b: {include: block.yaml, inputs: {h: x}}\nmodel_outputs: {y: b}\n");
    EXPECT_EQ(checked.faults.list.size(), 1u) << block;
    EXPECT_TRUE(says(checked.faults.list.at(0), "included as 'b' at " + (files.folder / "m.yaml").string() + ":3:16"));
    return checked.faults.list.at(0).code + " " + place_of(checked.faults.list.at(0));
  };
  EXPECT_EQ(fault(with(kBlock, "AtomwiseLinear", "AtomwiseLiner")), "unknown-layer block.yaml:4:17");
  EXPECT_EQ(fault(with(kBlock, "params.width", "params.wide")), "interpolation-not-found block.yaml:4:61");
  EXPECT_EQ(fault(with(kBlock, "width}x0e", "width}y0e")), "bad-config-value block.yaml:4:60");
  EXPECT_EQ(fault(with(kBlock, "{h: first}", "{h: model_inputs.k}")), "unknown-input block.yaml:5:79");
  EXPECT_EQ(fault(with(kBlock, "{out: again}", "{}")), "no-outputs block.yaml:6:16");
  EXPECT_EQ(fault(with(kBlock, "{out: again}", "{1: again, '1': first}")), "name-clash block.yaml:6:27");
  EXPECT_EQ(fault(with(kBlock, "{out: again}", "[again]")), "wrong-kind block.yaml:6:16");
  EXPECT_EQ(fault("compat: klay\n" + kBlock), "unknown-section block.yaml:1:1");
  EXPECT_EQ(fault(kBlock + "  more: [\n").substr(0, 5), "yaml-");
}

/// Names of the including file mean nothing inside.
TEST(Include, ABlockSeesItsOwnNamesOnly) {
  const Files files;
  files.write("block.yaml", with(kBlock, "{h: first}", "{h: x}"));
  const Checked checked = files.check(kHead + "  b: {include: block.yaml, inputs: {h: x}}\nmodel_outputs: {y: b}\n");
  EXPECT_EQ(faults_of(checked), Faults{"unknown-reference@5"});
}

TEST(Include, AListAtAnInputNamesLayersOfTheIncludingFile) {
  const Files files;
  const std::string cat = "type: ArbitraryModule, config: {target: torch.cat}";
  files.write("block.yaml", "model_inputs: {src: , h: }\nmodel_layers:\n  a: {" + kLinear +
                                ", inputs: {h: h}}\n  both: {" + cat +
                                ", inputs: {0: src}}\nmodel_outputs: {out: both, own: a}\n");
  const std::string layers =
      kHead + "  a: {" + kLinear + ", inputs: {h: x}}\n  c: {" + kLinear + ", repeat: 2, carry: h, inputs: {h: x}}\n";
  EXPECT_EQ(files.json(layers + "  B: {include: block.yaml, inputs: {src: [a, c, model_inputs.x], h: x}}\n"
                                "model_outputs: {y: B.out, z: B.own}\n"),
            files.json(layers + "  B__a: {" + kLinear + ", inputs: {h: x}}\n  B__both: {" + cat +
                       ", inputs: {0: [a, c, model_inputs.x]}}\nmodel_outputs: {y: B__both, z: B__a}\n"));
}

TEST(Include, CirclesAreShownWithTheirPath) {
  const Files files;
  const auto includes = [](const std::string& file) {
    return "model_inputs: [h]\nmodel_layers:\n  i: {include: " + file + ", inputs: {h: h}}\nmodel_outputs: {o: i}\n";
  };
  files.write("a.yaml", includes("b.yaml")).write("b.yaml", includes("./a.yaml"));
  const Checked checked = files.check(kHead + "  b: {include: a.yaml, inputs: {h: x}}\nmodel_outputs: {y: b}\n");
  ASSERT_EQ(faults_of(checked), Faults{"include-cycle@3"});
  const std::string a = (files.folder / "a.yaml").string(), b = (files.folder / "b.yaml").string();
  EXPECT_TRUE(says(checked.faults.list[0], a + " -> " + b + " -> " + a));
  EXPECT_EQ(place_of(checked.faults.list[0]), "b.yaml:3:16");
  EXPECT_EQ(faults_of(files.check(includes("m.yaml"))), Faults{"include-cycle@3"});
}

TEST(Include, BlocksThatHandThroughInACircle) {
  const Files files;
  files.write("block.yaml", with(kBlock, "{out: again}", "{out: h}"));
  const Checked checked =
      files.check(kHead +
                  "  a: {include: block.yaml, inputs: {h: b}}\n  b: {include: block.yaml, inputs: {h: a}}\n"
                  "model_outputs: {y: a}\n");
  EXPECT_EQ(faults_of(checked), Faults{"cycle@4"});
}

TEST(Include, AMissingFileIsADataErrorAtTheInclude) {
  const Files files;
  const Checked checked = files.check(kHead + "  b: {include: none.yaml, inputs: {h: x}}\nmodel_outputs: {y: b}\n");
  ASSERT_EQ(faults_of(checked), Faults{"cannot-include@3"});
  EXPECT_EQ(error_kind(checked.faults), ErrorKind::data);
  EXPECT_EQ(place_of(checked.faults.list[0]), "m.yaml:3:16");
  EXPECT_TRUE(says(checked.faults.list[0], (files.folder / "none.yaml").string()));
}

/// Whatever reads the block, or one of its layers, is unknown; the rest is checked.
TEST(Include, FilesThatCannotBeReadAreToldWithAllOtherFaults) {
  const Files files;
  files.write("outer.yaml", "model_inputs: [a]\nmodel_layers:\n  i: {include: inner.yaml, inputs: {h: a}}\n  j: {" +
                                kLinear + ", inputs: {hh: i}}\nmodel_outputs: {o: j}\n");
  const std::string layers = kHead +
                             "  b: {include: none.yaml, inputs: {h: x}, params: {n: 3}, output: {0: m}}\n"
                             "  c: {include: ., repeat: 2, carry: h, inputs: {h: b}}\n"
                             "  d: {alias: b, inputs: {h: c_0}}\n  h: {alias: d, repeat: 2, carry: h, inputs: {h: d}}\n"
                             "  e: {include: outer.yaml, inputs: {a: m}}\n"
                             "  f: {" +
                             kLinear + ", inputs: {h: b__inner}}\n";
  const std::string outputs =
      "model_outputs: {d: d, e: e, f: f, c: c.out, k: c_1__inner, n: e__i, o: e__i__first, p: d__inner, q: "
      "h_1__inner}\n";
  const Checked checked = files.check(layers + "  g: {" + kLinear + ", inputs: {h: y}}\n" + outputs);
  EXPECT_EQ(faults_of(checked), Faults({"cannot-include@3", "cannot-include@4", "cannot-include@3", "unknown-port@4",
                                        "unknown-reference@9"}));
  EXPECT_EQ(error_kind(checked.faults), ErrorKind::configuration);
  files.write("outer.yaml",
              "model_inputs: [a]\nmodel_layers:\n  i: {include: inner.yaml, inputs: {h: a}}\n"
              "model_outputs: {o: i}\n");
  const Checked unreadable = files.check(layers + outputs);
  EXPECT_EQ(faults_of(unreadable), Faults({"cannot-include@3", "cannot-include@4", "cannot-include@3"}));
  EXPECT_EQ(error_kind(unreadable.faults), ErrorKind::data);
}

TEST(Include, NothingElseIsToldOfBlocksInBlocksThatCannotBeRead) {
  const Files files;
  files.write("mid.yaml",
              "model_inputs: [h]\nmodel_layers:\n  in: {include: none.yaml, inputs: {h: h}, repeat: 2, carry: h}\n"
              "model_outputs: {o: in}\n");
  const Checked checked = files.check(kHead +
                                      "  m: {include: mid.yaml, inputs: {h: x}}\n  k: {alias: m, inputs: {h: m}}\n"
                                      "  n: {include: mid.yaml, inputs: {h: x}, repeat: 2, carry: h, share: true}\n"
                                      "model_outputs: {y: k, a: n__in, b: n__in__wide, c: n__in_1, d: n_0__in}\n");
  for (const Diagnostic& fault : checked.faults.list) EXPECT_EQ(fault.code, "cannot-include") << fault.what;
  EXPECT_EQ(error_kind(checked.faults), ErrorKind::data);
}

TEST(Include, MoreThanAnyGraphIsRefused) {
  const Files files;
  files.write("b0.yaml", kBlock);
  for (int k = 1; k < 12; ++k) {
    const std::string before = "b" + std::to_string(k - 1) + ".yaml";
    files.write("b" + std::to_string(k) + ".yaml", "model_inputs: [h]\nmodel_layers:\n  p: {include: " + before +
                                                       ", inputs: {h: h}}\n  q: {include: " + before +
                                                       ", inputs: {h: p}}\nmodel_outputs: {o: q}\n");
  }
  const auto faults = [&](const std::string& body) {
    const Checked checked = files.check(kHead + "  b: {" + body + ", inputs: {h: x}}\nmodel_outputs: {y: b}\n");
    return checked.faults.list.at(0).code;
  };
  EXPECT_EQ(faults("include: b11.yaml"), "too-large");
  EXPECT_EQ(faults("include: b4.yaml, repeat: 10000, carry: h"), "too-large");
  files.write("b0.yaml", "model_inputs: [h]\nmodel_layers: {}\nmodel_outputs: {o: h}\n");  // names without layers
  EXPECT_EQ(faults("include: b7.yaml, repeat: 10000, carry: h"), "too-large");
  std::string wide = "model_inputs: [h]\nmodel_layers: {}\nmodel_outputs:\n  o: h\n";
  for (int k = 0; k < 1000; ++k) wide += "  o" + std::to_string(k) + ": h\n";
  files.write("wide.yaml", wide);
  EXPECT_EQ(faults("include: wide.yaml, repeat: 9000, carry: {h: o}"), "too-large");
}

TEST(Include, FreezeAndSeedHoldForTheWholeBlock) {
  const Files files;
  files.write("block.yaml", kBlock);
  const std::string use = "  b: {include: block.yaml, freeze: true, seed: 5, inputs: {h: x}}\nmodel_outputs: {y: b}\n";
  const LoweredGraph graph = lower_graph(files.check(kHead + use).graph);
  ASSERT_EQ(graph.parameters.size(), 2u);
  for (const ParameterSpec& parameter : graph.parameters) {
    EXPECT_TRUE(parameter.frozen);
    EXPECT_TRUE(parameter.seed.has_value());
  }
  EXPECT_EQ(faults_of(files.check(kHead + with(use, "freeze: true", "freeze: [linear.weight]"))),
            Faults{"wrong-kind@3"});
}

/// A block's seed is to its layers what the run's is to all others.
TEST(Include, LayersOfASeededBlockStartApart) {
  const Files files;
  const std::string linear = "type: ArbitraryModule, config: {target: torch.nn.Linear, args: [4, 4]}";
  files.write("block.yaml", "model_inputs: [h]\nmodel_layers:\n  a: {" + linear + ", inputs: {0: h}}\n  b: {" + linear +
                                ", inputs: {0: a}}\n  c: {" + linear +
                                ", seed: 12, inputs: {0: b}}\n  d: {type: ArbitraryModule, config: {target: "
                                "torch.nn.ReLU}, inputs: {0: c}}\nmodel_outputs: {out: d}\n");
  const auto start = [&](const std::string& keys, std::uint64_t run_seed) {
    const Checked checked =
        files.check(kHead + "  m: {include: block.yaml, inputs: {h: x}" + keys + "}\nmodel_outputs: {y: m}\n");
    EXPECT_EQ(faults_of(checked), Faults{}) << keys;
    return init_weights(lower_graph(checked.graph), run_seed);
  };
  const Weights seeded = start(", seed: 3", 1), plain = start("", 3);
  for (const auto& [name, array] : seeded) EXPECT_EQ(array.data, plain.at(name).data) << name;
  EXPECT_NE(seeded.at("m__a.weight").data, seeded.at("m__b.weight").data);
  EXPECT_NE(seeded.at("m__a.weight").data, start("", 1).at("m__a.weight").data);
  EXPECT_EQ(seeded.at("m__c.weight").data, start(", seed: 4", 1).at("m__c.weight").data);
  const Weights copies = start(", seed: 3, repeat: 2, carry: h", 1);
  EXPECT_NE(copies.at("m_0__a.weight").data, copies.at("m_1__a.weight").data);
  EXPECT_NE(copies.at("m_0__c.weight").data, copies.at("m_1__c.weight").data);
  EXPECT_EQ(copies.at("m_0__c.weight").data, seeded.at("m__c.weight").data);
  EXPECT_EQ(start(", seed: 3, freeze: true, repeat: 2, carry: h, share: true", 1).size(), 6u);
}

/// What a model file carries has no templates left and means the same.
TEST(Include, CanonicalJsonIsTheExpandedGraph) {
  const Files files;
  files.write("block.yaml", kBlock);
  const Checked first = files.check(
      kHead + "  b: {include: block.yaml, repeat: 2, carry: h, inputs: {h: x}, seed: 1}\nmodel_outputs: {y: b}\n");
  read_back(first.graph);
}

/// What is escaped where a parameter is given is text in the block.
TEST(Include, TextsOfParametersAreResolvedOnce) {
  const Files files;
  files.write("block.yaml", with(kBlock, "{width: 4}", "{width: 4, text: a, n: 8}"));
  const Checked checked = files.check(
      "model_params: {text: \"\\\\${model_params.n}\"}\n" + kHead +
      "  b: {include: block.yaml, inputs: {h: x}, params: {text: \"${model_params.text}\"}}\nmodel_outputs: {y: b}\n");
  EXPECT_EQ(faults_of(checked), Faults{});
  files.write("block.yaml", with(with(kBlock, "{width: 4}", "{width: 4, text: a, n: 8}"), "${model_params.width}",
                                 "${model_params.text}"));
  const Checked read = files.check(
      "model_params: {text: \"\\\\${model_params.n}\"}\n" + kHead +
      "  b: {include: block.yaml, inputs: {h: x}, params: {text: \"${model_params.text}\"}}\nmodel_outputs: {y: b}\n");
  EXPECT_TRUE(read.faults.has_errors());  // '${model_params.n}' is no irreps; the block's own n is not read
}

/// What is repeated by an alias of a block has copies that may be called again, too.
TEST(Include, CopiesOfARepeatedAliasCanBeAliased) {
  const Files files;
  files.write("block.yaml", kBlock);
  const std::string use =
      kHead + "  b: {include: block.yaml, inputs: {h: x}}\n" + "  d: {alias: b, inputs: {h: b}, repeat: 2, carry: h}\n";
  const Checked checked = files.check(use + "  f: {alias: d_0, inputs: {h: d}}\nmodel_outputs: {y: f}\n");
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_EQ(lower_graph(checked.graph).parameters.size(), 2u);
  EXPECT_EQ(faults_of(files.check(use + "  f: {alias: d_2, inputs: {h: d}}\nmodel_outputs: {y: f}\n")),
            Faults{"bad-alias@5"});
}

}  // namespace
}  // namespace kiln
