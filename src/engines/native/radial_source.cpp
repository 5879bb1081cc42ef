#include "engines/native/radial_source.h"

#include <algorithm>
#include <cmath>

#include "engines/native/steps/steps.h"

namespace kiln::native {
namespace {

struct Context {
  const LoweredGraph& graph;
  const Weights& weights;
  const Plan& plan;
  const Operation& reader;

  const Operation& producer(int field) const {
    const int operation = plan.fields[field].producer;
    if (operation < 0) refuse(reader, "its radial functions do not come from edge lengths");
    return graph.operations[operation];
  }
};

BesselBasis bessel_basis(const Context& context, const RadialBasis& op) {
  return {op.cutoff, op.degree, weight_of(context.weights, op.frequencies, op.n_basis)};
}

RadialNetwork network_of(const Context& context, const std::vector<int>& widths,
                         const std::vector<std::string>& names) {
  RadialNetwork network{widths, {}};
  for (std::size_t k = 0; k < names.size(); ++k)
    network.weights.push_back(
        weight_of(context.weights, names[k], static_cast<std::size_t>(widths[k]) * widths[k + 1]));
  return network;
}

/// Hands its inputs on.
RadialNetwork identity_network(int n) {
  RadialNetwork network{{n, n}, {std::vector<double>(static_cast<std::size_t>(n) * n, 0.0)}};
  for (int i = 0; i < n; ++i) network.weights[0][i * n + i] = std::sqrt(static_cast<double>(n));
  return network;
}

void read_network_input(const Context& context, int field, RadialSource& source) {
  const Operation& op = context.producer(field);
  if (const auto* basis = std::get_if<RadialBasis>(&op.op)) {
    source.has_basis = true;
    source.basis = bessel_basis(context, *basis);
  } else if (!std::holds_alternative<EdgeLengths>(op.op)) {
    refuse(context.reader, std::string("its radial functions come from '") + name_of(op.op) +
                               "', the native engine knows functions of the edge length only");
  }
}

void tabulate_slopes(const SplineOperators& operators, int n_functions, std::vector<double>& table) {
  const int n = operators.n_knots;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      const double* values = &table[static_cast<std::size_t>(3 * j) * n_functions];
      double* slopes = &table[static_cast<std::size_t>(3 * i + 1) * n_functions];
      double* curvatures = slopes + n_functions;
      const double s = operators.slope[i * n + j], c = operators.curvature[i * n + j];
      for (int f = 0; f < n_functions; ++f) {
        slopes[f] += s * values[f];
        curvatures[f] += c * values[f];
      }
    }
}

RadialUnits network_input(const RadialSource& source, double length) {
  if (source.has_basis) return radial_basis_units(source.basis, length);
  return {{length}, {1.0}};
}

}  // namespace

RadialSource radial_source(const LoweredGraph& graph, const Weights& weights, const Plan& plan,
                           const Operation& convolution) {
  return radial_source(graph, weights, plan, convolution.inputs[2], convolution);
}

RadialSource radial_source(const LoweredGraph& graph, const Weights& weights, const Plan& plan, int field,
                           const Operation& reader) {
  const Context context{graph, weights, plan, reader};
  const Operation& op = context.producer(field);
  RadialSource source;
  if (const auto* functions = std::get_if<RadialFunctions>(&op.op)) {
    source.has_basis = true;
    source.basis = bessel_basis(context, functions->basis);
    source.network = network_of(context, functions->widths, functions->weights);
    source.n_knots = functions->n_knots;
    if (source.n_knots > 0) source.spacing = source.basis.cutoff / (source.n_knots - 1);
  } else if (const auto* network = std::get_if<Network>(&op.op)) {
    source.network = network_of(context, network->widths, network->weights);
    read_network_input(context, op.inputs[0], source);
  } else {
    read_network_input(context, field, source);
    source.network = identity_network(graph.fields[field].irreps.dim());
  }
  return source;
}

std::vector<double> radial_table(const RadialSource& source) {
  if (source.n_knots == 0) return source.network.weights.back();
  const int n_functions = source.n_functions();
  std::vector<double> table(static_cast<std::size_t>(3 * source.n_knots) * n_functions, 0.0);
  for (int knot = 0; knot < source.n_knots - 1; ++knot) {  // 0 at the last one, the cutoff
    const RadialUnits units = network_outputs(source.network, network_input(source, knot * source.spacing));
    std::copy(units.values.begin(), units.values.end(), &table[static_cast<std::size_t>(3 * knot) * n_functions]);
  }
  tabulate_slopes(spline_operators(source.n_knots, source.basis.cutoff), n_functions, table);
  return table;
}

int spline_row_weights(const RadialSource& source, double length, HermiteWeights& weights) {
  if (!(length < source.basis.cutoff)) {
    weights = HermiteWeights{};
    return 0;
  }
  const int interval = interval_of(length, source.spacing, source.n_knots);
  weights = hermite_weights(length / source.spacing - interval, source.spacing);
  return 3 * interval;
}

void radial_values(const RadialSource& source, const std::vector<double>& table, double length, double* values) {
  const int n = source.n_functions();
  if (source.n_knots == 0) {
    const RadialUnits units = network_outputs(source.network, network_input(source, length));
    std::copy(units.values.begin(), units.values.end(), values);
    return;
  }
  HermiteWeights weights;
  const double* rows = &table[static_cast<std::size_t>(spline_row_weights(source, length, weights)) * n];
  std::fill_n(values, n, 0.0);
  for (int row = 0; row < 6; ++row)
    for (int f = 0; f < n; ++f) values[f] += weights.value[row] * rows[row * n + f];
}

}  // namespace kiln::native
