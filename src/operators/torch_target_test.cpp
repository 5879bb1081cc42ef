#include "operators/torch_target.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/diagnostics.h"

namespace kiln {
namespace {

/// `{target: …, args: …, kwargs: …}` with ports; names that are digits are positions.
struct Call {
  CallRequest request;
  ResolvedCall resolved;
  Diagnostics faults;
  bool good = false;

  explicit Call(const std::string& yaml) {
    const Yaml config = parse_yaml(yaml, "a.yaml", faults);
    request.target = config.find("target")->text;
    request.target_where = config.find("target")->where;
    if (const Yaml* args = config.find("args")) request.args = args->items;
    if (const Yaml* kwargs = config.find("kwargs")) {
      for (const auto& [key, value] : kwargs->entries) request.kwargs.push_back({key.text, value, key.where});
    }
  }
  Call& port(const std::string& keyword, const std::vector<std::string>& shape) {
    request.inputs.push_back({keyword, false, {shape_from_words(shape)}, {}});
    return *this;
  }
  Call& ports(const std::vector<std::vector<std::string>>& shapes) {
    CallInput list{"", true, {}, {}};
    for (const auto& shape : shapes) list.shapes.push_back(shape_from_words(shape));
    request.inputs.push_back(list);
    return *this;
  }
  Call& resolve() {
    good = resolve_call("a", request, resolved, faults);
    return *this;
  }
  std::string message() const { return faults.list.empty() ? "" : faults.list[0].what; }
  std::string hint() const { return faults.list.empty() ? "" : faults.list[0].hint; }
};

std::string expression_of(Call call) {
  call.resolve();
  EXPECT_TRUE(call.good) << call.message();
  return call.resolved.expression;
}

std::string shape_of(Call call) {
  call.resolve();
  EXPECT_TRUE(call.good) << call.message();
  return call.resolved.shapes.empty() ? "" : to_string(call.resolved.shapes[0]);
}

std::string message_of(Call call) {
  EXPECT_FALSE(call.resolve().good) << call.resolved.expression;
  return call.message();
}

std::string hint_of(Call call) {
  EXPECT_FALSE(call.resolve().good);
  return call.hint();
}

TEST(TorchTarget, BoundArgumentsComeFirst) {
  EXPECT_EQ(expression_of(Call("{target: torch.pow, args: [2.0]}").port("", {"N", "3"})), "torch.pow(2.0, $0)");
  EXPECT_EQ(expression_of(Call("{target: torch.pow, kwargs: {exponent: 2}}").port("", {"N", "3"})), "torch.pow($0, 2)");
  EXPECT_EQ(expression_of(Call("{target: torch.sub}").port("", {"N"}).port("", {"N"})), "torch.sub($0, $1)");
}

TEST(TorchTarget, APortWinsOverABoundKeyword) {
  EXPECT_EQ(
      expression_of(Call("{target: torch.add, kwargs: {other: 1.0, alpha: 2}}").port("", {"N"}).port("other", {"N"})),
      "torch.add($0, $1, alpha=2)");
}

TEST(TorchTarget, InputIsAnotherNameOfSelf) {
  EXPECT_EQ(expression_of(Call("{target: torch.exp}").port("input", {"N"})), "torch.exp($0)");
}

TEST(TorchTarget, ValuesTakeTheTypesOfTheSignature) {
  EXPECT_EQ(expression_of(Call("{target: torch.sum, kwargs: {dim: 1, keepdim: true}}").port("", {"N", "3"})),
            "torch.sum($0, [1], True)");
  EXPECT_EQ(expression_of(Call("{target: torch.nn.functional.elu, kwargs: {alpha: 1}}").port("", {"N"})),
            "torch.nn.functional.elu($0, 1.0)");
  EXPECT_EQ(expression_of(Call("{target: torch.sum, kwargs: {dtype: float64}}").port("", {"N"})),
            "torch.sum($0, dtype=torch.float64)");
  EXPECT_EQ(expression_of(Call("{target: torch.index_select, kwargs: {dim: 0, index: [2, 0]}}").port("", {"N"})),
            "torch.index_select($0, 0, torch.tensor([2, 0]))");
}

TEST(TorchTarget, ListsOfTensors) {
  EXPECT_EQ(expression_of(Call("{target: torch.cat, kwargs: {dim: 1}}").ports({{"N", "2"}, {"N", "3"}})),
            "torch.cat($0, 1)");
  EXPECT_EQ(expression_of(Call("{target: torch.einsum, args: ['ij,jk']}").port("", {"N", "3"}).port("", {"3", "4"})),
            "torch.einsum('ij,jk', [$0, $1])");
}

TEST(TorchTarget, ModulesWithTheirWeights) {
  Call call = Call("{target: torch.nn.Linear, args: [16, 2]}").port("", {"N", "16"}).resolve();
  ASSERT_TRUE(call.good) << call.message();
  EXPECT_EQ(call.resolved.expression, "torch.nn.functional.linear($0, $weight, $bias)");
  ASSERT_EQ(call.resolved.parameters.size(), 2u);
  EXPECT_EQ(call.resolved.parameters[0].shape, (std::vector<std::int64_t>{2, 16}));
  EXPECT_DOUBLE_EQ(call.resolved.parameters[1].scale, 0.25);
  EXPECT_EQ(to_string(call.resolved.shapes[0]), "(N, 2)");
  EXPECT_TRUE(call.resolved.row_wise);
  EXPECT_EQ(expression_of(Call("{target: torch.nn.Linear, args: [16, 2, false]}").port("", {"N", "16"})),
            "torch.nn.functional.linear($0, $weight, None)");
}

TEST(TorchTarget, StringPadding) {
  EXPECT_EQ(expression_of(
                Call("{target: torch.nn.Conv1d, args: [4, 2, 3], kwargs: {padding: same}}").port("", {"B", "4", "9"})),
            "torch.conv1d($0, $weight, $bias, [1], 'same', [1], 1)");
}

TEST(TorchTarget, ShapesOfResults) {
  EXPECT_EQ(shape_of(Call("{target: torch.nn.Conv1d, args: [4, 2, 3]}").port("", {"B", "4", "9"})), "(B, 2, 7)");
  EXPECT_EQ(shape_of(Call("{target: torch.nn.MaxPool2d, args: [2]}").port("", {"B", "4", "9", "L"})), "(B, 4, 4, ?)");
  EXPECT_EQ(shape_of(Call("{target: torch.mean, kwargs: {dim: -1}}").port("", {"N", "9"})), "(N,)");
  EXPECT_EQ(shape_of(Call("{target: torch.add}").port("", {"N", "9"}).port("", {"1", "9"})), "(N, 9)");
  EXPECT_EQ(shape_of(Call("{target: torch.add}").port("", {"N", "9"}).port("", {"M", "9"})), "(?, 9)");
  EXPECT_EQ(shape_of(Call("{target: torch.stack, kwargs: {dim: 1}}").ports({{"N", "2"}, {"N", "2"}})), "(N, 2, 2)");
  EXPECT_EQ(shape_of(Call("{target: torch.nn.Flatten}").port("", {"N", "2", "3"})), "(N, 6)");
}

/// A function of components keeps the shape, and its rows apart.
TEST(TorchTarget, FunctionsOfComponents) {
  for (const char* target :
       {"torch.nn.functional.gelu", "torch.nn.functional.softplus", "torch.nn.functional.logsigmoid",
        "torch.nn.functional.hardshrink", "torch.nn.functional.softshrink", "torch.nn.functional.silu",
        "torch.hardshrink", "'aten::gelu'", "'aten::softplus'", "torch.zeros_like", "torch.ones_like", "torch.isnan",
        "torch.isfinite", "torch.logical_not", "torch.real", "torch.signbit", "torch.bernoulli"}) {
    const Call call = Call(std::string("{target: ") + target + "}").port("", {"N", "8"}).resolve();
    ASSERT_TRUE(call.good) << target << call.message();
    EXPECT_EQ(to_string(call.resolved.shapes.at(0)), "(N, 8)") << target;
    EXPECT_TRUE(call.resolved.row_wise) << target;
  }
  for (const char* target : {"torch.igamma", "torch.ldexp", "torch.special.hermite_polynomial_h"})
    EXPECT_EQ(shape_of(Call(std::string("{target: ") + target + "}").port("", {"N", "8"}).port("", {"8"})), "(N, 8)");
  const auto norm = [](const std::string& more) {
    return shape_of(Call("{target: torch.linalg." + more + "}").port("", {"N", "8", "3"}));
  };
  EXPECT_EQ(norm("norm"), "()");
  EXPECT_EQ(norm("norm, kwargs: {dim: 1}"), "(N, 3)");
  EXPECT_EQ(norm("norm, kwargs: {dim: -1, keepdim: true}"), "(N, 8, 1)");
}

/// Where the number of dimensions is not known, the last size may be; it goes on through what leaves shapes alone.
TEST(TorchTarget, LastSizes) {
  const auto of = [](const std::string& target, const Shape& shape) {
    Call call("{target: torch." + target + "}");
    call.request.inputs.push_back({"", false, {shape}, {}});
    return call;
  };
  const Shape eight = shape_ending_in(fixed_size(8));
  EXPECT_EQ(shape_of(of("nn.Linear, args: [7, 8]", unknown_shape())), "(…, 8)");
  EXPECT_EQ(shape_of(of("nn.Embedding, args: [7, 8]", unknown_shape())), "(…, 8)");
  EXPECT_EQ(shape_of(of("nn.Linear, args: [8, 5]", eight)), "(…, 5)");
  EXPECT_EQ(message_of(of("nn.Linear, args: [7, 5]", eight)),
            "layer 'a': target 'torch.nn.Linear' takes tensors of 7 columns, not of shape (…, 8)");
  EXPECT_EQ(message_of(of("nn.LayerNorm, args: [7]", eight)),
            "layer 'a': target 'torch.nn.LayerNorm' takes tensors whose last dimensions are [7], not of shape (…, 8)");
  for (const char* target : {"relu", "nn.SiLU", "nn.Dropout", "zeros_like", "nn.LayerNorm, args: [8]",
                             "nn.LayerNorm, args: [[3, 8]]", "add, kwargs: {other: 2}"})
    EXPECT_EQ(shape_of(of(target, eight)), "(…, 8)") << target;
  for (const char* target :
       {"sum, kwargs: {dim: 0}", "adjoint", "cumsum, kwargs: {dim: 0}", "transpose, kwargs: {dim0: 0, dim1: 1}",
        "linalg.det", "flatten", "unsqueeze, kwargs: {dim: 0}"})
    EXPECT_EQ(shape_of(of(target, eight)), "(…)") << target;
}

TEST(TorchTarget, LastSizesSideBySide) {
  const auto add = [](const Shape& a, const Shape& b) {
    Call call("{target: torch.add}");
    for (const Shape& shape : {a, b}) call.request.inputs.push_back({"", false, {shape}, {}});
    return call;
  };
  const Shape eight = shape_ending_in(fixed_size(8)), one = shape_ending_in(fixed_size(1));
  EXPECT_EQ(shape_of(add(eight, eight)), "(…, 8)");
  EXPECT_EQ(shape_of(add(one, eight)), "(…, 8)");
  EXPECT_EQ(shape_of(add(eight, make_shape({}))), "(…, 8)");
  EXPECT_EQ(shape_of(add(eight, unknown_shape())), "(…)");
  EXPECT_EQ(shape_of(add(eight, make_shape({fixed_size(5), fixed_size(8)}))), "(…, 8)");
  EXPECT_EQ(message_of(add(eight, make_shape({fixed_size(5), fixed_size(7)}))),
            "layer 'a': target 'torch.add' cannot combine tensors of shapes (…, 8) and (5, 7)");
}

TEST(TorchTarget, RowsThatDependOnOthers) {
  const auto row_wise = [](Call call) { return call.resolve().resolved.row_wise; };
  EXPECT_TRUE(row_wise(Call("{target: torch.softmax, kwargs: {dim: 1}}").port("", {"N", "3"})));
  EXPECT_FALSE(row_wise(Call("{target: torch.softmax, kwargs: {dim: 0}}").port("", {"N", "3"})));
  EXPECT_TRUE(row_wise(Call("{target: torch.bucketize}").port("", {"N", "3"}).port("", {"5"})));
  EXPECT_FALSE(row_wise(Call("{target: torch.add}").port("", {"N", "N"}).port("", {"N"})));
  EXPECT_FALSE(row_wise(Call("{target: torch.matmul}").port("", {"3", "N"}).port("", {"N", "3"})));
}

TEST(Scenarios, GL16_OneFormOfError) {
  const std::string nope = message_of(Call("{target: torch.nn.Nope}").port("", {"N"}));
  EXPECT_EQ(nope, "layer 'a': target 'torch.nn.Nope' is not known without Python");
  EXPECT_EQ(message_of(Call("{target: relu}").port("", {"N"})),
            "layer 'a': target 'relu' has no dot: it names no function or module");
  EXPECT_EQ(message_of(Call("{target: builtins.dict}").port("", {"N"})),
            "layer 'a': target 'builtins.dict' cannot be a layer");
  EXPECT_EQ(hint_of(Call("{target: torch.nn.Linea}").port("", {"N"})), "Did you mean 'torch.nn.Linear'?");
  for (const auto& [target, whole] : {std::pair<const char*, const char*>{"torch.lstm", "torch.nn.LSTM"},
                                      {"torch.mse_loss", "torch.nn.functional.mse_loss"},
                                      {"torch.nn.relu", "torch.nn.ReLU"},
                                      {"F.relu", "torch.nn.functional.relu"},
                                      {"nn.linear", "torch.nn.Linear"},
                                      {"torch.nn.functional.Linear", "torch.nn.functional.linear"},
                                      {"silu", "torch.nn.functional.silu"}})
    EXPECT_EQ(hint_of(Call("{target: " + std::string(target) + "}").port("", {"N"})),
              "write '" + std::string(whole) + "'");
  EXPECT_EQ(hint_of(Call("{target: torch.distributions.Normal}").port("", {"N"})).find("write"), std::string::npos);
  EXPECT_EQ(hint_of(Call("{target: torch.Tensor.add}").port("", {"N"})), "name the function: 'torch.add'");
  EXPECT_EQ(hint_of(Call("{target: torch.Tensor.view}").port("", {"N"})), "name the function: 'torch.reshape'");
  EXPECT_EQ(hint_of(Call("{target: torch.Tensor.stride}").port("", {"N"})),
            "it is a method of tensors: `kiln layers --arbitrary` lists the functions");
  EXPECT_EQ(hint_of(Call("{target: torch.relu_}").port("", {"N"})), "use 'torch.relu'");
  EXPECT_NE(hint_of(Call("{target: mypkg.Layer}").port("", {"N"})).find("--allow python:mypkg"), std::string::npos);
  EXPECT_NE(hint_of(Call("{target: torch.nn.Sequential}").port("", {"N"})).find("layers of their own"),
            std::string::npos);
}

TEST(Scenarios, GL16_WrongArguments) {
  EXPECT_EQ(message_of(Call("{target: torch.nn.Linear, args: [16]}").port("", {"N", "16"})),
            "layer 'a': target 'torch.nn.Linear' needs the argument 'out_features'");
  EXPECT_EQ(message_of(Call("{target: torch.nn.Linear, args: [16, two]}").port("", {"N", "16"})),
            "layer 'a': target 'torch.nn.Linear' takes a whole number as 'out_features', not 'two'");
  EXPECT_EQ(message_of(Call("{target: torch.nn.Linear, args: [16, 2], kwargs: {biases: true}}").port("", {"N", "16"})),
            "layer 'a': target 'torch.nn.Linear' has no argument 'biases'");
  EXPECT_EQ(message_of(Call("{target: torch.nn.Linear, args: [16, 2]}").port("", {"N", "16"}).port("", {"N", "16"})),
            "layer 'a': target 'torch.nn.Linear' takes 1 argument at most");
  EXPECT_EQ(
      message_of(Call("{target: torch.nn.MSELoss, kwargs: {reduction: average}}").port("", {"N"}).port("", {"N"})),
      "layer 'a': target 'torch.nn.MSELoss' takes 'none' or 'mean' or 'sum' as 'reduction', not 'average'");
  EXPECT_EQ(message_of(Call("{target: torch.gather, kwargs: {dim: 0}}").port("", {"N", "16"})),
            "layer 'a': target 'torch.gather' needs the argument 'index'");
}

TEST(Scenarios, GL17_BadShapes) {
  EXPECT_EQ(message_of(Call("{target: torch.nn.Linear, args: [17, 2]}").port("", {"5", "16"})),
            "layer 'a': target 'torch.nn.Linear' takes tensors of 17 columns, not of shape (5, 16)");
  EXPECT_EQ(message_of(Call("{target: torch.add}").port("", {"N", "3"}).port("", {"N", "4"})),
            "layer 'a': target 'torch.add' cannot combine tensors of shapes (N, 3) and (N, 4)");
  EXPECT_EQ(message_of(Call("{target: torch.sum, kwargs: {dim: 2}}").port("", {"N", "3"})),
            "layer 'a': target 'torch.sum' has no dimension 2 in (N, 3)");
}

/// Arguments that no tensor fits are told as such, even where nothing is known of the tensors;
/// tests/arbitrary/refused.py has many more.
TEST(TorchTarget, ArgumentsOutOfRange) {
  const auto told = [](const std::string& target) {
    const Call call = Call("{target: " + target + "}").port("", {"B", "4"}).resolve();
    return call.good ? "" : call.faults.list.at(0).code + ": " + call.message();
  };
  EXPECT_EQ(told("torch.nn.Dropout, args: [2.0]"),
            "bad-argument: layer 'a': target 'torch.nn.Dropout' needs p from 0 to 1, not 2.0");
  EXPECT_EQ(told("torch.nn.Dropout, args: [.nan]").substr(0, 12), "bad-argument");
  EXPECT_EQ(told("torch.nn.Dropout, args: [1]"), "");
  EXPECT_EQ(told("torch.nn.Hardtanh, args: [1, -1]"),
            "bad-argument: layer 'a': target 'torch.nn.Hardtanh' needs min_val below max_val, not 1.0 and -1.0");
  EXPECT_EQ(told("torch.nn.functional.hardtanh, kwargs: {min_val: 1, max_val: -1}"), "");  // torch takes it
  EXPECT_EQ(told("torch.reshape, kwargs: {shape: [-1, -1]}"),
            "bad-argument: layer 'a': target 'torch.reshape' needs sizes of which one at most is -1, not [-1, -1]");
  EXPECT_EQ(told("torch.transpose, kwargs: {dim0: 0, dim1: 5}"),
            "bad-shape: layer 'a': target 'torch.transpose' has no dimension 5 in (B, 4)");
  EXPECT_EQ(
      told("torch.nn.PReLU, args: [3]"),
      "bad-shape: layer 'a': target 'torch.nn.PReLU' has 3 weights, one per channel, but a tensor of shape (B, 4) "
      "has 4");
  EXPECT_EQ(told("torch.nn.InstanceNorm1d, args: [4], kwargs: {track_running_stats: true}"),
            "bad-shape: layer 'a': target 'torch.nn.InstanceNorm1d' takes tensors of 3 dimensions, or of 2 with 4 "
            "channels first, not of shape (B, 4)");
  EXPECT_EQ(told("torch.nn.InstanceNorm1d, args: [4]"), "");
  EXPECT_EQ(hint_of(Call("{target: torch.numel}").port("", {"N"})), "it gives no tensor but a number");
}

TEST(TorchTarget, ShapesOfWhatIsMoved) {
  const std::vector<std::string> x = {"N", "4", "6"};
  EXPECT_EQ(shape_of(Call("{target: torch.transpose, kwargs: {dim0: 1, dim1: -1}}").port("", x)), "(N, 6, 4)");
  EXPECT_EQ(shape_of(Call("{target: torch.permute, kwargs: {dims: [2, 0, 1]}}").port("", x)), "(6, N, 4)");
  EXPECT_EQ(shape_of(Call("{target: torch.reshape, kwargs: {shape: [-1, 24]}}").port("", x)), "(N, 24)");
  EXPECT_EQ(shape_of(Call("{target: torch.reshape, kwargs: {shape: [-1, 12]}}").port("", x)), "(?, 12)");
  EXPECT_EQ(shape_of(Call("{target: torch.reshape, kwargs: {shape: [-1, 12]}}").port("", {"2", "4", "6"})), "(4, 12)");
  EXPECT_EQ(shape_of(Call("{target: torch.unsqueeze, kwargs: {dim: -1}}").port("", x)), "(N, 4, 6, 1)");
  EXPECT_EQ(shape_of(Call("{target: torch.squeeze}").port("", {"N", "1"})), "(…)");  // N may be 1
  EXPECT_EQ(shape_of(Call("{target: torch.squeeze, kwargs: {dim: 1}}").port("", {"N", "1"})), "(N,)");
  EXPECT_EQ(shape_of(Call("{target: torch.nn.GRU, args: [6, 5]}").port("", {"L", "6"})), "(L, 5)");
  const auto row_wise = [](Call call) { return call.resolve().resolved.row_wise; };
  EXPECT_TRUE(row_wise(Call("{target: torch.reshape, kwargs: {shape: [-1, 24]}}").port("", x)));
  EXPECT_FALSE(row_wise(Call("{target: torch.reshape, kwargs: {shape: [-1, 12]}}").port("", x)));
  EXPECT_TRUE(row_wise(Call("{target: torch.transpose, kwargs: {dim0: 1, dim1: 2}}").port("", x)));
  EXPECT_FALSE(row_wise(Call("{target: torch.flip, kwargs: {dims: [0]}}").port("", x)));
}

/// Sizes that cannot fit, and their neighbors that can: what torch itself says of zeros of these shapes.
TEST(Scenarios, GL17_ShapesOfSeveralTensors) {
  struct Case {
    const char* target;
    std::vector<std::vector<std::string>> shapes;
    bool fits;
    const char* result;  ///< or a part of the message
  };
  const Case cases[] = {
      {"torch.matmul", {{"N", "3"}, {"3", "4"}}, true, "(N, 4)"},
      {"torch.matmul", {{"N", "3"}, {"3"}}, true, "(N,)"},
      {"torch.matmul", {{"3"}, {"3", "4"}}, true, "(4,)"},
      {"torch.matmul", {{"3"}, {"3"}}, true, "()"},
      {"torch.matmul", {{"B", "2", "3"}, {"3", "4"}}, true, "(B, 2, 4)"},
      {"torch.matmul", {{"7", "1", "2", "3"}, {"5", "3", "4"}}, true, "(7, 5, 2, 4)"},
      {"torch.matmul", {{"N", "3"}, {"4", "3"}}, false, "cannot multiply tensors of shapes (N, 3) and (4, 3)"},
      {"torch.matmul", {{"6", "2", "3"}, {"5", "3", "4"}}, false, "cannot multiply"},
      {"torch.matmul", {{"N", "K"}, {"M", "4"}}, true, "(N, 4)"},
      {"torch.mm", {{"N", "3"}, {"3", "4"}}, true, "(N, 4)"},
      {"torch.mm", {{"B", "2", "3"}, {"3", "4"}}, false, "takes tensors of 2 and 2 dimensions"},
      {"torch.bmm", {{"B", "2", "3"}, {"B", "3", "4"}}, true, "(B, 2, 4)"},
      {"torch.bmm", {{"5", "2", "3"}, {"1", "3", "4"}}, false, "cannot multiply"},
      {"torch.mv", {{"N", "3"}, {"3"}}, true, "(N,)"},
      {"torch.mv", {{"N", "3"}, {"4"}}, false, "cannot multiply"},
      {"torch.dot", {{"3"}, {"3"}}, true, "()"},
      {"torch.dot", {{"3"}, {"4"}}, false, "cannot multiply"},
      {"torch.addmm", {{"4"}, {"N", "3"}, {"3", "4"}}, true, "(N, 4)"},
      {"torch.addmm", {{"5"}, {"N", "3"}, {"3", "4"}}, false, "cannot add (5,) to a product of shape (N, 4)"},
      {"torch.addmm", {{"5", "4"}, {"1", "3"}, {"3", "4"}}, false, "cannot add"},
      {"torch.baddbmm", {{"B", "2", "4"}, {"B", "2", "3"}, {"B", "3", "4"}}, true, "(B, 2, 4)"},
      {"torch.outer", {{"N"}, {"4"}}, true, "(N, 4)"},
      {"torch.outer", {{"N", "1"}, {"4"}}, false, "one dimension"},
      {"torch.nn.functional.linear", {{"N", "3"}, {"4", "3"}}, true, "(N, 4)"},
      {"torch.nn.functional.linear", {{"N", "3"}, {"3", "4"}}, false, "by a transposed weight of shape (3, 4)"},
      {"torch.nn.functional.linear", {{"N", "3"}, {"4", "3"}, {"3"}}, false, "cannot add (3,)"},
      {"torch.nn.functional.bilinear", {{"N", "2"}, {"N", "3"}, {"4", "2", "3"}}, true, "(N, 4)"},
      {"torch.nn.functional.bilinear", {{"5", "2"}, {"6", "3"}, {"4", "2", "3"}}, false, "(5, 2) and (6, 3)"},
      {"torch.nn.Bilinear, args: [2, 3, 4]", {{"N", "2"}, {"N", "3"}}, true, "(N, 4)"},
      {"torch.nn.Bilinear, args: [2, 3, 4]", {{"N", "3"}, {"N", "2"}}, false, "(N, 3) and (N, 2)"},
      {"torch.nn.Bilinear, args: [2, 3, 4]", {{"5", "2"}, {"1", "3"}}, false, "cannot take tensors"},
      {"torch.mul", {{"N", "3"}, {"N", "1"}}, true, "(N, 3)"},
      {"torch.mul", {{"N", "3"}, {"N", "4"}}, false, "cannot combine"},
      {"torch.bitwise_and", {{"N", "3"}, {"N", "4"}}, false, "cannot combine"},
      {"torch.nn.functional.mse_loss", {{"5", "3"}, {"5", "4"}}, false, "cannot combine"},
      {"torch.nn.functional.mse_loss", {{"5", "3"}, {"5", "3"}}, true, "()"},
      {"torch.nn.functional.cosine_similarity", {{"N", "3"}, {"N", "3"}}, true, "(N,)"},
      {"torch.nn.functional.cosine_similarity", {{"N", "3"}, {"N", "4"}}, false, "cannot combine"},
      {"torch.nn.functional.conv1d", {{"B", "4", "9"}, {"2", "4", "3"}}, true, "(B, 2, 7)"},
      {"torch.nn.functional.conv1d",
       {{"B", "5", "9"}, {"2", "4", "3"}},
       false,
       "cannot take tensors of shape (B, 5, 9)"},
      {"torch.conv2d, kwargs: {groups: 2}", {{"B", "8", "9", "9"}, {"2", "4", "3", "3"}}, true, "(B, 2, 7, 7)"},
      {"torch.nn.functional.conv_transpose1d", {{"B", "2", "9"}, {"2", "4", "3"}}, true, "(B, 4, 11)"},
      {"torch.nn.functional.conv_transpose1d", {{"B", "4", "9"}, {"2", "4", "3"}}, false, "cannot take"},
      {"torch.nn.Conv1d, args: [4, 2, 3]", {{"B", "5", "9"}}, false, "4 channels"},
      {"torch.nn.LayerNorm, args: [[3, 4]]", {{"N", "3", "4"}}, true, "(N, 3, 4)"},
      {"torch.nn.LayerNorm, args: [4]", {{"N", "3"}}, false, "last dimensions are [4]"},
      {"torch.nn.GroupNorm, args: [2, 4]", {{"N", "6"}}, false, "4 channels"},
      {"torch.nn.functional.group_norm, args: [], kwargs: {num_groups: 4}", {{"N", "6"}}, false, "6 channels into 4"},
      {"torch.nn.functional.group_norm, args: [], kwargs: {num_groups: 4}", {{"N", "C"}}, true, "(N, C)"},
      {"torch.nn.functional.group_norm, args: [], kwargs: {num_groups: 0}", {{"N", "C"}}, false, "one group or more"},
      {"torch.nn.BatchNorm1d, args: [4]", {{"N", "5"}}, false, "4 channels"},
      {"torch.nn.functional.batch_norm",
       {{"N", "5"}, {"5"}, {"4"}},
       false,
       "'running_var', not a tensor of shape (4,)"},
      {"torch.nn.LocalResponseNorm, args: [2]", {{"N", "5"}}, false, "three dimensions"},
      {"torch.nn.functional.embedding", {{"N"}, {"5"}}, false, "a table of two dimensions"},
  };
  for (const Case& c : cases) {
    Call call(std::string("{target: ") + c.target + "}");
    for (const auto& shape : c.shapes) call.port("", shape);
    call.resolve();
    EXPECT_EQ(call.good, c.fits) << c.target << ": " << call.message();
    if (c.fits && call.good) {
      EXPECT_EQ(to_string(call.resolved.shapes.at(0)), c.result) << c.target;
    }
    if (!c.fits) {
      EXPECT_NE(call.message().find(c.result), std::string::npos) << call.message();
    }
  }
}

TEST(Scenarios, GL17_ListsOfTensors) {
  const auto shape = [](const char* config, const std::vector<std::vector<std::string>>& shapes) {
    Call call = Call(config).ports(shapes).resolve();
    return call.good ? to_string(call.resolved.shapes.at(0)) : call.message();
  };
  EXPECT_EQ(shape("{target: torch.cat, kwargs: {dim: 1}}", {{"N", "2"}, {"N", "3"}}), "(N, 5)");
  EXPECT_EQ(shape("{target: torch.cat, kwargs: {dim: 1}}", {{"0"}, {"N", "3"}}), "(N, 3)");
  EXPECT_EQ(shape("{target: torch.cat, kwargs: {dim: 1}}", {{"4", "2"}, {"5", "3"}}),
            "layer 'a': target 'torch.cat' cannot join tensors of shapes (4, 2) and (5, 3)");
  EXPECT_EQ(shape("{target: torch.cat, kwargs: {dim: 2}}", {{"4", "2"}, {"4", "3"}}),
            "layer 'a': target 'torch.cat' has no dimension 2 in (4, 2)");
  EXPECT_EQ(shape("{target: torch.stack}", {{"N", "2"}, {"M", "2"}}), "(2, N, 2)");
  EXPECT_EQ(shape("{target: torch.stack}", {{"N", "2"}, {"N", "1"}}),
            "layer 'a': target 'torch.stack' cannot join tensors of shapes (N, 2) and (N, 1)");
  EXPECT_EQ(shape("{target: torch.stack, kwargs: {dim: 3}}", {{"N", "2"}, {"N", "2"}}),
            "layer 'a': target 'torch.stack' has no dimension 3 in (N, 2)");
}

TEST(TorchTarget, RowsOfProducts) {
  const auto row_wise = [](const std::string& target, const std::vector<std::vector<std::string>>& shapes) {
    Call call("{target: " + target + "}");
    for (const auto& shape : shapes) call.port("", shape);
    return call.resolve().resolved.row_wise;
  };
  EXPECT_TRUE(row_wise("torch.matmul", {{"N", "3"}, {"3", "4"}}));
  EXPECT_FALSE(row_wise("torch.matmul", {{"N", "3"}, {"3", "N"}}));
  EXPECT_TRUE(row_wise("torch.bmm", {{"N", "2", "3"}, {"N", "3", "4"}}));
  EXPECT_FALSE(row_wise("torch.mv", {{"3", "N"}, {"N"}}));
  EXPECT_TRUE(row_wise("torch.nn.functional.linear", {{"N", "3"}, {"4", "3"}, {"4"}}));
  EXPECT_FALSE(row_wise("torch.nn.functional.linear", {{"N", "3"}, {"N", "3"}}));
}

TEST(TorchTarget, BagsOfRows) {
  const auto said = [](const std::string& kwargs, const std::vector<std::vector<std::string>>& shapes) {
    Call call("{target: torch.nn.EmbeddingBag, args: [3, 2], kwargs: {" + kwargs + "}}");
    for (const auto& shape : shapes) call.port("", shape);
    return call.resolve().good ? "" : message_of(call);
  };
  const std::string before = "layer 'a': target 'torch.nn.EmbeddingBag' ";
  EXPECT_EQ(said("padding_idx: 4", {{"5", "2"}}), before + "has 3 rows; there is no row 4 for padding");
  EXPECT_EQ(said("padding_idx: -4", {{"5", "2"}}), before + "has 3 rows; there is no row -4 for padding");
  EXPECT_EQ(said("padding_idx: -3", {{"5", "2"}}), "");
  EXPECT_EQ(said("", {{"5"}, {"2"}}), "");
  EXPECT_EQ(said("", {{"5"}}),
            before + "takes a row of indices for each bag, or 'offsets', not a tensor of shape (5,)");
  EXPECT_EQ(said("include_last_offset: true", {{"5", "2"}}),
            before + "takes include_last_offset: true with 'offsets' only");
  EXPECT_EQ(said("", {{"5"}, {"2", "3"}}),
            before + "takes one row of numbers as 'offsets', not a tensor of shape (2, 3)");
  EXPECT_EQ(said("", {{"5", "2"}, {"2"}}),
            before + "takes one row of indices with 'offsets', not a tensor of shape (5, 2)");
}

/// Nothing that a file says may break the program.
TEST(TorchTarget, ImpossibleSizes) {
  EXPECT_NE(message_of(Call("{target: torch.nn.Linear, args: [-3, 2]}").port("", {"N", "M"})).find("needs in_features"),
            std::string::npos);
  EXPECT_NE(message_of(Call("{target: torch.nn.Bilinear, args: [0, 3, 3]}").port("", {"N", "M"}).port("", {"N", "M"}))
                .find("needs in1_features of 1 or more"),
            std::string::npos);
  EXPECT_NE(
      message_of(Call("{target: torch.nn.Embedding, args: [-1, 3]}").port("", {"N"})).find("needs num_embeddings"),
      std::string::npos);
  EXPECT_NE(
      message_of(Call("{target: torch.nn.Linear, args: [2000000000, 2000000000]}").port("", {})).find("cannot have"),
      std::string::npos);
  EXPECT_NE(message_of(Call("{target: torch.nn.Conv1d, args: [1, 1, 3, 0]}").port("", {"B", "1", "9"})).find("stride"),
            std::string::npos);
  EXPECT_NE(message_of(Call("{target: torch.nn.MaxPool1d, args: [2, 0]}").port("", {"B", "1", "9"})).find("stride"),
            std::string::npos);
  EXPECT_NE(
      message_of(Call("{target: torch.nn.LSTM, args: [1, 1, 2000000000]}").port("", {"2", "1", "1"})).find("layers"),
      std::string::npos);
}

TEST(TorchTarget, NumbersForTensorsAndScalars) {
  EXPECT_TRUE(Call("{target: torch.matmul, args: [2, 3]}").resolve().good);
  EXPECT_NE(message_of(Call("{target: torch.nn.GLU}").port("", {})).find("halves no number"), std::string::npos);
  EXPECT_TRUE(
      Call("{target: torch.nn.Flatten}").port("", {"2", "4611686018427387904", "4611686018427387904"}).resolve().good);
}

TEST(TorchTarget, OperatorsOfAnyNamespace) {
  EXPECT_EQ(expression_of(Call("{target: 'aten::relu'}").port("", {"N"})), "torch.relu($0)");
  EXPECT_EQ(expression_of(Call("{target: 'aten::linalg_det'}").port("", {"3", "3"})), "torch.linalg.det($0)");
  Call other = Call("{target: 'mine::op', args: [2]}").port("", {"N"}).resolve();
  EXPECT_TRUE(other.good);
  EXPECT_EQ(other.resolved.expression, "torch.ops.mine.op(2, $0)");
  EXPECT_EQ(other.resolved.result, CallResult::unknown);
  EXPECT_NE(message_of(Call("{target: '::op'}").port("", {"N"})).find("is no operator"), std::string::npos);
  EXPECT_NE(message_of(Call("{target: 'mine::op'}").port("x); print(1", {"N"})).find("cannot have an argument called"),
            std::string::npos);
  EXPECT_NE(message_of(Call("{target: 'a::b(c'}").port("", {"N"})).find("is no operator"), std::string::npos);
}

/// What torch.ops has under another name or with other arguments.
TEST(TorchTarget, OperatorsOfTorch) {
  for (const char* name : {"silu", "elu", "mish", "leaky_relu", "hardtanh", "relu6", "log_sigmoid", "hardswish"}) {
    const Call call = Call(std::string("{target: 'aten::") + name + "'}").port("self", {"N", "8"}).resolve();
    EXPECT_TRUE(call.good) << call.message();
    EXPECT_TRUE(call.resolved.row_wise) << name;
  }
  EXPECT_EQ(expression_of(Call("{target: 'aten::leaky_relu', kwargs: {negative_slope: 0.5}}").port("", {"N"})),
            "torch.nn.functional.leaky_relu($0, 0.5)");
  EXPECT_EQ(hint_of(Call("{target: 'aten::mse_loss'}").port("", {"N"}).port("", {"N"})),
            "use 'torch.nn.functional.mse_loss'");
  EXPECT_NE(message_of(Call("{target: 'aten::save'}").port("", {"N"})).find("no consent changes that"),
            std::string::npos);
}

TEST(TorchTarget, BoundArgumentsBeforeThePortsAreAdvised) {
  const std::string advice = "bound 'args' come before the ports: give 'shape' by name, in kwargs";
  EXPECT_NE(hint_of(Call("{target: torch.reshape, args: [[-1, 4]]}").port("", {"N", "8"})).find(advice),
            std::string::npos);
  EXPECT_NE(hint_of(Call("{target: torch.transpose, args: [0, 1]}").port("", {"N", "8"})).find("give 'dim0', 'dim1'"),
            std::string::npos);
  EXPECT_EQ(hint_of(Call("{target: torch.reshape}").port("", {"N"}).port("", {"N"})).find("bound"), std::string::npos);
}

TEST(TorchTarget, DollarsOfMessages) {
  const std::string message = message_of(Call("{target: torch.softmax, kwargs: {dim: '${a}'}}").port("", {"N"}));
  EXPECT_NE(message.find("not '${a}'"), std::string::npos) << message;
}

TEST(TorchTarget, WhatOnlyPythonMakes) {
  Call call = Call("{target: torch.nn.Transformer, args: [8, 2]}").port("", {"N", "8"}).resolve();
  EXPECT_EQ(call.message(), "layer 'a': target 'torch.nn.Transformer' is not known without Python");
  EXPECT_NE(call.hint().find("--allow python:torch.nn"), std::string::npos);
  EXPECT_NE(message_of(Call("{target: torch.nn.TransformerEncoder}").port("", {"N"})).find("cannot be a layer"),
            std::string::npos);
}

TEST(TorchTarget, AttentionWithWeightsBelowTheModule) {
  Call call =
      Call("{target: torch.nn.MultiheadAttention, args: [8, 2], kwargs: {add_zero_attn: true, batch_first: true}}")
          .port("", {"B", "N", "8"})
          .port("", {"B", "5", "8"})
          .port("", {"B", "5", "8"})
          .resolve();
  ASSERT_TRUE(call.good) << call.message();
  ASSERT_EQ(call.resolved.parameters.size(), 4u);
  EXPECT_EQ(call.resolved.parameters[0].name, "out_proj.weight");
  EXPECT_NE(call.resolved.expression.find("$out_proj_weight, $out_proj_bias, None, None, None, None, 2, True, True"),
            std::string::npos)
      << call.resolved.expression;
  EXPECT_EQ(to_string(call.resolved.shapes[0]), "(B, N, 8)");
  EXPECT_EQ(to_string(call.resolved.shapes[1]), "(B, N, 6)");
  EXPECT_FALSE(call.resolved.row_wise);
  EXPECT_FALSE(call.resolved.random);
}

TEST(TorchTarget, ADropoutInsideDraws) {
  Call call =
      Call("{target: torch.nn.GRU, args: [8, 2, 2], kwargs: {dropout: 0.5}}").port("", {"7", "5", "8"}).resolve();
  EXPECT_TRUE(call.good && call.resolved.random) << call.message();
  call = Call("{target: torch.nn.GRU, args: [8, 2, 2]}").port("", {"7", "5", "8"}).resolve();
  EXPECT_TRUE(call.good && !call.resolved.random) << call.message();
}

TEST(TorchTarget, AttentionTakesFittingSizesAndMasks) {
  const auto message = [](const std::string& args, const std::vector<std::string>& mask) {
    Call call = Call("{target: torch.nn.MultiheadAttention, args: " + args + "}");
    for (int k = 0; k < 3; ++k) call.port("", {"5", "3", "8"});
    return message_of(call.port("attn_mask", mask));
  };
  const std::string target = "layer 'a': target 'torch.nn.MultiheadAttention' ";
  EXPECT_EQ(message("[8, 2]", {"4", "5"}),
            target + "takes a tensor of shape (5, 5) or (6, 5, 5) as 'attn_mask', not (4, 5)");
  EXPECT_EQ(message("[4, 2]", {"5", "5"}), target + "takes 4 columns in 'query', not 8");
  EXPECT_EQ(message("[8, 3]", {"5", "5"}), target + "needs embed_dim to be a multiple of num_heads, not 8 and 3");
  EXPECT_EQ(message("[8, 2, 1.5]", {"5", "5"}), target + "needs dropout from 0 to 1, not 1.5");
}

TEST(TorchTarget, ListOfTargetsIsSorted) {
  const std::vector<TargetEntry> entries = known_targets();
  EXPECT_GT(entries.size(), 800u);
  EXPECT_TRUE(std::is_sorted(entries.begin(), entries.end(),
                             [](const TargetEntry& a, const TargetEntry& b) { return a.name < b.name; }));
}

}  // namespace
}  // namespace kiln
