#include <gtest/gtest.h>

#include <cmath>

#include "engines/torch/library/test_engines.h"

namespace kiln {
namespace {

const std::vector<double> kNumbers = {0.5, -1.25, 2.0, 3.75};

/// The value of an expression in x.
NamedArray value_of(const std::string& expression) {
  TorchProgram program;
  program.source = "def named(self, x):\n    return {'y': " + expression + "}\n";
  program.layer_of_line = {"", "names"};
  return test::torch_library().run(program, {{"x", {4}, kNumbers, {}}}).at(0);
}

void expect_each(const std::string& expression, double (*formula)(double)) {
  const NamedArray got = value_of(expression);
  ASSERT_EQ(got.reals.size(), kNumbers.size()) << expression;
  for (std::size_t k = 0; k < kNumbers.size(); ++k)
    EXPECT_TRUE(std::abs(got.reals[k] - formula(kNumbers[k])) <= 1e-14) << expression << " at " << kNumbers[k];
}

std::string message_of(const std::string& expression) {
  try {
    value_of(expression);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no fault";
}

TEST(TorchNames, FunctionsUnderPythonsNames) {
  expect_each("torch.exp(x)", [](double x) { return std::exp(x); });
  expect_each("torch.nn.functional.silu(x)", [](double x) { return x / (1.0 + std::exp(-x)); });
  expect_each("torch.nn.functional.logsigmoid(x)", [](double x) { return -std::log1p(std::exp(-x)); });
  expect_each("torch.special.expm1(x)", [](double x) { return std::expm1(x); });
  expect_each("torch.linalg.vector_norm(x.unsqueeze(1), 2, [1])", [](double x) { return std::abs(x); });
  expect_each("torch.fft.ifft(torch.fft.fft(x)).real", [](double x) { return x; });
}

TEST(TorchNames, OperatorsByNamespace) {
  expect_each("torch.ops.aten.mul(x, x)", [](double x) { return x * x; });
  expect_each("torch.ops.aten.add(x, x, alpha=2)", [](double x) { return 3.0 * x; });
}

TEST(TorchNames, Constants) {
  expect_each("x * torch.pi", [](double x) { return x * 3.141592653589793; });
  expect_each("x * math.pi + math.sqrt(4.0)", [](double x) { return x * 3.141592653589793 + 2.0; });
  expect_each("x.clamp(max=torch.inf)", [](double x) { return x; });
  EXPECT_EQ(value_of("x.to(torch.float32)").dtype, TensorDType::f32);
  EXPECT_EQ(value_of("x.to(dtype=torch.int64)").integers, (std::vector<std::int64_t>{0, -1, 2, 3}));
}

TEST(TorchNames, ComplexOutputsAreRefused) {
  EXPECT_NE(message_of("torch.fft.fft(x)").find("output 'y' holds complex numbers"), std::string::npos);
  expect_each("torch.view_as_real(torch.complex(x, x)).select(1, 1)", [](double x) { return x; });
}

/// The derivative inside the text is under torch.autograd.
TEST(TorchNames, Gradients) {
  expect_each("torch.autograd.grad([(x.requires_grad_(True) ** 3).sum()], [x])[0]",
              [](double x) { return 3.0 * x * x; });
}

TEST(TorchNames, FunctionsThatPythonOrdersOtherwiseAreRefused) {
  const std::string message = message_of("torch.nn.functional.batch_norm(x, x, x)");
  EXPECT_NE(message.find("in layer 'names'"), std::string::npos) << message;
  EXPECT_NE(message.find("write torch.ops.aten.batch_norm"), std::string::npos) << message;
}

TEST(TorchNames, UnknownNames) {
  EXPECT_NE(message_of("torch.nn.Linear(2, 3)").find("torch.nn.Linear is no function"), std::string::npos);
  EXPECT_NE(message_of("torch.nope(x)").find("aten::nope"), std::string::npos);
  EXPECT_NE(message_of("torch.ops.mine.op(x)").find("mine::op"), std::string::npos);
  EXPECT_NE(message_of("cmath.sqrt(2)").find("cmath"), std::string::npos);
}

}  // namespace
}  // namespace kiln
