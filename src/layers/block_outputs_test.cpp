// Outputs and inputs of included blocks: what is wrong with one is told once, where it stands.
#include <algorithm>

#include "layers/testing_files.h"

namespace kiln {
namespace {

using namespace testing;

std::vector<std::string> places_of(const Checked& checked) {
  std::vector<std::string> places;
  for (const Diagnostic& d : checked.faults.list) places.push_back(d.code + " " + place_of(d));
  return places;
}

TEST(BlockOutputs, FaultsOfOutputsAreToldOnceWhereTheyStand) {
  const Files files;
  const std::string outputs = "{out: agan, port: first.x, unread: nosuch, dot: 'first.', good: first}";
  files.write("block.yaml", with(kBlock, "{out: again}", outputs));
  const std::vector<std::string> want = {"unknown-reference block.yaml:6:22", "unknown-output block.yaml:6:34",
                                         "unknown-reference block.yaml:6:51", "bad-reference block.yaml:6:64"};
  const std::string b = kHead + "  b: {include: block.yaml, inputs: {h: x}}\n";
  const auto read = [](const std::string& name, const std::string& source) {
    return "  " + name + ": {" + kLinear + ", inputs: {h: " + source + "}}\n";
  };
  std::vector<std::string> places = places_of(files.check(b + "model_outputs: {y: b.good}\n"));
  std::sort(places.begin(), places.end());
  std::vector<std::string> sorted = want;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(places, sorted);
  places =
      places_of(files.check(b + "  c: {alias: b, inputs: {h: b.out}}\n" + read("l", "b.port") + read("k", "c.out.0") +
                            "  r: {include: block.yaml, inputs: {h: x}, repeat: 3, carry: {h: good}}\n" +
                            "model_outputs: {y: b.dot, z: c.unread, u: l, v: k, w: r.out}\n"));
  std::vector<std::string> twice = sorted;  // of each of two includes
  twice.insert(twice.end(), sorted.begin(), sorted.end());
  std::sort(twice.begin(), twice.end());
  std::sort(places.begin(), places.end());
  EXPECT_EQ(places, twice);
}

TEST(BlockOutputs, ALayerWithTheFaultOfAnOutputIsToldToo) {
  const Files files;
  files.write("block.yaml", with(with(kBlock, "{h: first}", "{h: frst}"), "{out: again}", "{out: frst}"));
  const Checked checked = files.check(kHead +
                                      "  b: {include: block.yaml, inputs: {h: x}}\n  c: {alias: b, inputs: {h: x}}\n"
                                      "model_outputs: {y: b, z: c}\n");
  EXPECT_EQ(places_of(checked),
            (std::vector<std::string>{"unknown-reference block.yaml:6:22", "unknown-reference block.yaml:5:79"}));
}

TEST(BlockOutputs, OutputsHandedOnAreToldInTheInnermostFile) {
  const Files files;
  files.write("inner.yaml", with(kBlock, "{out: again}", "{out: agan}"));
  files.write("outer.yaml",
              "model_inputs: {h: }\nmodel_layers:\n  i: {include: inner.yaml, inputs: {h: h}}\n"
              "model_outputs: {o: i, bad: i.out.x, none: i.none, own: h}\n");
  const std::string top = kHead + "  b: {include: outer.yaml, inputs: {h: x}}\n";
  const std::vector<std::string> want = {"unknown-output outer.yaml:4:43", "unknown-reference inner.yaml:6:22"};
  EXPECT_EQ(places_of(files.check(top + "model_outputs: {y: b.own}\n")), want);
  const std::vector<std::string> twice = {want[0], want[0], want[1], want[1]};  // of two includes
  EXPECT_EQ(
      places_of(files.check(top + "  c: {include: outer.yaml, inputs: {h: b.o}}\nmodel_outputs: {y: b.bad, z: b.o}\n")),
      twice);
}

TEST(BlockOutputs, AWrongInputThatIsHandedOnIsToldWhereItIsGiven) {
  const Files files;
  files.write("pass.yaml", "model_inputs: {h: , g: }\nmodel_layers: {}\nmodel_outputs: {y: h, u: model_inputs.g}\n");
  const std::string b = kHead + "  b: {include: pass.yaml, inputs: {h: nosuch, g: x.1}}\n";
  const auto reads = [](const std::string& name, const std::string& source) {
    return "  " + name + ": {" + kLinear + ", inputs: {h: " + source + "}}\n";
  };
  const std::vector<std::string> want = {"unknown-reference m.yaml:3:39", "bad-reference m.yaml:3:50"};
  EXPECT_EQ(places_of(files.check(b + reads("l", "b.y") + reads("k", "b.u") +
                                  "  c: {include: pass.yaml, inputs: {h: b.y, g: b.u}, repeat: 2, carry: {h: y}}\n"
                                  "  d: {alias: b, inputs: {h: c.y, g: c.u}}\n"
                                  "model_outputs: {y: b.y, z: l, u: k, v: c.y, w: d.y, q: d.u}\n")),
            want);
  std::vector<std::string> and_own = want;  // the same typo elsewhere is another one
  and_own.push_back("unknown-reference m.yaml:4:98");
  std::vector<std::string> places =
      places_of(files.check(b + reads("l", "nosuch") + "model_outputs: {y: b.y, z: l}\n"));
  std::sort(places.begin(), places.end());
  std::sort(and_own.begin(), and_own.end());
  EXPECT_EQ(places, and_own);
}

TEST(BlockOutputs, WrongDeclarationsOfABlocksInputsAreTold) {
  const Files files;
  files.write("block.yaml", with(kBlock, "{h: {shape: [N, 4]}}", "{h: {shap: [N, 4]}}"));
  EXPECT_EQ(places_of(files.check(kHead + "  b: {include: block.yaml, inputs: {h: x}}\nmodel_outputs: {y: b}\n")),
            std::vector<std::string>{"unknown-key block.yaml:2:20"});
}

TEST(BlockOutputs, WrongSuffixesOfABlocksInputsAreToldInTheBlock) {
  const Files files;
  const auto told = [&](const std::string& reference, const std::string& given) {
    files.write("block.yaml",
                "model_inputs: {h: }\nmodel_layers:\n  j: {type: ArbitraryModule, config: {target: torch.neg}, "
                "inputs: {0: " +
                    reference + "}}\nmodel_outputs: {out: j, thru: " + reference + "}\n");
    return places_of(files.check(kHead + "  b: {include: block.yaml, inputs: {h: " + given +
                                 "}}\nmodel_outputs: {y: b.thru, z: b.out}\n"));
  };
  const auto both = [](const std::string& code) {
    return std::vector<std::string>{code + " block.yaml:4:31", code + " block.yaml:3:71"};
  };
  EXPECT_EQ(told("h.nonsense", "x"), both("bad-reference"));
  EXPECT_EQ(told("h.", "x"), both("bad-reference"));
  EXPECT_EQ(told("model_inputs.h.", "x"), both("bad-reference"));
  const std::vector<std::string> list = {"bad-reference block.yaml:3:71", "bad-reference block.yaml:4:31"};
  EXPECT_EQ(told("h.1", "[x, x]"), list);
  EXPECT_EQ(told("h", "x"), std::vector<std::string>{});
}

TEST(BlockOutputs, HintsInABlockAreNamesOfItsFile) {
  const Files files;
  files.write("inner.yaml", with(with(kBlock, "{h: first}", "{h: frst}"), "{out: again}", "{out: first.0}"));
  files.write("outer.yaml",
              "model_inputs: {h: }\nmodel_layers:\n  i: {include: inner.yaml, inputs: {h: h}}\n"
              "model_outputs: {o: i, p: i__frist}\n");
  const Checked checked = files.check(kHead + "  b: {include: outer.yaml, inputs: {h: x}}\nmodel_outputs: {y: b.o}\n");
  std::string all;
  for (const Diagnostic& d : checked.faults.list) all += d.what + " " + d.hint.substr(0, d.hint.find(" (")) + "\n";
  EXPECT_EQ(all,
            "'i__frist' is neither a model input nor a layer nor the name of an output Did you mean 'i__first'?\n"
            "layer 'b__i__first' has one output; '.0' is ignored write 'first'\n"
            "'frst' is neither a model input nor a layer nor the name of an output Did you mean 'first'?\n");
}

TEST(BlockOutputs, ElementsOfABlockCanBeReadUnderCompatKlay) {
  const Files files;
  files.write(
      "block.yaml",
      "model_inputs: {h: {shape: [N, 4]}}\nmodel_layers:\n  parts: {type: ArbitraryModule, config: {target: "
      "torch.chunk, kwargs: {chunks: 2, dim: 1}}, inputs: {0: h}}\nmodel_outputs: {one: parts.0, two: parts.1}\n");
  const std::string text = kHead +
                           "  b: {include: block.yaml, inputs: {h: x}}\n"
                           "  k: {type: AtomwiseLinear, config: {irreps_out_block: 2x0e}, inputs: {h: b.two}}\n"
                           "model_outputs: {y: k, z: b.one}\n";
  EXPECT_EQ(faults_of(files.check(text)), Faults{});
  EXPECT_EQ(faults_of(files.check(text + "compat: klay\n")), Faults{});
}

TEST(BlockOutputs, AListIsNoOutput) {
  const Files files;
  files.write("block.yaml", with(kBlock, "{out: again}", "{out: h}"));
  const Checked checked =
      files.check(kHead + "  b: {include: block.yaml, inputs: {h: [x, x]}}\nmodel_outputs: {y: b}\n");
  ASSERT_FALSE(checked.faults.list.empty());
  EXPECT_EQ(checked.faults.list[0].code, "wrong-kind");
  EXPECT_EQ(place_of(checked.faults.list[0]), "m.yaml:3:40");
}

TEST(BlockOutputs, NamesOfOutputsMayHaveDotsAndBeNumbers) {
  const Files files;
  files.write("block.yaml", with(kBlock, "{out: again}", "{a.b: again, 7: first, a: h}"));
  const std::string b = kHead + "  b: {include: block.yaml, inputs: {h: x}, output: {a.b: named}}\n";
  EXPECT_EQ(files.json(b + "model_outputs: {y: b.a.b, z: b.7, u: b.a, v: named, w: b.1}\n"),
            files.json(b + "model_outputs: {y: b__again, z: b__first, u: x, v: b__again, w: b__first}\n"));
}

TEST(BlockOutputs, PartsThatAnUnreadOutputNamesAreLookedFor) {
  const Files files;
  files.write(
      "block.yaml",
      "model_inputs: {h: {shape: [N, 4]}}\nmodel_layers:\n  parts: {type: ArbitraryModule, config: {target: "
      "torch.chunk, kwargs: {chunks: 2, dim: 1}}, inputs: {0: h}}\nmodel_outputs: {one: parts.1, gone: parts.5}\n");
  const Checked checked =
      files.check(kHead + "  b: {include: block.yaml, inputs: {h: x}}\nmodel_outputs: {y: b.one}\n");
  EXPECT_EQ(places_of(checked), std::vector<std::string>{"unknown-output block.yaml:4:37"});
}

}  // namespace
}  // namespace kiln
