#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

std::string two(const std::string& input, const std::string& a, const std::string& b) {
  return "model_inputs: {x: " + input + "}\nmodel_layers:\n  a: {" + a + ": x}}\n  b: {" + b +
         ": x}}\nmodel_outputs: {a: a, b: b}\n";
}

std::string call(const std::string& target, const std::string& args) {
  return "type: ArbitraryModule, config: {target: torch.nn." + target + ", args: [" + args + "]}, inputs: {0";
}

TEST(ContradictingReaders, OfAnInputWithoutShapeAreOneFaultThatNamesBoth) {
  const Checked checked = check(two("", call("Linear", "3, 2"), call("Linear", "4, 2")));
  EXPECT_EQ(faults_of(checked), Faults{"bad-shape@4"});
  EXPECT_EQ(checked.faults.list.at(0).what, "layer 'b' takes 'x' as (…, 4), but layer 'a' as (…, 3)");
  EXPECT_NE(checked.faults.list.at(0).hint.find("m.yaml:3:"), std::string::npos) << checked.faults.list.at(0).hint;
  EXPECT_EQ(faults_of(two("a comment", call("Linear", "3, 2"), call("LayerNorm", "4"))), Faults{"bad-shape@4"});
  EXPECT_EQ(faults_of(two("", call("Conv1d", "3, 2, 1"), call("Conv1d", "4, 2, 1"))), Faults{"bad-shape@4"});
}

/// Whatever else is wrong with one of them.
TEST(ContradictingReaders, ThatHaveOtherFaults) {
  const std::string wrong =
      "type: ArbitraryModule, config: {target: torch.nn.Linear, args: [4, 2], kwargs: {nope: 1}}, inputs: {0";
  EXPECT_EQ(faults_of(two("", call("Linear", "3, 2"), wrong)), (Faults{"bad-argument@4", "bad-shape@4"}));
  EXPECT_EQ(faults_of(two("", call("Linear", "4, 2"), wrong)), Faults{"bad-argument@4"});
  EXPECT_EQ(faults_of(two("", call("Linear", "3, 2"), call("Linear", "a, 2"))), Faults{"bad-argument@4"});
  EXPECT_EQ(faults_of(two("{shape: [N]}", call("Embedding", "5, 2"), with(wrong, "4, 2", "7, 2"))),
            (Faults{"bad-argument@4", "wrong-dtype@3"}));
  EXPECT_EQ(faults_of(two("", wrong,
                          "type: AtomwiseLinear, config: {irreps_in_block: 3x0e, irreps_out_block: 2x0e}, inputs: {h")),
            (Faults{"bad-argument@3", "bad-shape@4"}));
  EXPECT_EQ(faults_of("model_inputs: {x: {shape: [N, C]}, y: {shape: [M, C]}}\nmodel_layers:\n  a: {" +
                      call("Linear", "3, 2") + ": x}}\n  b: {" + wrong + ": y}}\nmodel_outputs: {a: a, b: b}\n"),
            (Faults{"bad-argument@4", "bad-shape@4"}));
}

/// One symbol is one number, in whatever inputs and places it stands.
TEST(ContradictingReaders, OfOneSymbol) {
  const auto faults = [](const std::string& x, const std::string& y, const std::string& b) {
    return check("model_inputs: {x: {shape: " + x + "}, y: {shape: " + y + "}}\nmodel_layers:\n  a: {" +
                 call("Linear", "8, 2") + ": x}}\n  b: {" + b + ": y}}\nmodel_outputs: {a: a, b: b}\n");
  };
  const Checked checked = faults("[N, C]", "[M, C]", call("Linear", "7, 2"));
  EXPECT_EQ(faults_of(checked), Faults{"bad-shape@4"});
  EXPECT_EQ(checked.faults.list.at(0).what, "layer 'b' takes the size 'C' as 7 in 'y', but layer 'a' as 8 in 'x'");
  EXPECT_EQ(faults_of(faults("[N, C]", "[M, C, 3]", call("Conv1d", "7, 2, 1"))), Faults{"bad-shape@4"});
  EXPECT_EQ(faults_of(faults("[N, C]", "[M, C]", call("Linear", "8, 2"))), Faults{});
  EXPECT_EQ(faults_of(faults("[N, C]", "[M, D]", call("Linear", "7, 2"))), Faults{});
  EXPECT_EQ(faults_of(faults("[N, C]", "[M, C]", call("ReLU", ""))), Faults{});
  EXPECT_EQ(faults_of(faults("[N, C]", "[M, C, 4]", call("GroupNorm", "2, 8"))), Faults{});
}

/// One that broadcasts takes what the others do; where two contradict each other, which is right is not known.
TEST(ContradictingReaders, OfOneSymbolOnlyWhatNoNumberFits) {
  const auto graph = [](const std::string& inputs, const std::string& layers) {
    return faults_of("model_inputs: {" + inputs + "}\nmodel_layers:\n" + layers + "model_outputs: {a: a, b: b}\n");
  };
  EXPECT_EQ(graph("x: {shape: [C]}, y: {shape: [K, C]}, z: {shape: [6]}",
                  "  a: {type: ArbitraryModule, config: {target: torch.add}, inputs: {0: x, 1: z}}\n  b: {" +
                      call("Linear", "6, 8") + ": y}}\n"),
            Faults{});
  EXPECT_EQ(graph("x: {shape: [N, C]}, y: {shape: [M, C]}, z: {shape: [K, C]}",
                  "  a: {" + call("Linear", "3, 2") + ": x}}\n  b: {" + call("Linear", "4, 2") + ": y}}\n  c: {" +
                      call("Linear", "5, 2") + ": z}}\n"),
            (Faults{"bad-shape@4", "bad-shape@5"}));
  EXPECT_EQ(graph("x: {shape: [N, C]}, y: {shape: [N, C]}", "  a: {" + call("Linear", "3, 2") + ": x}}\n  c: {" +
                                                                call("Linear", "4, 2") + ": x}}\n  b: {" +
                                                                call("Linear", "3, 2") + ": y}}\n"),
            Faults{"bad-shape@4"});
}

/// Of three that contradict each other two are wrong, at whatever places they stand.
TEST(ContradictingReaders, AreAllTold) {
  const auto faults = [](const std::string& c) {
    return faults_of("model_inputs: {x: {shape: [N, C]}, y: {shape: [M, C]}}\nmodel_layers:\n  a: {" +
                     call("Linear", "3, 2") + ": x}}\n  b: {" + call("Linear", "5, 2") + ": x}}\n  c: {" + c +
                     "}}\nmodel_outputs: {a: a, b: b, c: c, y: y}\n");
  };
  EXPECT_EQ(faults(call("Linear", "6, 2") + ": x"), (Faults{"bad-shape@4", "bad-shape@5"}));
  EXPECT_EQ(faults(call("Linear", "6, 2") + ": y"), (Faults{"bad-shape@4", "bad-shape@5"}));
  EXPECT_EQ(faults(call("Linear", "5, 2") + ": y"), Faults{"bad-shape@4"});  // b is right, or c
}

/// A tensor is of real numbers or of whole ones, whoever reads it first.
TEST(ContradictingReaders, OfKindsOfNumbers) {
  const std::string linear = call("Linear", "16, 8"), embedding = call("Embedding", "3, 4");
  EXPECT_EQ(faults_of(two("{shape: [N, 16]}", linear, embedding)), Faults{"wrong-dtype@4"});
  EXPECT_EQ(faults_of(two("{shape: [N, 16]}", embedding, linear)), Faults{"wrong-dtype@3"});
  EXPECT_EQ(faults_of(two("", call("Softmax", "1"), embedding)), Faults{"wrong-dtype@4"});
  EXPECT_EQ(faults_of(two("{shape: [N, 16]}", call("ReLU", ""), embedding)), Faults{});
  EXPECT_EQ(faults_of(two("{shape: [N, 16]}", call("ReLU", ""), linear)), Faults{});
  EXPECT_EQ(faults_of(two("{shape: [N, 16]}", embedding, embedding)), Faults{});
}

/// Words in a comment are no symbols.
TEST(ContradictingReaders, OfAWordInCommentsSayNothing) {
  const std::string text = "model_inputs: {x: '(N, dim)', y: '(M, dim)'}\nmodel_layers:\n  a: {" +
                           call("Linear", "3, 2") + ": x}}\n  b: {" + call("Linear", "4, 2") +
                           ": y}}\nmodel_outputs: {a: a, b: b}\n";
  EXPECT_EQ(faults_of(text), Faults{});
  EXPECT_EQ(faults_of("compat: klay\n" + text), Faults{});
}

/// That other inputs have.
TEST(ContradictingReaders, OfSizesThatStandInShapes) {
  const std::string inputs =
      "model_inputs: {x: {shape: [N, C]}, y: {shape: [M, C]}, w: {shape: [5, 3]}, v: {shape: [6, 3]}}\n"
      "model_layers:\n";
  const auto product = [](const std::string& name, const std::string& x, const std::string& w) {
    return "  " + name + ": {type: ArbitraryModule, config: {target: torch.matmul}, inputs: {0: " + x + ", 1: " + w +
           "}}\n";
  };
  const std::string outputs = "model_outputs: {a: a, b: b, w: w, v: v, y: y}\n";
  EXPECT_EQ(faults_of(inputs + product("a", "x", "w") + product("b", "x", "v") + outputs), Faults{"bad-shape@4"});
  EXPECT_EQ(faults_of(inputs + product("a", "x", "w") + product("b", "y", "v") + outputs), Faults{"bad-shape@4"});
  EXPECT_EQ(faults_of(inputs + product("a", "x", "w") + product("b", "y", "w") + outputs), Faults{});
}

TEST(ContradictingReaders, WithTypedPortsToo) {
  const std::string linear =
      "type: AtomwiseLinear, config: {irreps_in_block: 4x0e, irreps_out_block: 1x0e}, inputs: {h";
  EXPECT_EQ(faults_of(two("", linear, call("Linear", "3, 2"))), Faults{"bad-shape@4"});
  EXPECT_EQ(faults_of(two("", call("Linear", "3, 2"), linear)), Faults{"bad-shape@4"});
  EXPECT_EQ(faults_of(two("", call("Linear", "4, 2"), linear)), Faults{});
}

TEST(ContradictingReaders, WhatFitsBothIsNoFault) {
  EXPECT_EQ(faults_of(two("", call("Linear", "3, 2"), call("Linear", "3, 5"))), Faults{});
  EXPECT_EQ(faults_of(two("", call("Linear", "3, 2"), call("Conv1d", "4, 2, 1"))), Faults{}) << "(N, 4, 3)";
  EXPECT_EQ(faults_of(two("", call("ReLU", ""), call("Embedding", "4, 2"))), Faults{});
  EXPECT_EQ(faults_of(two("", call("ReLU", ""), call("Linear", "4, 2"))), Faults{});
}

/// A size of 1 broadcasts, and a number of channels may be a multiple of both.
TEST(ContradictingReaders, WhatManySizesFitIsNoFault) {
  const auto function = [](const std::string& name, const std::string& other) {
    return "type: ArbitraryModule, config: {target: torch." + name + "}, inputs: {1: " + other + ", 0";
  };
  const std::string sums = "model_inputs: {y: {shape: [5, 3]}, w: {shape: [5, 4]}, x: }\nmodel_layers:\n  c: {" +
                           call("Linear", "3, 4") + ": y}}\n  a: {" + function("add", "y") + ": x}}\n  b: {" +
                           function("mul", "w") + ": x}}\nmodel_outputs: {a: a, b: b, c: c}\n";
  EXPECT_EQ(faults_of(sums), Faults{});
  EXPECT_EQ(faults_of(two("", call("PixelShuffle", "2"), call("PixelShuffle", "3"))), Faults{});
  EXPECT_EQ(faults_of(two("", call("GroupNorm", "2, 8"), call("PixelShuffle", "2"))), Faults{});
  EXPECT_EQ(faults_of(two("", call("GroupNorm", "2, 6"), call("Conv1d", "4, 2, 1"))), Faults{}) << "(4, 6)";
  EXPECT_EQ(faults_of(two("", call("GroupNorm", "2, 6"), call("GroupNorm", "2, 8"))), Faults{"bad-shape@4"});
}

TEST(ContradictingReaders, ADeclaredShapeSaysWhichIsWrong) {
  EXPECT_EQ(faults_of(two("{shape: [N, 3]}", call("Linear", "3, 2"), call("Linear", "4, 2"))), Faults{"bad-shape@4"});
  EXPECT_EQ(faults_of(two("'(N, 5)'", call("Linear", "3, 2"), call("Linear", "4, 2"))),
            Faults({"w bad-shape@1", "bad-shape@4"}));
}

/// A symbol is one number, whatever it is.
TEST(ContradictingReaders, OfAnInputWithSymbols) {
  const auto faults = [](const std::string& shape, const char* columns) {
    return faults_of("model_inputs: {a: " + shape +
                     "}\nmodel_layers:\n"
                     "  z: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [4, 2]}, inputs: {0: a}}\n"
                     "  y: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [" +
                     columns + ", 2]}, inputs: {0: a}}\nmodel_outputs: {z: z, y: y}\n");
  };
  EXPECT_EQ(faults("{shape: [N, C]}", "5"), Faults{"bad-shape@4"});
  EXPECT_EQ(faults("\"Tensor (N, C)\"", "5"), Faults{"bad-shape@4"});
  EXPECT_EQ(faults("{shape: [N, C]}", "4"), Faults{});
  EXPECT_EQ(faults("{shape: [N, 4]}", "4"), Faults{});
}

}  // namespace
}  // namespace kiln
