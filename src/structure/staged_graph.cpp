#include "kiln/staged_graph.h"

#include <cmath>
#include <string>

#include "kiln/error.h"

namespace kiln {
namespace {

constexpr double kShortest = 1e-6;  // Å

[[noreturn]] void fail(const char* code, const std::string& what) { throw Error(ErrorKind::data, code, what); }

void validate(const ParticleView& particles) {
  const std::size_t n = particles.species.size();
  if (particles.positions.size() != 3 * n || particles.owned.size() != n) {
    throw Error(ErrorKind::internal, "bad-view", "positions, species and owned marks have different sizes");
  }
  for (std::size_t k = 0; k < 3 * n; ++k) {
    if (!std::isfinite(particles.positions[k])) {
      fail("not-finite", "the position of particle " + std::to_string(k / 3) + " is not finite");
    }
  }
}

/// Gives particles their rows and edges, breadth first.
struct Builder {
  const ParticleView& particles;
  std::vector<int>& order;
  AtomGraph& graph;
  std::vector<int> row_of;  ///< [n_particles], -1: not reached

  int reach(int particle) {
    int& row = row_of[static_cast<std::size_t>(particle)];
    if (row < 0) {
      row = static_cast<int>(order.size());
      order.push_back(particle);
      graph.species.push_back(particles.species[static_cast<std::size_t>(particle)]);
    }
    return row;
  }

  void expand(int particle, const Neighbors& neighbors) {
    EdgeList& edges = graph.edges.front();
    const double* center = particles.positions.data() + 3 * static_cast<std::size_t>(particle);
    for (int k = 0; k < neighbors.count; ++k) {
      const int sender = neighbors.index[k];
      if (sender < 0 || static_cast<std::size_t>(sender) >= row_of.size()) {
        fail("bad-neighbor", "particle " + std::to_string(particle) + " has the neighbor " + std::to_string(sender) +
                                 ", which does not exist");
      }
      const double* end = particles.positions.data() + 3 * static_cast<std::size_t>(sender);
      const double vector[3] = {end[0] - center[0], end[1] - center[1], end[2] - center[2]};
      const double length2 = vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2];
      if (!(length2 < edges.cutoff * edges.cutoff)) continue;
      if (length2 < kShortest * kShortest) {
        fail("atoms-coincide",
             "particles " + std::to_string(particle) + " and " + std::to_string(sender) + " are at one place");
      }
      edges.neighbor.push_back(reach(sender));
      edges.vectors.insert(edges.vectors.end(), vector, vector + 3);
    }
    edges.first.push_back(edges.n_edges());
  }
};

}  // namespace

AtomGraph build_staged_graph(const ParticleView& particles, double cutoff, int n_hops, NeighborsOf neighbors_of,
                             void* context, std::vector<int>& order) {
  validate(particles);
  AtomGraph graph;
  graph.edges.resize(1);
  graph.edges[0].cutoff = cutoff;
  graph.edges[0].first = {0};
  order.clear();
  const std::size_t n = particles.species.size();
  Builder builder{particles, order, graph, std::vector<int>(n, -1)};
  for (std::size_t particle = 0; particle < n; ++particle) {
    if (particles.owned[particle]) builder.reach(static_cast<int>(particle));
  }
  graph.n_rows = {static_cast<int>(order.size())};
  graph.structure.assign(order.size(), 0);
  int expanded = 0;
  for (int hop = 0; hop < n_hops; ++hop) {
    for (const int end = graph.n_rows.back(); expanded < end; ++expanded) {
      const int particle = order[static_cast<std::size_t>(expanded)];
      builder.expand(particle, neighbors_of(context, particle));
    }
    graph.n_rows.push_back(static_cast<int>(order.size()));
  }
  return graph;
}

}  // namespace kiln
