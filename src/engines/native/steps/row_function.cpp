#include <algorithm>

#include "engines/native/native_engine.h"
#include "engines/native/steps/steps.h"

namespace kiln::native {
namespace {

/// Calls visit(place in a padded row, place in mul_ir) for every number of a row.
template <class Visit>
void for_each_number(const FieldLayout& layout, const Visit& visit) {
  int k = 0;
  for (const FieldLayout::Block& block : layout.blocks)
    for (int copy = 0; copy < block.mul; ++copy)
      for (int m = 0; m < block.n_components; ++m) visit(block.offset + m * block.stride + copy, k++);
}

/// A function of rows that a plugin brings. It sees float64 in mul_ir, whatever the engine keeps.
template <class T>
struct RowFunctionStep : Step<T> {
  std::vector<int> inputs;
  int output = -1;
  std::vector<std::vector<double>> weights;
  std::vector<int> widths;  ///< of the inputs, without padding
  int out_width = 0;
  RowFunction function;

  /// The numbers of one row, of the values and, going back, of the adjoints.
  struct Rows {
    std::vector<std::vector<double>> x, x_bar;
    std::vector<double> y;
    RowArguments arguments;
    std::vector<Span<double>> spans_bar;
  };

  /// Made once per chunk.
  Rows make_rows() const {
    Rows rows;
    for (const int width : widths) {
      rows.x.emplace_back(width);
      rows.x_bar.emplace_back(width);
    }
    rows.y.resize(out_width);
    for (const auto& row : rows.x) rows.arguments.inputs.emplace_back(row);
    for (auto& row : rows.x_bar) rows.spans_bar.emplace_back(row);
    for (const auto& weight : weights) rows.arguments.weights.emplace_back(weight);
    return rows;
  }

  static void read(const FieldLayout& layout, const T* values, int row, std::vector<double>& numbers) {
    const T* from = values + static_cast<std::size_t>(row) * layout.row_size;
    for_each_number(layout, [&](int padded, int k) { numbers[k] = static_cast<double>(from[padded]); });
  }

  void read_inputs(const Run<T>& run, const Chunk& chunk, int row, Rows& rows) const {
    for (std::size_t i = 0; i < inputs.size(); ++i)
      read(run.layouts[inputs[i]], run.values(inputs[i], chunk), row, rows.x[i]);
  }

  void forward(Run<T>& run, const Chunk& chunk) const override {
    Rows rows = make_rows();
    const FieldLayout& layout = run.layouts[output];
    T* y = run.values(output, chunk);
    std::fill_n(y, static_cast<std::size_t>(chunk.n_rows) * layout.row_size, T(0));  // padding is zero
    for (int r = 0; r < chunk.n_rows; ++r) {
      read_inputs(run, chunk, r, rows);
      function.forward(rows.arguments, rows.y);
      T* to = y + static_cast<std::size_t>(r) * layout.row_size;
      for_each_number(layout, [&](int padded, int k) { to[padded] = static_cast<T>(rows.y[k]); });
    }
  }

  void reverse(Run<T>& run, const Chunk& chunk) const override {
    Rows rows = make_rows();
    for (int r = 0; r < chunk.n_rows; ++r) {
      read_inputs(run, chunk, r, rows);
      read(run.layouts[output], run.adjoint(output, chunk), r, rows.y);
      for (auto& row : rows.x_bar) std::fill(row.begin(), row.end(), 0.0);
      function.reverse(rows.arguments, rows.y, rows.spans_bar);
      for (std::size_t i = 0; i < inputs.size(); ++i) add_adjoint(run, chunk, inputs[i], r, rows.x_bar[i]);
    }
  }

  static void add_adjoint(const Run<T>& run, const Chunk& chunk, int field, int row, const std::vector<double>& x_bar) {
    T* adjoint = run.adjoint(field, chunk);
    if (!adjoint) return;
    const FieldLayout& layout = run.layouts[field];
    T* to = adjoint + static_cast<std::size_t>(row) * layout.row_size;
    for_each_number(layout, [&](int padded, int k) { to[padded] += static_cast<T>(x_bar[k]); });
  }
};

std::size_t size_of(const LoweredGraph& graph, const std::string& weight) {
  std::size_t size = 1;
  for (const ParameterSpec& parameter : graph.parameters)
    if (parameter.name == weight)
      for (const std::int64_t n : parameter.shape) size *= static_cast<std::size_t>(n);
  return size;
}

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_row_function_step(const Preparation<T>& preparation, int operation) {
  const LoweredGraph& graph = preparation.graph;
  const Operation& op = graph.operations[operation];
  auto step = std::make_unique<RowFunctionStep<T>>();
  step->function = std::get<RowFunction>(op.op);
  if (const std::string reason = why_not_native(graph, op, step->function); !reason.empty()) refuse(op, reason);
  for (const int input : op.inputs) step->widths.push_back(graph.fields[input].irreps.dim());
  step->inputs = op.inputs;
  step->output = op.output;
  step->out_width = graph.fields[op.output].irreps.dim();
  for (const auto& [name, full_name] : step->function.weights)
    step->weights.push_back(weight_of(preparation.weights, full_name, size_of(graph, full_name)));
  return step;
}

template std::unique_ptr<Step<double>> make_row_function_step(const Preparation<double>&, int);
template std::unique_ptr<Step<float>> make_row_function_step(const Preparation<float>&, int);

}  // namespace kiln::native

namespace kiln {

std::string why_not_native(const LoweredGraph& graph, const Operation& operation, const RowFunction& function) {
  if (!function.forward || !function.reverse) return "its plugin gives it no native body";
  if (graph.fields[operation.output].level != Level::atom) return "it is no function of atoms";
  for (const int input : operation.inputs) {
    const FieldType& type = graph.fields[input];
    if (type.level != Level::atom || type.dtype != DType::real) return "it reads what is no real field of atoms";
  }
  return "";
}

}  // namespace kiln
