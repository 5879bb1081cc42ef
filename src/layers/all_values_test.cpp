// All that is wrong with one value, or with several of one layer, is told.
#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

/// Of a torch call that reads x (5, 16), behind its target.
Messages of_call(const std::string& target, const std::string& kwargs) {
  const std::string before = "layer 'a': target '" + target + "' ";
  Messages messages = messages_of(
      "model_inputs: {x: {shape: [5, 16]}}\nmodel_layers:\n  a: {type: ArbitraryModule, config: {target: " + target +
      ", kwargs: {" + kwargs + "}}, inputs: {0: x}}\nmodel_outputs: {y: a}\n");
  for (std::string& message : messages)
    if (message.compare(0, before.size(), before) == 0) message = message.substr(before.size());
  return messages;
}

TEST(AllValues, EntriesOfAList) {
  EXPECT_EQ(messages_of("model_inputs: {s: {role: species}}\nmodel_layers:\n  b: {type: PerSpeciesEnergy, config: "
                        "{energies: [a, 1, b]}, inputs: {species: s}}\nmodel_outputs: {y: b}\n"),
            Messages{"layer 'b' (PerSpeciesEnergy): 'energies' holds an entry that must be a number, not 'a', and one "
                     "that must be a number, not 'b'"});
}

TEST(AllValues, BlocksOfIrreps) {
  const auto of_block = [](const std::string& block) {
    const std::string before = "layer 'a' (AtomwiseLinear): 'irreps_in_block' is not a list of irreps: ";
    const Messages told =
        messages_of(with(kTwo, "irreps_out_block", "irreps_in_block: " + block + ", irreps_out_block"));
    EXPECT_EQ(told.size(), 1u);
    return told.empty() ? "" : told[0].substr(before.size());
  };
  EXPECT_EQ(of_block("4x0z + 2x0e + 3y1"), "'4x0z' and '3y1' are not irreps such as 32x1o");
  EXPECT_EQ(of_block("[{l: 0, mul: 2}, {l: 0, mul: 2, p: q}, 3]"),
            "block #1 parity 'q' must be e, even, o or odd; block #2 must be a mapping such as {l: 0, mul: 32}");
  EXPECT_EQ(of_block("[{l: -1, mul: 2, q: 3}]"),
            "block #0 has an unknown key 'q'; block #0 needs whole numbers 'l' and 'mul', l from 0 to 100 and mul from "
            "0 to 4096");
}

TEST(AllValues, SizesOfAShape) {
  EXPECT_EQ(messages_of(with(kTwo, "shape: [N, 4]", "shape: [-1, N, 0.5]")),
            (Messages{"model input 'x': '-1' in 'shape' is neither a size nor a symbol",
                      "model input 'x': '0.5' in 'shape' is neither a size nor a symbol"}));
}

TEST(AllValues, DimensionsOfACall) {
  EXPECT_EQ(of_call("torch.flip", "dims: [4, 0, 7]"), Messages{"has no dimensions 4, 7 in (5, 16)"});
  EXPECT_EQ(of_call("torch.flip", "dims: [4, 0]"), Messages{"has no dimension 4 in (5, 16)"});
  EXPECT_EQ(of_call("torch.movedim", "source: [0, 4], destination: [8, 1]"),
            Messages{"has no dimensions 4, 8 in (5, 16)"});
}

/// Each stands where the value does.
TEST(AllValues, StepsOfAConvolution) {
  EXPECT_EQ(of_call("torch.nn.Conv1d",
                    "in_channels: 5, out_channels: 2, kernel_size: 3, stride: 0, dilation: [0], "
                    "padding: -1"),
            (Messages{"needs stride of 1 or more, not [0]", "needs dilation of 1 or more, not [0]",
                      "needs padding of 0 or more, not [-1]"}));
  EXPECT_EQ(of_call("torch.nn.MaxPool2d", "kernel_size: [0, 3], stride: [-1, 1], padding: -2"),
            (Messages{"needs kernel_size from 1 to 2147483647, not [0, 3]", "needs stride of 1 or more, not [-1, 1]",
                      "needs padding of 0 or more, not [-2, -2]",
                      "takes tensors of 3 or 4 dimensions, not of shape (5, 16)"}));
  EXPECT_EQ(of_call("torch.nn.Conv1d", "in_channels: 5, out_channels: 2, kernel_size: 3, padding: same"), Messages{});
  EXPECT_EQ(of_call("torch.nn.Conv1d", "in_channels: 5, out_channels: 2, kernel_size: 3, padding: some").size(), 1u);
}

/// Whatever the text is to be, what the call gives is known; so it is if a form would need more corrections.
TEST(AllValues, OfReadersOfACallWithAWrongWord) {
  const auto n_faults = [](const std::string& call) {
    return messages_of(
               "model_inputs: {x: {shape: [5, 16]}}\nmodel_layers:\n  a: {type: ArbitraryModule, config: "
               "{target: torch." +
               call +
               "}\n  b: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [7, 3]}, inputs: {0: "
               "a}}\nmodel_outputs: {y: b}\n")
        .size();
  };
  EXPECT_EQ(n_faults("nn.functional.gelu, kwargs: {approximate: 3}}, inputs: {0: x}"), 2u);
  EXPECT_EQ(n_faults("nn.functional.gelu, kwargs: {approximate: some}}, inputs: {0: x}"), 2u);
  EXPECT_EQ(n_faults("sub, kwargs: {alpha: abc}}, inputs: {0: x, 1: x}"), 2u);
  EXPECT_EQ(n_faults("max, args: [abc]}, inputs: {0: x}"), 1u);  // along which dimension, or with what?
}

/// Of a function, too; and whatever they are to be, what it looks at is looked at.
TEST(AllValues, StepsOfAFunction) {
  const std::string conv = "nn.functional.conv1d, kwargs: {padding: sam, dilation: 0, stride: [1], groups: 0}}";
  const Messages told = messages_of(
      "model_inputs: {x: {shape: [5, 16]}, w: {shape: [4, 5, 3]}}\nmodel_layers:\n  a: "
      "{type: ArbitraryModule, config: {target: torch." +
      conv + ", inputs: {0: x, 1: w}}\nmodel_outputs: {y: a}\n");
  const std::string layer = "layer 'a': target 'torch.nn.functional.conv1d' ";
  EXPECT_EQ(told, (Messages{layer + "needs dilation of 1 or more, not [0]", layer + "needs groups of 1 or more, not 0",
                            layer + "needs 'same', 'valid' or numbers as padding, not 'sam'"}));
}

/// Though each value that may stand there is told of another.
TEST(AllValues, ArgumentsBesideStepsOfAWindow) {
  EXPECT_EQ(of_call("torch.nn.AvgPool2d", "kernel_size: 2, stride: 0, divisor_override: 0"),
            (Messages{"needs stride of 1 or more, not [0, 0]", "needs a divisor_override other than 0"}));
  EXPECT_EQ(of_call("torch.nn.Conv1d",
                    "in_channels: 4, out_channels: 2, kernel_size: 3, padding: same, stride: 2, dilation: -1"),
            (Messages{"needs dilation of 1 or more, not [-1]", "needs a stride of 1 where padding is 'same'"}));
}

}  // namespace
}  // namespace kiln
