#include "model/run_graph.h"

#include <algorithm>
#include <cmath>

#include "engines/derivatives.h"
#include "engines/native/evaluate_fields.h"
#include "kiln/error.h"
#include "structure/cell.h"

namespace kiln {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorKind::configuration, "unsupported-operator", what,
              "use the torch engine: --engine torch, or leave --engine out");
}

/// The native engine takes what an atom is from one input.
void require_one_species_input(const LoweredGraph& graph) {
  int n = 0;
  for (const Meaning meaning : graph.model_input_meanings)
    n += meaning == Meaning::species || meaning == Meaning::atomic_numbers ? 1 : 0;
  if (n > 1) refuse("the native engine reads one input of species; this graph has " + std::to_string(n));
}

GivenRows given_rows(const LoweredGraph& graph, const GivenArrays& given) {
  GivenRows rows;
  for (const int field : row_inputs(graph))
    for (const LoweredInput& input : graph.inputs)
      if (input.field == field) rows[field] = to_array(given.at(input.model_input).tensor).data;
  return rows;
}

/// Fields of the outputs that operations make, once each.
std::vector<int> made_fields(const LoweredGraph& graph, const std::vector<LoweredOutput>& outputs) {
  std::vector<int> fields;
  for (const LoweredOutput& output : outputs) {
    const bool made = output.field >= 0 && exposed_input(graph, output).empty();
    if (made && std::find(fields.begin(), fields.end(), output.field) == fields.end()) fields.push_back(output.field);
  }
  return fields;
}

/// One native evaluation and what outputs are read from it.
struct NativeRun {
  const LoweredGraph& graph;
  const GivenArrays& given;
  Precision precision;
  GivenAtoms atoms;
  std::vector<int> fields;  ///< made_fields
  FieldValues values = {};
  EngineOutput derivatives = {};

  Tensor real(const LoweredOutput& output, std::vector<std::int64_t> shape, const std::vector<double>& numbers) const {
    return real_tensor(std::move(shape), numbers, output_dtype(graph, output, precision));
  }

  /// Of all structures: edges between ghosts count, too.
  std::vector<double> virial() const {
    const std::vector<double> all = virials_from_edges(atoms.graph, derivatives);
    std::vector<double> sum(9, 0.0);
    for (std::size_t k = 0; k < all.size(); ++k) sum[k % 9] += all[k];
    return sum;
  }

  std::vector<double> stress() const {
    std::vector<double> stress = virial();
    const std::vector<double> vectors = to_array(given.at(input_of(graph, Meaning::cell)).tensor).data;
    Cell cell;
    std::copy_n(vectors.begin(), cell.size(), cell.begin());
    const double volume = std::abs(signed_volume(cell));
    for (double& component : stress) component /= -volume;
    return stress;
  }

  Tensor derivative(const LoweredOutput& output) const {
    const std::int64_t n = atoms.graph.n_all();
    switch (output.derivative) {
      case Meaning::forces:
        return real(output, {n, 3}, forces_from_edges(atoms.graph, derivatives));
      case Meaning::virial:
        return real(output, {3, 3}, virial());
      case Meaning::stress:
        return real(output, {3, 3}, stress());
      default:
        return real(output, {n, 3, 3}, atom_virials_from_edges(atoms.graph, derivatives));
    }
  }

  /// Edges in the order of the input.
  std::vector<double> in_input_order(const std::vector<double>& rows, int edge_set, std::size_t dim) const {
    std::vector<double> ordered(rows.size());
    const std::vector<int>& order = atoms.order[edge_set];
    for (std::size_t e = 0; e < order.size(); ++e)
      std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(e * dim), dim,
                  ordered.begin() + static_cast<std::ptrdiff_t>(order[e] * dim));
    return ordered;
  }

  Tensor field(const LoweredOutput& output) const {
    const FieldType& type = graph.fields[output.field];
    const auto place = std::find(fields.begin(), fields.end(), output.field) - fields.begin();
    const std::vector<double>& rows = values.fields[place];
    const std::int64_t dim = type.irreps.dim();
    if (type.level == Level::system) return real(output, {dim}, {rows.begin(), rows.begin() + dim});
    const std::int64_t n = dim > 0 ? static_cast<std::int64_t>(rows.size()) / dim : 0;
    if (type.level == Level::atom) return real(output, {n, dim}, rows);
    return real(output, {n, dim}, in_input_order(rows, type.edge_set, static_cast<std::size_t>(dim)));
  }

  Tensor tensor(const LoweredOutput& output) const {
    if (output.field < 0) return derivative(output);
    const std::string input = exposed_input(graph, output);
    return input.empty() ? field(output) : pass_through(given.at(input).tensor, output_dtype(graph, output, precision));
  }
};

}  // namespace

void require_native(const LoweredGraph& graph, const Weights& weights, Precision precision) {
  require_one_species_input(graph);
  const std::vector<int> fields = made_fields(graph, given_outputs(graph));
  if (!fields.empty()) make_native_fields(graph, weights, precision, fields);
}

GraphOutputs run_native(const LoweredGraph& graph, const Weights& weights, Precision precision,
                        const GivenArrays& given) {
  require_one_species_input(graph);
  const std::vector<LoweredOutput> outputs = given_outputs(graph);
  NativeRun run{graph, given, precision, {}, made_fields(graph, outputs)};
  const bool gradients =
      std::any_of(outputs.begin(), outputs.end(), [](const LoweredOutput& output) { return output.field < 0; });
  if (gradients || !run.fields.empty()) {
    const FieldFunction evaluate = make_native_fields(graph, weights, precision, run.fields);
    run.atoms = given_atoms(graph, given);
    run.values = evaluate(run.atoms.graph, given_rows(graph, given), gradients);
    run.derivatives.edge_gradients = run.values.edge_gradients;
  }
  GraphOutputs results;
  for (const LoweredOutput& output : outputs) results.emplace_back(output.name, run.tensor(output));
  return results;
}

std::string exposed_input(const LoweredGraph& graph, const LoweredOutput& output) {
  for (const LoweredInput& input : graph.inputs)
    if (output.field >= 0 && input.field == output.field) return input.model_input;
  return "";
}

Tensor pass_through(const Tensor& given, TensorDType real_dtype) {
  return is_real(given.dtype) ? real_tensor(given.shape, to_array(given).data, real_dtype) : given;
}

TensorDType output_dtype(const LoweredGraph& graph, const LoweredOutput& output, Precision precision) {
  if (precision == Precision::f64) return TensorDType::f64;
  const bool sum =
      output.field < 0 ? output.derivative != Meaning::forces : graph.fields[output.field].level == Level::system;
  return sum ? TensorDType::f64 : TensorDType::f32;
}

Tensor real_tensor(std::vector<std::int64_t> shape, const std::vector<double>& values, TensorDType dtype) {
  return to_tensor(Array{std::move(shape), values}, dtype);
}

}  // namespace kiln
