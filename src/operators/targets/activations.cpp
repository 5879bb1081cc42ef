#include "operators/targets/target_table.h"

namespace kiln {

namespace {

constexpr Twin kActivations[] = {
    {"celu", "CELU", "Tensor input", "float alpha=1.0, bool inplace=False", "torch.celu({input}, {alpha})",
     same_as_first},
    {"elu", "ELU", "Tensor input", "float alpha=1.0, bool inplace=False", "torch.nn.functional.elu({input}, {alpha})",
     same_as_first},
    {"", "GELU", "Tensor input", "Literal['none','tanh'] approximate='none'",
     "torch.nn.functional.gelu({input}, approximate={approximate})", same_as_first},
    {"", "Hardshrink", "Tensor input", "float lambd=0.5", "torch.hardshrink({input}, {lambd})", same_as_first},
    {"hardsigmoid", "Hardsigmoid", "Tensor input", "bool inplace=False", "torch.nn.functional.hardsigmoid({input})",
     same_as_first},
    {"hardswish", "Hardswish", "Tensor input", "bool inplace=False", "torch.nn.functional.hardswish({input})",
     same_as_first},
    {"hardtanh", "Hardtanh", "Tensor input", "float min_val=-1.0, float max_val=1.0, bool inplace=False",
     "torch.nn.functional.hardtanh({input}, {min_val}, {max_val})", same_as_first},
    {"leaky_relu", "LeakyReLU", "Tensor input", "float negative_slope=0.01, bool inplace=False",
     "torch.nn.functional.leaky_relu({input}, {negative_slope})", same_as_first},
    {"", "LogSigmoid", "Tensor input", "", "torch.nn.functional.logsigmoid({input})", same_as_first},
    {"mish", "Mish", "Tensor input", "bool inplace=False", "torch.nn.functional.mish({input})", same_as_first},
    {"relu", "ReLU", "Tensor input", "bool inplace=False", "torch.relu({input})", same_as_first},
    {"relu6", "ReLU6", "Tensor input", "bool inplace=False", "torch.nn.functional.relu6({input})", same_as_first},
    {"selu", "SELU", "Tensor input", "bool inplace=False", "torch.selu({input})", same_as_first},
    {"sigmoid", "Sigmoid", "Tensor input", "", "torch.sigmoid({input})", same_as_first},
    {"silu", "SiLU", "Tensor input", "bool inplace=False", "torch.nn.functional.silu({input})", same_as_first},
    {"", "Softplus", "Tensor input", "number beta=1, number threshold=20",
     "torch.nn.functional.softplus({input}, {beta}, {threshold})", same_as_first},
    {"", "Softshrink", "Tensor input", "float lambd=0.5", "torch.nn.functional.softshrink({input}, {lambd})",
     same_as_first},
    {"softsign", "Softsign", "Tensor input", "", "torch.div({input}, torch.add(torch.abs({input}), 1))", same_as_first},
    {"tanh", "Tanh", "Tensor input", "", "torch.tanh({input})", same_as_first},
    {"tanhshrink", "Tanhshrink", "Tensor input", "", "torch.sub({input}, torch.tanh({input}))", same_as_first},
    {"threshold", "Threshold", "Tensor input", "float threshold, float value, bool inplace=False",
     "torch.threshold({input}, {threshold}, {value})", same_as_first},
};

/// `dim` left out is torch's old guess: the first of one or three dimensions, else the second.
std::string guessed_dimension(const FittedCall& call) {
  if (call.given("dim")) return call.written("dim");
  const std::string input = call.written("input");
  const Shape shape = call.input("input");
  if (shape.known) return shape.rank() == 2 || shape.rank() > 3 ? "1" : "0";
  return "0 if " + input + ".dim() == 0 or " + input + ".dim() == 1 or " + input + ".dim() == 3 else 1";
}

std::string precision(const FittedCall& call) {
  const bool has = find_argument(call, "dtype").part != nullptr && call.given("dtype");
  return has ? ", dtype=" + call.written("dtype") : "";
}

std::string softmax_text(const FittedCall& call) {
  return "torch.softmax(" + call.written("input") + ", " + guessed_dimension(call) + precision(call) + ")";
}
std::string softmin_text(const FittedCall& call) {
  return "torch.softmax(torch.neg(" + call.written("input") + "), " + guessed_dimension(call) + precision(call) + ")";
}
std::string log_softmax_text(const FittedCall& call) {
  return "torch.log_softmax(" + call.written("input") + ", " + guessed_dimension(call) + precision(call) + ")";
}

ShapeResult softmax_shape(const FittedCall& call) {
  return call.given("dim") ? along_dimension(call) : same_size(call);
}

void add_softmax(const std::string& function, const std::string& module, std::string (*write)(const FittedCall&),
                 std::vector<TargetRow>& rows) {
  TargetRow row;
  row.write = write;
  row.shape = softmax_shape;
  row.signature = "torch.nn.functional." + function +
                  "(Tensor input, Optional[int] dim=None, int _stacklevel=3, Optional[dtype] dtype=None) -> Tensor";
  rows.push_back(row);
  row.signature = "torch.nn." + module + "(Optional[int] dim=None)";
  row.forward = "forward(Tensor input) -> Tensor";
  rows.push_back(row);
}

/// Halves `dim`.
ShapeResult glu_shape(const FittedCall& call) {
  ShapeResult result = along_dimension(call);
  const int at = dimension(first_input(call), call.integer("dim"));
  if (result.fault.empty() && first_input(call).known && at < 0) result.fault = "halves no number";
  if (at < 0) return result;
  Size& size = result.shapes[0].sizes[at];
  if (size.known() && size.n % 2 != 0)
    result.fault = "halves dimension " + call.written("dim") + ", which has " + std::to_string(size.n);
  size = size.known() ? fixed_size(size.n / 2) : Size{};
  return result;
}

ShapeResult channels_softmax(const FittedCall& call) {
  const Shape shape = first_input(call);
  ShapeResult result{{shape}, shape.known && shape.rank() == 4, ""};
  if (shape.known && shape.rank() != 3 && shape.rank() != 4)
    result.fault = "takes tensors of three or four dimensions, not " + to_string(shape);
  return result;
}

ShapeResult prelu_module_shape(const FittedCall& call) {
  return prelu_shape(first_input(call), fixed_size(call.integer("num_parameters")));
}

std::vector<CallParameter> prelu_parameters(const FittedCall& call) {
  return {constant_parameter("weight", {call.integer("num_parameters")}, call.real("init"))};
}

void add_random(std::vector<TargetRow>& rows) {
  TargetRow row;
  row.shape = same_as_first;
  row.random = true;
  row.signature =
      "torch.nn.functional.rrelu(Tensor input, float lower=0.125, float upper=0.3333333333333333, bool training=False, "
      "bool inplace=False) -> Tensor";
  row.expression = "torch.rrelu({input}, {lower}, {upper}, {training})";
  rows.push_back(row);
  row.signature = "torch.nn.RReLU(float lower=0.125, float upper=0.3333333333333333, bool inplace=False)";
  row.forward = "forward(Tensor input) -> Tensor";
  row.expression = "torch.rrelu({input}, {lower}, {upper}, $training)";
  rows.push_back(row);
}

}  // namespace

ShapeResult prelu_shape(const Shape& shape, const Size& n_weights) {
  ShapeResult result{{shape}, shape.known && shape.rank() > 0, ""};
  if (!shape.known || !n_weights.known() || n_weights.n == 1) return result;
  const Size channels = shape.rank() > 1 ? shape.sizes[1] : fixed_size(1);
  if (!may_equal(channels, n_weights))
    result.fault = "has " + std::to_string(n_weights.n) + " weights, one per channel, but a tensor of shape " +
                   to_string(shape) + " has " + std::to_string(channels.n);
  return result;
}

void add_activations(std::vector<TargetRow>& rows) {
  for (const Twin& twin : kActivations) add_rows(twin, rows);
  add_rows({"glu", "GLU", "Tensor input", "int dim=-1", "torch.nn.functional.glu({input}, {dim})", glu_shape}, rows);
  add_softmax("softmax", "Softmax", softmax_text, rows);
  add_softmax("softmin", "Softmin", softmin_text, rows);
  add_softmax("log_softmax", "LogSoftmax", log_softmax_text, rows);
  add_rows({"", "Softmax2d", "Tensor input", "", "torch.softmax({input}, -3)", channels_softmax}, rows);
  add_random(rows);
  TargetRow prelu;
  prelu.signature = "torch.nn.PReLU(int num_parameters=1, float init=0.25)";
  prelu.forward = "forward(Tensor input) -> Tensor";
  prelu.expression = "torch.prelu({input}, $weight)";
  prelu.shape = prelu_module_shape;
  prelu.parameters = prelu_parameters;
  rows.push_back(prelu);
}

}  // namespace kiln
