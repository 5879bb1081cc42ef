#include "engines/torch/row_function_check.h"

#include <algorithm>

#include "base/numbers.h"
#include "base/rng.h"
#include "engines/torch/torch_failure.h"
#include "engines/torch/torch_text.h"
#include "graph/checked_graph.h"

namespace kiln {

namespace {

constexpr std::int64_t kRows = 3;

/// Of a field with kRows rows; a size that nobody knows is as good as any.
std::vector<std::int64_t> sizes_of(const FieldType& type) {
  std::vector<std::int64_t> sizes;
  for (const Size& size : shape_of(type).sizes) sizes.push_back(size.known() ? size.n : kRows);
  return sizes;
}

/// As a tensor without edges or atoms around it.
FieldType free_type(const FieldType& type) {
  FieldType free;
  free.level = Level::free;
  free.dtype = type.dtype;
  for (const std::int64_t n : sizes_of(type)) free.shape.sizes.push_back(fixed_size(n));
  free.shape.known = true;
  return free;
}

std::string input_name(std::size_t k) { return "x" + std::to_string(k); }

/// The one operation, from model inputs to the model output.
LoweredGraph graph_of(const LoweredGraph& whole, const Operation& operation) {
  LoweredGraph graph;
  Operation alone = operation;
  for (std::size_t k = 0; k < operation.inputs.size(); ++k) {
    alone.inputs[k] = static_cast<int>(k);
    graph.fields.push_back(free_type(whole.fields[operation.inputs[k]]));
    graph.inputs.push_back({static_cast<int>(k), Meaning::plain, input_name(k)});
    graph.model_inputs.push_back(input_name(k));
    graph.model_input_meanings.push_back(Meaning::plain);
  }
  alone.output = static_cast<int>(graph.fields.size());
  graph.fields.push_back(free_type(whole.fields[operation.output]));
  graph.operations.push_back(alone);
  graph.outputs.push_back({"y", alone.output, Meaning::plain});
  for (const auto& [name, full_name] : std::get<RowFunction>(operation.op).weights)
    for (const ParameterSpec& parameter : whole.parameters)
      if (parameter.name == full_name) graph.parameters.push_back(parameter);
  return graph;
}

std::vector<NamedArray> inputs_of(const LoweredGraph& graph) {
  std::vector<NamedArray> arrays;
  for (std::size_t k = 0; k < graph.model_inputs.size(); ++k) {
    const FieldType& type = graph.fields[k];
    NamedArray array{input_name(k), sizes_of(type), {}, {}, TensorDType::f64};
    const auto n = static_cast<std::size_t>(product(array.shape));
    if (type.dtype == DType::real) {
      Rng rng(k, "row-function");
      for (std::size_t i = 0; i < n; ++i) array.reals.push_back(rng.uniform());
    } else {
      array.integers.assign(n, 0);
      array.dtype = TensorDType::i64;
    }
    arrays.push_back(std::move(array));
  }
  return arrays;
}

/// Do the sizes that are known agree?
bool fits(const std::vector<std::int64_t>& sizes, const FieldType& type) {
  const Shape shape = shape_of(type);
  if (!shape.known) return true;
  const std::vector<std::int64_t> wanted = sizes_of(type);
  bool good = sizes.size() == wanted.size();
  for (std::size_t k = 0; good && k < sizes.size(); ++k)
    good = sizes[k] == wanted[k] || (type.level == Level::free && !shape.sizes[k].known());
  return good;
}

/// What is wrong with the function that is alone in the graph; "" if nothing is.
/// @param type  of its result, as it was inferred
std::string fault_of(const LoweredGraph& graph, const FieldType& type, TorchLibrary& torch) {
  try {
    const NamedArray y =
        torch.run(make_torch_program(graph, init_weights(graph, 0), Precision::f64), inputs_of(graph)).at(0);
    if (!is_real(y.dtype)) return "gives integers, not reals";
    if (fits(y.shape, type)) return "";
    return "gives a tensor of shape " + list_text(y.shape) + ", not " + list_text(sizes_of(type)) + ", for " +
           std::to_string(kRows) + " rows";
  } catch (const TorchFailure& failure) {
    return "cannot be compiled or run: " + failure.first_line();
  }
}

/// A tensor of unknown rank cannot be made up.
bool can_be_tried(const LoweredGraph& graph, const Operation& operation) {
  return std::all_of(operation.inputs.begin(), operation.inputs.end(),
                     [&](int field) { return shape_of(graph.fields[field]).known; });
}

}  // namespace

bool has_row_functions(const LoweredGraph& graph) {
  return std::any_of(graph.operations.begin(), graph.operations.end(),
                     [](const Operation& op) { return std::holds_alternative<RowFunction>(op.op); });
}

void check_row_functions(const LoweredGraph& graph, TorchLibrary& torch, Diagnostics& faults) {
  for (const Operation& operation : graph.operations) {
    const auto* function = std::get_if<RowFunction>(&operation.op);
    if (function == nullptr || !can_be_tried(graph, operation)) continue;
    const std::string fault = fault_of(graph_of(graph, operation), graph.fields[operation.output], torch);
    if (!fault.empty())
      faults.error("bad-function", {},
                   "layer '" + operation.layer + "' (function '" + function->name + "' of the plugin '" +
                       function->plugin + "'): the expression '" + function->expression + "' " + fault,
                   "this is a fault of the plugin");
  }
}

void require_row_functions(const LoweredGraph& graph, TorchLibrary& torch) {
  Diagnostics faults;
  check_row_functions(graph, torch, faults);
  throw_if_errors(faults, ErrorKind::configuration);
}

}  // namespace kiln
