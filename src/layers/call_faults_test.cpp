// Every fault of a call of torch is told in one go.
#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

/// A call of x (5, 16) and w (3, 4); what is told goes on after "layer 'a': target '…' ".
Messages messages_of_call(const std::string& target, const std::string& rest) {
  Messages messages = messages_of(
      "model_inputs: {x: {shape: [5, 16]}, w: {shape: [3, 4]}}\nmodel_layers:\n"
      "  a: {type: ArbitraryModule, config: {target: " +
      target + ", " + rest + "}\nmodel_outputs: {y: a, x: x, w: w}\n");
  const std::string before = "layer 'a': target '" + target + "' ", layer = "layer 'a': ";
  for (std::string& message : messages) {
    if (message.compare(0, before.size(), before) == 0) message = message.substr(before.size());
    if (message.compare(0, layer.size(), layer) == 0) message = message.substr(layer.size());
  }
  return messages;
}

TEST(CallFaults, OfTheArgumentsOfACall) {
  EXPECT_EQ(
      messages_of_call("torch.nn.Linear", "kwargs: {in_feature: 8, out_features: 3.5, bias: maybe}}, inputs: {0: x}"),
      (Messages{"has no argument 'in_feature'", "takes a whole number as 'out_features', not 3.5",
                "takes a true or false as 'bias', not 'maybe'", "takes tensors of 8 columns, not of shape (5, 16)"}));
  EXPECT_EQ(messages_of_call("torch.nn.Conv1d", "args: [a, b]}, inputs: {0: x}"),
            (Messages{"takes a whole number as 'in_channels', not 'a'",
                      "takes a whole number as 'out_channels', not 'b'", "needs the argument 'kernel_size'"}));
  EXPECT_EQ(messages_of_call("torch.nn.functional.dropout", "kwargs: {p: 2, training: 3}}, inputs: {0: x}"),
            (Messages{"takes a true or false as 'training', not 3", "needs p from 0 to 1, not 2.0"}));
}

/// What some values do not fit together is wrong whatever another is to be.
TEST(CallFaults, OfArgumentsThatDoNotGoTogetherBesideOneOutOfRange) {
  EXPECT_EQ(
      messages_of_call("torch.nn.MultiheadAttention",
                       "args: [16, 3], kwargs: {dropout: 2.0}}, inputs: {0: x, 1: x, 2: x}"),
      (Messages{"needs dropout from 0 to 1, not 2.0", "needs embed_dim to be a multiple of num_heads, not 16 and 3",
                "'a' is several tensors: a model output is one"}));
  EXPECT_EQ(
      messages_of_call("torch.nn.TransformerEncoderLayer", "args: [16, 3], kwargs: {dropout: 4}}, inputs: {0: x}"),
      (Messages{"needs dropout from 0 to 1, not 4.0", "needs d_model to be a multiple of nhead, not 16 and 3"}));
  EXPECT_EQ(
      messages_of_call("torch.nn.TransformerEncoderLayer", "args: [16, 4], kwargs: {dropout: 4}}, inputs: {0: x}"),
      Messages{"needs dropout from 0 to 1, not 4.0"});
  EXPECT_EQ(messages_of_call("torch.nn.TransformerEncoderLayer", "args: [16, q], kwargs: {dropout: 4}}, inputs: {0: x}")
                .size(),
            2u);
  EXPECT_EQ(messages_of_call("torch.nn.Conv1d", "args: [5, -6, 3]}, inputs: {0: x}"),
            Messages{"needs out_channels of 0 or more, not -6"});
}

/// Each rule for itself, where none needs what another says is wrong.
TEST(CallFaults, OfSeveralRulesOfOneCall) {
  EXPECT_EQ(messages_of_call("torch.nn.Linear", "args: [-2, q]}, inputs: {0: x}"),
            (Messages{"takes a whole number as 'out_features', not 'q'", "needs in_features of 0 or more, not -2"}));
  EXPECT_EQ(messages_of_call("torch.nn.LayerNorm", "args: [[-8]], kwargs: {foo: 1}}, inputs: {0: x}"),
            (Messages{"has no argument 'foo'", "needs normalized_shape of 0 or more, not [-8]"}));
  EXPECT_EQ(messages_of_call("torch.nn.Conv2d", "args: [3, 4, 1], kwargs: {groups: 2}}, inputs: {0: x}"),
            (Messages{"needs in_channels to be divisible by groups, not 3 by 2",
                      "takes tensors of 3 or 4 dimensions, not of shape (5, 16)"}));
  EXPECT_EQ(messages_of_call("torch.nn.Conv1d", "args: [4, 3, 1], kwargs: {groups: 2}}, inputs: {0: x}").front(),
            "needs out_channels to be divisible by groups, not 3 by 2");
  EXPECT_EQ(messages_of_call("torch.nn.Conv1d", "args: [3, 5, 1], kwargs: {groups: 2}}, inputs: {0: x}").front(),
            "needs in_channels and out_channels to be divisible by groups, not 3, 5 by 2");
  EXPECT_EQ(
      messages_of_call("torch.nn.Upsample", "kwargs: {mode: area, scale_factor: [2, 2], size: 0}}, inputs: {0: x}"),
      (Messages{"needs a size of 1 or more, not 0"}));
  EXPECT_EQ(messages_of_call("torch.layer_norm", "kwargs: {normalized_shape: [3]}}, inputs: {0: x}"),
            Messages{"takes tensors whose last dimensions are [3], not of shape (5, 16)"});
  const Messages upsample =
      messages_of_call("torch.nn.Upsample", "kwargs: {mode: foo, scale_factor: 2}}, inputs: {0: x}");
  ASSERT_EQ(upsample.size(), 2u);
  EXPECT_EQ(upsample[1], "takes tensors of 3 to 5 dimensions, not of shape (5, 16)");
  EXPECT_EQ(messages_of_call("torch.narrow", "kwargs: {dim: 1, start: -30, length: q}}, inputs: {0: x}"),
            (Messages{"takes a whole number as 'length', not 'q'",
                      "has no entry -30 to start at in dimension 1 of (5, 16)"}));
}

TEST(CallFaults, OfNamesStandAtTheNames) {
  const std::string text =
      "model_inputs: {x: {shape: [5, 16]}}\nmodel_layers:\n  a:\n    type: ArbitraryModule\n    inputs: {0: x}\n    "
      "config:\n"
      "      target: torch.nn.Dropout\n      kwargs: {inplac: 1}\nmodel_outputs: {y: a}\n";
  const std::vector<Diagnostic> faults = check(text).faults.list;
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].where.column, 16);  // inplac
  EXPECT_EQ(faults[1].where.column, 24);  // 1
}

/// Who forgets the order is told once; what follows is out of place only because of it.
TEST(CallFaults, ButNotOfArgumentsOutOfOrder) {
  EXPECT_EQ(messages_of_call("torch.full", "args: [[2, 3]]}, inputs: {0: x}"),
            Messages{"takes a number as 'fill_value', not a tensor"});
  EXPECT_EQ(messages_of_call("torch.narrow", "args: [0, 1, 2]}, inputs: {0: x}"),
            Messages{"takes a whole number as 'length', not a tensor"});
  EXPECT_EQ(messages_of_call("torch.nn.ReLU", "args: []}, inputs: {0: x, 1: w, 2: w}"),
            Messages{"takes 1 argument at most"});
  EXPECT_EQ(messages_of_call("torch.zeros", "args: [z, 3]}, inputs: {}").front(),
            "takes a list (whole number) as 'size', not ['z', 3]");  // which torch takes one by one
  EXPECT_EQ(messages_of_call("torch.zeros", "args: [[4, 3], z]}, inputs: {}").front(),
            "takes 'dtype' by its name only");
}

TEST(CallFaults, OfShapesDespiteOtherArguments) {
  EXPECT_EQ(messages_of_call("torch.nn.Linear", "kwargs: {in_features: 8}}, inputs: {0: x}"),
            (Messages{"needs the argument 'out_features'", "takes tensors of 8 columns, not of shape (5, 16)"}));
  EXPECT_EQ(messages_of_call("torch.chunk", "kwargs: {chunks: 0, dim: 9}}, inputs: {0: x}"),
            (Messages{"needs chunks of 1 or more, not 0", "has no dimension 9 in (5, 16)",
                      "'a' is several tensors: a model output is one"}));
  EXPECT_EQ(messages_of_call("torch.sum", "kwargs: {dim: 9, keepdim: 3}}, inputs: {0: x}"),
            (Messages{"takes a true or false as 'keepdim', not 3", "has no dimension 9 in (5, 16)"}));
  EXPECT_EQ(messages_of_call("torch.addmm", "kwargs: {beta: a}}, inputs: {0: w, 1: w, 2: x}").size(), 2u);
}

/// What would be wrong with some values only is not.
TEST(CallFaults, ButNotOfShapesThatDependOnThem) {
  EXPECT_EQ(messages_of_call("torch.nn.Linear", "kwargs: {out_features: 8}}, inputs: {0: x}"),
            Messages{"needs the argument 'in_features'"});
  EXPECT_EQ(messages_of_call("torch.permute", "kwargs: {dims: a}}, inputs: {0: x}").size(), 1u);
  EXPECT_EQ(messages_of_call("torch.transpose", "kwargs: {dim0: 0}}, inputs: {0: x}"),
            Messages{"needs the argument 'dim1'"});
}

/// Words of one fault that would be another's.
TEST(CallFaults, ButNothingOfArgumentsAtFault) {
  EXPECT_EQ(messages_of_call("torch.nn.functional.max_pool2d", "kwargs: {kernel_size: abc}}, inputs: {0: x}"),
            (Messages{"takes a list of 2 (whole number) as 'kernel_size', not 'abc'",
                      "takes tensors of 3 or 4 dimensions, not of shape (5, 16)"}));
  EXPECT_EQ(messages_of_call("torch.nn.functional.interpolate", "kwargs: {size: abc}}, inputs: {0: x}"),
            Messages{"takes a list (whole number) as 'size', not 'abc'"});
}

/// Of several forms the one that has the keywords is meant.
TEST(CallFaults, OfTheFormThatHasTheKeywords) {
  EXPECT_EQ(messages_of_call("torch.max", "kwargs: {dim: abc, keepdim: abc}}, inputs: {0: x}"),
            (Messages{"takes a whole number as 'dim', not 'abc'", "takes a true or false as 'keepdim', not 'abc'",
                      "'a' is several tensors: a model output is one"}));
  EXPECT_EQ(messages_of_call("torch.median", "kwargs: {keepdim: 3}}, inputs: {0: x}"),
            (Messages{"takes a true or false as 'keepdim', not 3", "needs the argument 'dim'",
                      "'a' is several tensors: a model output is one"}));
}

/// A key that means nothing changes nothing.
TEST(CallFaults, OfACallDespiteUnknownKeys) {
  EXPECT_EQ(messages_of_call("torch.nn.Linear", "args: [7, 8], foo: 1}, inputs: {0: x}").size(), 2u);
}

/// Sizes that no weight can have say nothing against the others.
TEST(CallFaults, OfShapesDespiteWeights) {
  EXPECT_EQ(messages_of_call("torch.nn.Linear", "args: [5, -1]}, inputs: {0: x}"),
            (Messages{"needs out_features of 0 or more, not -1", "takes tensors of 5 columns, not of shape (5, 16)"}));
}

/// Whatever it is called.
TEST(CallFaults, OfOutputsWhoseNamesAreNone) {
  EXPECT_EQ(messages_of_call("torch.relu", "args: []}, inputs: {0: x}, output: {5: a.b, 0: 7}"),
            (Messages{"output: 'a.b' is not a name", "output: '7' is not a name",
                      "gives one tensor; there is no '5' of it"}));
}

/// In a list, too.
TEST(CallFaults, OfReferencesBesideWhatIsNone) {
  EXPECT_EQ(messages_of_call("torch.cat", "args: []}, inputs: {0: [x, none, 5]}"),
            (Messages{"input '0' must be a reference, not '5'",
                      "'none' is neither a model input nor a layer nor the name of an output"}));
}

/// How it starts is wrong, and what there is to start.
TEST(CallFaults, OfNamesInInit) {
  EXPECT_EQ(messages_of_call("torch.nn.Linear", "args: [16, 2]}, inputs: {0: x}, init: {waight: one}"),
            (Messages{"init: 'waight': cannot start as 'one'", "has no parameter 'waight'"}));
  EXPECT_EQ(messages_of_call("torch.nn.Linear", "args: [16, 2]}, inputs: {0: x}, init: {normal: 1.0}").size(), 1u);
}

TEST(CallFaults, OfOutputsAndWeightsOfACall) {
  EXPECT_EQ(
      messages_of_call("torch.softmax", "kwargs: {dim: 9}}, inputs: {0: x}, output: {7: u}, init: {q: zeros}"),
      (Messages{"has no dimension 9 in (5, 16)", "gives one tensor; there is no '7' of it", "has no parameter 'q'"}));
  EXPECT_EQ(messages_of_call("torch.nn.Linear", "args: [16]}, inputs: {0: x}, freeze: [weights, bias]"),
            (Messages{"needs the argument 'out_features'", "has no parameter 'weights'"}));
}

/// A reference that leads nowhere says nothing of the other inputs.
TEST(CallFaults, OfACallThatReadsWhatIsAtFault) {
  EXPECT_EQ(messages_of_call("torch.index_select", "kwargs: {dim: 9}}, inputs: {0: x, index: nothing}"),
            (Messages{"'nothing' is neither a model input nor a layer nor the name of an output",
                      "has no dimension 9 in (5, 16)"}));
}

/// A rule tells one fault; what it says without that is looked for.
TEST(CallFaults, OfShapesDespiteAnother) {
  EXPECT_EQ(messages_of_call("torch.transpose", "kwargs: {dim0: 8, dim1: 7}}, inputs: {0: x}"),
            (Messages{"has no dimension 8 in (5, 16)", "has no dimension 7 in (5, 16)"}));
  EXPECT_EQ(messages_of_call("torch.transpose", "kwargs: {dim1: 7}}, inputs: {0: x}"),
            (Messages{"needs the argument 'dim0'", "has no dimension 7 in (5, 16)"}));
  EXPECT_EQ(messages_of_call("torch.narrow", "kwargs: {dim: 0, start: 20}}, inputs: {0: x}"),
            (Messages{"needs the argument 'length'", "has no entry 20 to start at in dimension 0 of (5, 16)"}));
  EXPECT_EQ(messages_of_call("torch.nn.LSTM", "args: [6, 5], kwargs: {num_layers: 0}}, inputs: {0: x}, output: {0: h}"),
            (Messages{"needs 1 to 1000 layers, not 0", "takes tensors of 6 columns, not of shape (5, 16)",
                      "'a' is several tensors: a model output is one"}));
  EXPECT_EQ(messages_of_call("torch.cat", "kwargs: {dim: 0}}, inputs: {0: [x, w, x, x]}").size(), 1u);
  EXPECT_EQ(
      messages_of_call("torch.nn.MultiheadAttention", "args: [8, 2]}, inputs: {0: x, 1: w, 2: x}, output: {0: h}"),
      (Messages{"takes 8 columns in 'query', not 16", "takes 8 columns in 'key', not 4",
                "takes 8 columns in 'value', not 16", "'a' is several tensors: a model output is one"}));
}

/// Their kind is wrong, the rest is looked at.
TEST(CallFaults, OfACallWhoseArgumentsAreNoList) {
  EXPECT_EQ(messages_of_call("torch.nn.ReLU", "args: 5}, inputs: {0: x, bogus: x}"),
            (Messages{"layer 'a' (ArbitraryModule): 'args' must be a list, not '5'", "has no argument 'bogus'"}));
  EXPECT_EQ(
      messages_of_call("torch.nn.Linear", "args: 5, kwargs: {foo: 3, bias: 4}}, inputs: {0: x}, init: {q: zeros}"),
      (Messages{"layer 'a' (ArbitraryModule): 'args' must be a list, not '5'", "has no argument 'foo'",
                "takes a true or false as 'bias', not 4", "has no parameter 'q'"}));
  EXPECT_EQ(messages_of_call("torch.softmax", "args: 5, kwargs: 3}, inputs: {0: x, bogus: x}").back(),
            "has no argument 'bogus'");
  EXPECT_EQ(messages_of_call("torch.softmax", "kwargs: 3}, inputs: {0: x}").size(), 1u);
}

}  // namespace
}  // namespace kiln
