#include "engines/native/edge_fields.h"

#include <cmath>

#include "engines/native/radial_source.h"
#include "engines/native/steps/edge_convolution.h"
#include "engines/native/steps/steps.h"
#include "kernels/harmonics.h"

namespace kiln::native {
namespace {

std::vector<double> lengths_of(const EdgeList& edges) {
  std::vector<double> lengths;
  for (int e = 0; e < edges.n_edges(); ++e) {
    const double* r = &edges.vectors[3 * static_cast<std::size_t>(e)];
    lengths.push_back(std::sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]));
  }
  return lengths;
}

EdgeField make_harmonics_field(const Harmonics& op, VectorLevel level) {
  std::vector<double> scales;
  for (int l = 0; l <= op.lmax; ++l) scales.push_back(degree_scale(op.normalization, l));
  return [basis = make_harmonics(scales), level](const EdgeList& edges) {
    std::vector<double> values(static_cast<std::size_t>(edges.n_edges()) * (basis.lmax + 1) * (basis.lmax + 1));
    harmonics_forward(basis, edges.n_edges(), edges.vectors.data(), values.data(), level);
    return values;
  };
}

EdgeField make_radial_field(RadialSource source) {
  std::vector<double> table = radial_table(source);
  return [source = std::move(source), table = std::move(table)](const EdgeList& edges) {
    const std::size_t n = static_cast<std::size_t>(source.n_functions());
    std::vector<double> values(static_cast<std::size_t>(edges.n_edges()) * n);
    const std::vector<double> lengths = lengths_of(edges);
    for (std::size_t e = 0; e < lengths.size(); ++e) radial_values(source, table, lengths[e], &values[e * n]);
    return values;
  };
}

}  // namespace

EdgeField make_edge_field(const LoweredGraph& graph, const Weights& weights, const Plan& plan, int field,
                          VectorLevel level) {
  for (const LoweredInput& input : graph.inputs)
    if (input.field == field && input.meaning == Meaning::edge_vectors)
      return [](const EdgeList& edges) { return edges.vectors; };
  const Operation& operation = graph.operations[plan.fields[field].producer];
  if (std::holds_alternative<EdgeLengths>(operation.op)) return lengths_of;
  if (const auto* harmonics = std::get_if<Harmonics>(&operation.op)) return make_harmonics_field(*harmonics, level);
  const bool radial = std::holds_alternative<RadialBasis>(operation.op) ||
                      std::holds_alternative<RadialFunctions>(operation.op) ||
                      std::holds_alternative<Network>(operation.op);
  if (!radial) refuse(operation, "there is no kernel for it on edges");
  return make_radial_field(radial_source(graph, weights, plan, field, operation));
}

}  // namespace kiln::native
