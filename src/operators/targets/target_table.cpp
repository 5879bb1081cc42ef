#include "operators/targets/target_table.h"

#include <cmath>

namespace kiln {

namespace {

/// Replaces every `what` in the text.
std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

constexpr const char* kTensorArguments[] = {"weight", "pos_weight"};
constexpr const char* kTensorInFunction = "Optional[Tensor] ";
constexpr const char* kTensorInModule = "Optional[List[float]] ";

/// Numbers that a constructor is given for a tensor.
std::vector<CallParameter> given_tensors(const FittedCall& call) {
  std::vector<CallParameter> parameters;
  for (const char* name : kTensorArguments) {
    if (find_argument(call, name).part == nullptr || !call.given(name)) continue;
    CallParameter parameter = buffer(constant_parameter(name, {}, 0.0));
    parameter.init = CallParameter::Init::given;
    parameter.initial = call.reals(name);
    parameter.shape = {static_cast<std::int64_t>(parameter.initial.size())};
    parameters.push_back(parameter);
  }
  return parameters;
}

}  // namespace

void add_rows(const Twin& twin, std::vector<TargetRow>& rows) {
  const std::string tensors = twin.tensors, arguments = twin.arguments, results = twin.results;
  const std::string both = tensors + (arguments.empty() ? "" : ", ") + arguments;
  TargetRow function;
  function.signature = std::string("torch.nn.functional.") + twin.function + "(" + both + ") -> " + results;
  function.expression = twin.expression;
  function.shape = twin.shape;
  if (*twin.function != '\0') rows.push_back(function);
  if (*twin.module == '\0') return;
  TargetRow module = function;
  module.signature =
      std::string("torch.nn.") + twin.module + "(" + replaced(arguments, kTensorInFunction, kTensorInModule) + ")";
  module.forward = "forward(" + tensors + ") -> " + results;
  for (const char* name : kTensorArguments) {
    const std::string slot = "{" + std::string(name) + "}";
    if (arguments.find(std::string(kTensorInFunction) + name) == std::string::npos) continue;
    module.expression = replaced(module.expression, slot, "$" + std::string(name));
    module.parameters = given_tensors;
  }
  rows.push_back(module);
}

const std::vector<TargetRow>& target_rows() {
  static const std::vector<TargetRow> rows = [] {
    std::vector<TargetRow> all;
    for (const auto add : {add_activations, add_attention, add_convolutions, add_distances, add_dropouts,
                           add_embeddings, add_grids, add_linear, add_losses, add_normalizations, add_paddings,
                           add_poolings, add_python_functions, add_rearrangements, add_recurrent, add_transformers})
      add(all);
    return all;
  }();
  return rows;
}

std::string single_or_batch(const FittedCall& call, int rank, const std::string& single, const std::string& batch) {
  const Shape shape = first_input(call);
  if (shape.known) return shape.rank() == rank ? single : batch;
  return "(" + single + " if " + call.written("input") + ".dim() == " + std::to_string(rank) + " else " + batch + ")";
}

CallParameter uniform_parameter(std::string name, std::vector<std::int64_t> shape, double bound) {
  CallParameter parameter;
  parameter.name = std::move(name);
  parameter.shape = std::move(shape);
  parameter.init = CallParameter::Init::uniform;
  parameter.scale = bound;
  return parameter;
}

CallParameter xavier_parameter(std::string name, std::int64_t out, std::int64_t in) {
  return uniform_parameter(std::move(name), {out, in}, std::sqrt(3.0) * xavier_deviation(out, in));
}

CallParameter normal_parameter(std::string name, std::vector<std::int64_t> shape, double deviation) {
  CallParameter parameter = uniform_parameter(std::move(name), std::move(shape), deviation);
  parameter.init = CallParameter::Init::normal;
  return parameter;
}

CallParameter constant_parameter(std::string name, std::vector<std::int64_t> shape, double value) {
  CallParameter parameter = uniform_parameter(std::move(name), std::move(shape), 1.0);
  parameter.init = value == 0.0   ? CallParameter::Init::zeros
                   : value == 1.0 ? CallParameter::Init::ones
                                  : CallParameter::Init::given;
  const std::int64_t n = product(parameter.shape);
  constexpr std::int64_t kMost = std::int64_t{1} << 24;  // more is refused
  if (parameter.init == CallParameter::Init::given && n >= 0 && n <= kMost) parameter.initial.assign(n, value);
  return parameter;
}

CallParameter buffer(CallParameter parameter) {
  parameter.trainable = false;
  return parameter;
}

CallParameter running(CallParameter parameter) {
  parameter.running = true;
  return buffer(std::move(parameter));
}

double inverse_root(std::int64_t n) { return n > 0 ? 1.0 / std::sqrt(static_cast<double>(n)) : 0.0; }

double xavier_deviation(std::int64_t out, std::int64_t in) { return std::sqrt(2.0 / static_cast<double>(in + out)); }

double kaiming_bound(std::int64_t fan_in) {
  const double slope = std::sqrt(5.0), gain = std::sqrt(2.0 / (1.0 + slope * slope));
  return fan_in > 0 ? std::sqrt(3.0) * (gain / std::sqrt(static_cast<double>(fan_in))) : 0.0;
}

}  // namespace kiln
