#include <algorithm>

#include "base/numbers.h"
#include "base/plugin_code.h"
#include "engines/native/native_engine.h"
#include "engines/native/steps/steps.h"

namespace kiln::native {
namespace {

/// A function of rows that a plugin brings. It sees float64 in mul_ir, whatever the engine keeps.
template <class T>
struct RowFunctionStep : Step<T> {
  std::vector<int> inputs;
  int output = -1;
  std::vector<std::vector<double>> weights;
  std::vector<Span<const double>> weight_views;
  std::vector<std::size_t> widths;  ///< of the inputs, without padding
  std::size_t out_width = 0;
  RowFunction function;
  PluginCode forward_code, reverse_code;  ///< for messages

  /// The numbers of one row, of the values and, going back, of the adjoints. In the workspace's arena.
  struct Rows {
    Span<Span<double>> x, x_bar;
    Span<Span<const double>> x_read;  ///< what the function sees of x
    Span<double> y;
  };

  Rows take_rows(Arena& arena) const {
    const std::size_t n = inputs.size();
    Rows rows{{arena.take<Span<double>>(n), n},
              {arena.take<Span<double>>(n), n},
              {arena.take<Span<const double>>(n), n},
              {arena.take<double>(out_width), out_width}};
    for (std::size_t i = 0; i < n; ++i) {
      rows.x[i] = {arena.take<double>(widths[i]), widths[i]};
      rows.x_bar[i] = {arena.take<double>(widths[i]), widths[i]};
      rows.x_read[i] = rows.x[i];
    }
    return rows;
  }

  RowArguments arguments(const Rows& rows) const { return {rows.x_read, weight_views}; }

  static void read(const FieldLayout& layout, const T* values, int row, Span<double> numbers) {
    const T* from = values + static_cast<std::size_t>(row) * layout.row_size;
    for_each_number(layout, [&](int padded, int k) { numbers[k] = static_cast<double>(from[padded]); });
  }

  void read_inputs(const Run<T>& run, const Chunk& chunk, int row, const Rows& rows) const {
    for (std::size_t i = 0; i < inputs.size(); ++i)
      read(run.layouts[inputs[i]], run.values(inputs[i], chunk), row, rows.x[i]);
  }

  void forward(Run<T>& run, const Chunk& chunk) const override {
    const Rows rows = take_rows(run.workspace.arena);
    const FieldLayout& layout = run.layouts[output];
    T* y = run.values(output, chunk);
    std::fill_n(y, static_cast<std::size_t>(chunk.n_rows) * layout.row_size, T(0));  // padding is zero
    call(forward_code, [&] {
      for (int r = 0; r < chunk.n_rows; ++r) {
        read_inputs(run, chunk, r, rows);
        function.forward(arguments(rows), rows.y);
        T* to = y + static_cast<std::size_t>(r) * layout.row_size;
        for_each_number(layout, [&](int padded, int k) { to[padded] = static_cast<T>(rows.y[k]); });
      }
    });
    run.workspace.arena.release_all();
  }

  void reverse(Run<T>& run, const Chunk& chunk) const override {
    const Rows rows = take_rows(run.workspace.arena);
    call(reverse_code, [&] {
      for (int r = 0; r < chunk.n_rows; ++r) {
        read_inputs(run, chunk, r, rows);
        read(run.layouts[output], run.adjoint(output, chunk), r, rows.y);
        for (const Span<double>& row : rows.x_bar) std::fill(row.begin(), row.end(), 0.0);
        function.reverse(arguments(rows), rows.y, rows.x_bar);
        for (std::size_t i = 0; i < inputs.size(); ++i) add_adjoint(run, chunk, inputs[i], r, rows.x_bar[i]);
      }
    });
    run.workspace.arena.release_all();
  }

  template <class Code>
  static void call(const PluginCode& which, const Code& code) {
    Diagnostics faults;
    run_plugin_code(which, code, faults);
    throw_if_errors(faults, ErrorKind::configuration);
  }

  static void add_adjoint(const Run<T>& run, const Chunk& chunk, int field, int row, Span<const double> x_bar) {
    T* adjoint = run.adjoint(field, chunk);
    if (!adjoint) return;
    const FieldLayout& layout = run.layouts[field];
    T* to = adjoint + static_cast<std::size_t>(row) * layout.row_size;
    for_each_number(layout, [&](int padded, int k) { to[padded] += static_cast<T>(x_bar[k]); });
  }
};

std::size_t size_of(const LoweredGraph& graph, const std::string& weight) {
  const auto found = std::find_if(graph.parameters.begin(), graph.parameters.end(),
                                  [&](const ParameterSpec& parameter) { return parameter.name == weight; });
  return found == graph.parameters.end() ? 0 : static_cast<std::size_t>(product(found->shape));
}

PluginCode code_of(const Operation& op, const RowFunction& function, const char* which) {
  return {
      "layer '" + op.layer + "' (function '" + function.name + "' of the plugin '" + function.plugin + "')", which, {}};
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
  step->weight_views.assign(step->weights.begin(), step->weights.end());
  step->forward_code = code_of(op, step->function, "forward");
  step->reverse_code = code_of(op, step->function, "reverse");
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
