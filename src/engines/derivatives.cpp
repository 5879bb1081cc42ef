#include "engines/derivatives.h"

namespace kiln {
namespace {

/// Calls function(receiver, sender, r_ij, index of the edge's first number) for every edge of every edge set.
template <class Function>
void for_each_edge(const AtomGraph& graph, Function function) {
  for (std::size_t set = 0; set < graph.edges.size(); ++set) {
    const EdgeList& edges = graph.edges[set];
    for (int i = 0; i < edges.n_receivers(); ++i)
      for (int e = edges.first[i]; e < edges.first[i + 1]; ++e)
        function(set, i, edges.neighbor[e], &edges.vectors[3 * static_cast<std::size_t>(e)],
                 3 * static_cast<std::size_t>(e));
  }
}

/// Ghosts of several structures do not occur: rows beyond the owned ones belong to the only structure.
std::size_t structure_of(const AtomGraph& graph, int row) {
  return row < static_cast<int>(graph.structure.size()) ? static_cast<std::size_t>(graph.structure[row]) : 0;
}

}  // namespace

std::vector<double> forces_from_edges(const AtomGraph& graph, const EngineOutput& out) {
  std::vector<double> forces(3 * static_cast<std::size_t>(graph.n_all()), 0.0);
  for_each_edge(graph, [&](std::size_t set, int i, int j, const double*, std::size_t at) {
    for (int x = 0; x < 3; ++x) {
      const double g = out.edge_gradients[set][at + x];
      forces[3 * static_cast<std::size_t>(i) + x] += g;
      forces[3 * static_cast<std::size_t>(j) + x] -= g;
    }
  });
  return forces;
}

std::vector<double> virials_from_edges(const AtomGraph& graph, const EngineOutput& out) {
  std::vector<double> virials(9 * static_cast<std::size_t>(graph.n_structures), 0.0);
  for_each_edge(graph, [&](std::size_t set, int i, int, const double* r, std::size_t at) {
    double* w = &virials[9 * structure_of(graph, i)];
    for (int x = 0; x < 3; ++x)
      for (int y = 0; y < 3; ++y) w[3 * x + y] -= r[x] * out.edge_gradients[set][at + y];
  });
  return virials;
}

std::vector<double> atom_virials_from_edges(const AtomGraph& graph, const EngineOutput& out) {
  std::vector<double> virials(9 * static_cast<std::size_t>(graph.n_all()), 0.0);
  for_each_edge(graph, [&](std::size_t set, int i, int j, const double* r, std::size_t at) {
    for (int x = 0; x < 3; ++x)
      for (int y = 0; y < 3; ++y) {
        const double half = -0.5 * r[x] * out.edge_gradients[set][at + y];
        virials[9 * static_cast<std::size_t>(i) + 3 * x + y] += half;
        virials[9 * static_cast<std::size_t>(j) + 3 * x + y] += half;
      }
  });
  return virials;
}

std::vector<std::vector<double>> edge_gradients_adjoint(const AtomGraph& graph, const std::vector<double>& forces_bar,
                                                        const std::vector<double>& virials_bar) {
  std::vector<std::vector<double>> bars;
  for (const EdgeList& edges : graph.edges) bars.emplace_back(edges.vectors.size(), 0.0);
  for_each_edge(graph, [&](std::size_t set, int i, int j, const double* r, std::size_t at) {
    for (int y = 0; y < 3; ++y) {
      double& bar = bars[set][at + y];
      if (!forces_bar.empty())
        bar += forces_bar[3 * static_cast<std::size_t>(i) + y] - forces_bar[3 * static_cast<std::size_t>(j) + y];
      if (virials_bar.empty()) continue;
      const double* w_bar = &virials_bar[9 * structure_of(graph, i)];
      for (int x = 0; x < 3; ++x) bar -= r[x] * w_bar[3 * x + y];
    }
  });
  return bars;
}

}  // namespace kiln
