// One fault of a block, or of its use, hides no other.
#include "layers/testing_files.h"

namespace kiln {
namespace {

using namespace testing;

/// What it reads, and what stands in its file, is looked at.
TEST(BlockFaults, OneFaultOfABlockHidesNoOther) {
  const Files files;
  files.write("block.yaml", with(kBlock, "inputs: {h: first}", "inputs: {h: frst}"));
  files.write("no_outputs.yaml", "model_inputs: [h]\nmodel_layers:\n  l: {" + kLinear + ", inputs: {hh: h}}\n");
  files.write("wrong_output.yaml", "model_inputs: [h]\nmodel_layers:\n  l: {" + kLinear +
                                       ", inputs: {hh: h}}\nmodel_outputs: {o: 5, p: l}\n");
  const auto faults = [&](const std::string& block, const std::string& outputs) {
    return faults_of(files.check(kHead + "  b: {" + block + "}\nmodel_outputs: " + outputs + "\n"));
  };
  EXPECT_EQ(faults("include: none.yaml, inputs: {h: nothing}, output: {0: m}", "{y: m, z: b__l}"),
            (Faults{"cannot-include@3", "unknown-reference@3"}));
  EXPECT_EQ(faults("include: block.yaml, repeat: -1, carry: h, inputs: {h: nothing}", "{y: b, z: b_0, w: b__first}"),
            (Faults{"bad-repeat@3", "unknown-reference@3", "unknown-reference@5"}));
  EXPECT_EQ(faults("include: block.yaml, repeat: 2, carry: {h: nope}, inputs: {h: x}, output: {7: m}", "{y: b, z: m}"),
            (Faults{"unknown-carry@3", "unknown-output@3", "unknown-reference@5"}));
  EXPECT_EQ(faults("include: no_outputs.yaml, inputs: {h: x}, output: {0: m}", "{y: m, z: b.o}"),
            (Faults{"missing-section@1", "unknown-port@3"}));
  EXPECT_EQ(faults("include: wrong_output.yaml, inputs: {h: x}, output: {o: m}", "{y: m, z: b.o, w: b.p, v: b.q}"),
            (Faults{"wrong-kind@4", "unknown-output@4", "unknown-port@3"}));
}

/// Of what a block is given nothing needs to be read.
TEST(BlockFaults, InputsThatNothingReadsAreLookedFor) {
  const Files files;
  files.write("block.yaml", with(kBlock, "{h: {shape: [N, 4]}}", "{h: {shape: [N, 4]}, z: , w: }"));
  files.write("outer.yaml",
              "model_inputs: [h]\nmodel_layers:\n  i: {include: block.yaml, inputs: {h: h, z: none, w: h}}\n"
              "model_outputs: {o: i}\n");
  const std::string b = kHead + "  b: {include: block.yaml, inputs: {h: x, z: [nothing, x], w: model_inputs.q}}\n";
  EXPECT_EQ(faults_of(files.check(b + "model_outputs: {y: b}\n")), (Faults{"unknown-reference@3", "unknown-input@3"}));
  EXPECT_EQ(faults_of(files.check(kHead + "  b: {include: outer.yaml, inputs: {h: x}}\nmodel_outputs: {y: b}\n")),
            Faults{"unknown-reference@3"});
  const std::string good = kHead + "  g: {" + kLinear + ", inputs: {h: x}}\n" +
                           with(b.substr(kHead.size()), "[nothing, x], w: model_inputs.q", "[g, x], w: model_inputs.x");
  EXPECT_EQ(faults_of(files.check(good + "model_outputs: {y: b, g: g}\n")), Faults{});
}

/// Another value of a parameter may be meant: then what reads the block is not told of it. One that is misspelt has the
/// value that is given.
TEST(BlockFaults, WrongParamsHideNothingAndAreToldOnce) {
  const Files files;
  files.write("block.yaml", with(kBlock, "inputs: {h: first}", "inputs: {h: frst}"));
  const auto faults = [&](const std::string& params) {
    return faults_of(files.check(kHead + "  b: {include: block.yaml, params: " + params +
                                 ", inputs: {h: x, q: x}}\n  r: {type: AtomwiseLinear, config: {irreps_in_block: 9x0e, "
                                 "irreps_out_block: 4x0e}, inputs: {h: b}}\nmodel_outputs: {y: r}\n"));
  };
  EXPECT_EQ(faults("5"), (Faults{"wrong-kind@3", "unknown-port@3", "unknown-reference@5"}));
  EXPECT_EQ(faults("{none: 9}"), (Faults{"unknown-parameter@3", "unknown-port@3", "unknown-reference@5"}));
  EXPECT_EQ(faults("{widt: 9, widh: 8}"),
            (Faults{"unknown-parameter@3", "unknown-parameter@3", "unknown-port@3", "unknown-reference@5"}));
  EXPECT_EQ(faults("{widt: 8}"),
            (Faults{"unknown-parameter@3", "unknown-port@3", "unknown-reference@5", "block-mismatch@4"}));
}

/// Of one that cannot be read, too; and its seed is one, told of the block and not of its layers.
TEST(BlockFaults, WrongRepetitionsHideNothing) {
  const Files files;
  files.write("block.yaml", kBlock);
  const auto faults = [&](const std::string& file, const std::string& rest) {
    return faults_of(files.check(kHead + "  b: {include: " + file + ".yaml, inputs: {h: x}, " + rest +
                                 "}\nmodel_outputs: {y: x}\n"));
  };
  const std::string wrong = "repeat: abc, carry: q, share: 3, seed: -1, output: {0: a.b}";
  EXPECT_EQ(faults("none", wrong), (Faults{"cannot-include@3", "wrong-kind@3", "bad-repeat@3", "wrong-kind@3",
                                           "unknown-carry@3", "bad-name@3"}));
  EXPECT_EQ(faults("block", "repeat: abc, carry: {h: nope}, share: 3"),
            (Faults{"bad-repeat@3", "wrong-kind@3", "unknown-carry@3"}));
  EXPECT_EQ(faults("block", "repeat: 2, carry: {h: nope, q: nope}"), (Faults{"unknown-carry@3", "unknown-carry@3"}));
  const auto told =
      files.check(kHead + "  b: {include: block.yaml, inputs: {h: x}, seed: -1}\nmodel_outputs: {y: b}\n");
  ASSERT_EQ(told.faults.list.size(), 1u);
  EXPECT_EQ(told.faults.list[0].what, "layer 'b': 'seed' must be a whole number from 0 to 2^63 - 1, not '-1'");
  EXPECT_EQ(faults("block", "output: {out: 1q}"), Faults{"bad-name@3"});
  EXPECT_EQ(
      faults_of(files.check(kHead + "  b: {include: block.yaml, inputs: {h: x}}\n  c: {alias: b, inputs: {h: x}, seed: "
                                    "-1}\nmodel_outputs: {y: c, z: b}\n")),
      Faults{"unknown-key@4"});
}

/// What has no name is no input either.
TEST(BlockFaults, NamesThatAreNoneMakeNoCircles) {
  const Files files;
  files.write("block.yaml", kBlock);
  EXPECT_EQ(
      faults_of(files.check("model_inputs: {h-in: {shape: [N, 4]}}\nmodel_layers:\n  b: {include: block.yaml, inputs: "
                            "{h: h-in}, output: {out: h-in}}\nmodel_outputs: {y: b}\n")),
      (Faults{"bad-name@3", "bad-name@1"}));
}

/// As in any graph, though they become parts of names.
TEST(BlockFaults, NamesOfLayersOfABlockAreNames) {
  const Files files;
  files.write("block.yaml", "model_inputs: [h]\nmodel_layers:\n  9w: {" + kLinear + ", inputs: {h: h}}\n  h: {" +
                                kLinear + ", inputs: {h: h}}\nmodel_outputs: {o: h}\n");
  EXPECT_EQ(faults_of(files.check(kHead + "  b: {include: block.yaml, inputs: {h: x}}\nmodel_outputs: {y: b}\n")),
            (Faults{"bad-name@3", "name-clash@4"}));
}

/// Nothing refers to what stands for them.
TEST(BlockFaults, CopiesOfALayerWithoutInputsAreUnknown) {
  const Files files;
  EXPECT_EQ(faults_of(files.check(kHead + "  a: {" + kLinear +
                                  ", inputs: x, repeat: 2, carry: h}\n  b: {alias: a_1, "
                                  "inputs: {h: x}}\nmodel_outputs: {y: a, z: a_0, w: b}\n")),
            Faults{"wrong-kind@3"});
}

}  // namespace
}  // namespace kiln
