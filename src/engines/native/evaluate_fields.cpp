#include "engines/native/evaluate_fields.h"

#include <algorithm>
#include <memory>

#include "engines/native/edge_fields.h"
#include "engines/native/executor.h"
#include "engines/native/steps/scalar_sums.h"
#include "kiln/error.h"

namespace kiln {
namespace {

using native::FieldLayout;
using native::Run;

/// What evaluations share.
template <class T>
struct FieldProgram {
  native::Program<T> program;
  std::vector<int> fields;                     ///< as asked for
  std::vector<native::EdgeField> edge_fields;  ///< same order; empty for fields of atoms and structures
  std::vector<int> edge_sets;                  ///< same order
  std::vector<int> dims;                       ///< same order
};

/// A kept field without the padding of its channels: mul_ir has the components of each copy together.
template <class T>
std::vector<double> read_rows(const FieldProgram<T>& p, const Run<T>& run, int field, int n_rows, int dim) {
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(n_rows) * dim);
  if (p.program.plan.fields[field].scalar_sum) {
    const native::ScalarRows<T> scalars(run, field, {});
    for (int r = 0; r < n_rows; ++r)
      for (int k = 0; k < dim; ++k) values.push_back(scalars.value(r, k));
    return values;
  }
  const FieldLayout& layout = run.layouts[field];
  for (int r = 0; r < n_rows; ++r) {
    const T* row = run.all_values(field) + static_cast<std::size_t>(r) * layout.row_size;
    native::for_each_number(layout, [&](int place, int) { values.push_back(row[place]); });
  }
  return values;
}

/// Padding channels are zero.
template <class T>
void write_rows(const Run<T>& run, int field, const std::vector<double>& rows) {
  const FieldLayout& layout = run.layouts[field];
  std::size_t dim = 0;
  native::for_each_number(layout, [&](int, int) { ++dim; });
  if (rows.size() != dim * static_cast<std::size_t>(run.graph.n_all()))
    throw Error(ErrorKind::internal, "bad-rows", "an input has another number of rows or columns than its field");
  T* values = run.all_values(field);
  std::fill_n(values, static_cast<std::size_t>(run.graph.n_all()) * layout.row_size, T(0));
  for (int r = 0; r < run.graph.n_all(); ++r)
    native::for_each_number(layout, [&](int place, int k) {
      values[static_cast<std::size_t>(r) * layout.row_size + place] = static_cast<T>(rows[r * dim + k]);
    });
}

template <class T>
FieldValues evaluate(const FieldProgram<T>& p, const AtomGraph& graph, const GivenRows& rows, bool gradients) {
  native::check_atom_graph(p.program, graph);
  native::Workspace<T> workspace;
  EngineOutput out;
  Run<T> run{graph, p.program.plan, p.program.layouts, workspace, out, gradients};
  if (gradients)
    for (const EdgeList& edges : graph.edges) out.edge_gradients.emplace_back(edges.vectors.size(), 0.0);
  native::reserve_workspace(p.program, run);
  for (std::size_t field = 0; field < p.program.plan.fields.size(); ++field)
    if (p.program.plan.fields[field].given) write_rows(run, static_cast<int>(field), rows.at(static_cast<int>(field)));
  native::run_forward(p.program, run);
  FieldValues values;
  for (std::size_t k = 0; k < p.fields.size(); ++k) {
    const int n = p.program.system_fields[p.fields[k]] ? graph.n_structures : graph.n_all();
    values.fields.push_back(p.edge_fields[k] ? p.edge_fields[k](graph.edges[p.edge_sets[k]])
                                             : read_rows(p, run, p.fields[k], n, p.dims[k]));
  }
  if (gradients) native::run_reverse(p.program, run, 1);
  values.edge_gradients = std::move(out.edge_gradients);
  return values;
}

template <class T>
FieldFunction make(const LoweredGraph& graph, const Weights& weights, const std::vector<int>& fields) {
  auto p = std::make_shared<FieldProgram<T>>();
  const VectorLevel level = best_level();
  p->program = native::make_program<T>(graph, weights, level, fields, row_inputs(graph));
  p->fields = fields;
  for (const int field : fields) {
    const FieldType& type = graph.fields[field];
    p->edge_fields.emplace_back();
    if (type.level == Level::edge)
      p->edge_fields.back() = native::make_edge_field(graph, weights, p->program.plan, field, level);
    p->edge_sets.push_back(type.edge_set);
    p->dims.push_back(type.irreps.dim());
  }
  return [p](const AtomGraph& atoms, const GivenRows& rows, bool gradients) {
    return evaluate(*p, atoms, rows, gradients);
  };
}

}  // namespace

std::vector<int> row_inputs(const LoweredGraph& graph) {
  std::vector<int> fields;
  for (const LoweredInput& input : graph.inputs) {
    const FieldType& type = graph.fields[input.field];
    if (type.level == Level::atom && type.dtype == DType::real && type.meaning == Meaning::plain)
      fields.push_back(input.field);
  }
  return fields;
}

FieldFunction make_native_fields(const LoweredGraph& graph, const Weights& weights, Precision precision,
                                 const std::vector<int>& fields) {
  return precision == Precision::f64 ? make<double>(graph, weights, fields) : make<float>(graph, weights, fields);
}

}  // namespace kiln
