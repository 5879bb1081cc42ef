#include "kiln/staged_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/rng.h"
#include "kiln/error.h"
#include "structure/cell.h"
#include "structure/neighbor_list.h"

namespace kiln {
namespace {

/// A periodic crystal as a simulator with domain decomposition shows it: some atoms owned, the rest and all images
/// within reach as ghosts, in mixed order; neighbors up to the cutoff plus a skin.
struct Simulator {
  std::vector<double> positions;
  std::vector<int> species, owned, atom;
  std::vector<std::vector<int>> neighbors;
  std::vector<int> n_calls;

  Simulator(const Structure& structure, int n_owned, double reach, double list_cutoff) {
    const int n_images = static_cast<int>(std::ceil(reach / 5.0)) + 1;
    Rng rng(3, "simulator");
    std::vector<std::pair<std::uint64_t, std::array<int, 4>>> all;
    for (int i = 0; i < structure.n_atoms(); ++i) {
      for (int x = -n_images; x <= n_images; ++x) {
        for (int y = -n_images; y <= n_images; ++y) {
          for (int z = -n_images; z <= n_images; ++z) all.push_back({rng.next(), {i, x, y, z}});
        }
      }
    }
    std::sort(all.begin(), all.end());
    for (const auto& entry : all) {
      const auto& [i, x, y, z] = entry.second;
      for (std::size_t k = 0; k < 3; ++k) {
        positions.push_back(structure.positions[static_cast<std::size_t>(i)][k] + x * structure.cell[k] +
                            y * structure.cell[3 + k] + z * structure.cell[6 + k]);
      }
      atom.push_back(i);
      species.push_back(structure.atomic_numbers[static_cast<std::size_t>(i)] == 8 ? 0 : 1);
      owned.push_back(i < n_owned && x == 0 && y == 0 && z == 0);
    }
    Structure cluster;
    cluster.atomic_numbers.assign(atom.size(), 1);
    for (std::size_t p = 0; p < atom.size(); ++p)
      cluster.positions.push_back({positions[3 * p], positions[3 * p + 1], positions[3 * p + 2]});
    const EdgeList list = neighbor_list(cluster, list_cutoff);
    for (std::size_t p = 0; p < atom.size(); ++p) {
      neighbors.emplace_back(list.neighbor.begin() + list.first[p], list.neighbor.begin() + list.first[p + 1]);
    }
    n_calls.assign(atom.size(), 0);
  }

  ParticleView view() const { return {positions, species, owned}; }
  static Neighbors neighbors_of(void* self, int particle) {
    auto& simulator = *static_cast<Simulator*>(self);
    const auto p = static_cast<std::size_t>(particle);
    ++simulator.n_calls[p];
    return {simulator.neighbors[p].data(), static_cast<int>(simulator.neighbors[p].size())};
  }
};

Structure crystal() {
  Structure structure{{8, 1, 8, 1},
                      {{{0, 0, 0}}, {{2.1, 0.3, 0.2}}, {{2.4, 2.6, 2.2}}, {{0.4, 3.1, 3.3}}},
                      {5, 0, 0, 0.4, 5.2, 0, -0.3, 0.2, 5.1},
                      {true, true, true}};
  return structure;
}

/// Edges of one receiver as sorted (x, y, z, species of the sender).
using Edges = std::vector<std::array<double, 4>>;
Edges edges_of(const EdgeList& list, std::size_t receiver, const std::vector<int>& species) {
  Edges edges;
  for (int e = list.first[receiver]; e < list.first[receiver + 1]; ++e) {
    const auto k = static_cast<std::size_t>(e);
    const auto rounded = [&](std::size_t x) { return std::round(list.vectors[3 * k + x] * 1e9) / 1e9 + 0.0; };
    edges.push_back(
        {rounded(0), rounded(1), rounded(2), static_cast<double>(species[static_cast<std::size_t>(list.neighbor[k])])});
  }
  std::sort(edges.begin(), edges.end());
  return edges;
}

TEST(StagedGraph, EveryReceiverSeesWhatThePeriodicListShows) {
  const double cutoff = 3.0;
  const Structure structure = crystal();
  const EdgeList periodic = neighbor_list(structure, cutoff);
  for (int n_hops = 1; n_hops <= 3; ++n_hops) {
    Simulator simulator(structure, 3, n_hops * cutoff, cutoff + 0.7);
    std::vector<int> order;
    const AtomGraph graph =
        build_staged_graph(simulator.view(), cutoff, n_hops, Simulator::neighbors_of, &simulator, order);
    ASSERT_EQ(graph.n_rows.size(), static_cast<std::size_t>(n_hops) + 1);
    ASSERT_EQ(graph.n_rows[0], 3);
    ASSERT_EQ(graph.edges.at(0).n_receivers(), graph.n_rows[static_cast<std::size_t>(n_hops) - 1]);
    ASSERT_EQ(order.size(), static_cast<std::size_t>(graph.n_all()));
    std::vector<int> atom_species;
    for (int z : structure.atomic_numbers) atom_species.push_back(z == 8 ? 0 : 1);
    for (int row = 0; row < graph.edges[0].n_receivers(); ++row) {
      const auto atom =
          static_cast<std::size_t>(simulator.atom[static_cast<std::size_t>(order[static_cast<std::size_t>(row)])]);
      EXPECT_EQ(edges_of(graph.edges[0], static_cast<std::size_t>(row), graph.species),
                edges_of(periodic, atom, atom_species));
      EXPECT_EQ(graph.species[static_cast<std::size_t>(row)], atom_species[atom]);
    }
  }
}

TEST(StagedGraph, RowsAreOrderedByHops) {
  const double cutoff = 3.0;
  Simulator simulator(crystal(), 2, 9.0, cutoff + 0.5);
  std::vector<int> order;
  const AtomGraph graph = build_staged_graph(simulator.view(), cutoff, 3, Simulator::neighbors_of, &simulator, order);
  std::vector<int> hops(simulator.atom.size(), -1);  // breadth first from the neighbor list itself
  for (std::size_t p = 0; p < hops.size(); ++p) hops[p] = simulator.owned[p] ? 0 : -1;
  const auto distance = [&](int p, int q) {
    double sum = 0;
    for (int x = 0; x < 3; ++x)
      sum += std::pow(simulator.positions[static_cast<std::size_t>(3 * p + x)] -
                          simulator.positions[static_cast<std::size_t>(3 * q + x)],
                      2);
    return std::sqrt(sum);
  };
  for (int h = 0; h < 3; ++h) {
    for (int p = 0; p < static_cast<int>(hops.size()); ++p) {
      for (int q : simulator.neighbors[static_cast<std::size_t>(p)]) {
        if (hops[static_cast<std::size_t>(p)] == h && hops[static_cast<std::size_t>(q)] < 0 && distance(p, q) < cutoff)
          hops[static_cast<std::size_t>(q)] = h + 1;
      }
    }
  }
  for (int h = 0; h <= 3; ++h) {
    const auto within = std::count_if(hops.begin(), hops.end(), [&](int hop) { return hop >= 0 && hop <= h; });
    EXPECT_EQ(graph.n_rows[static_cast<std::size_t>(h)], within);
  }
  for (std::size_t row = 1; row < order.size(); ++row) {
    EXPECT_LE(hops[static_cast<std::size_t>(order[row - 1])], hops[static_cast<std::size_t>(order[row])]);
  }
  EXPECT_LT(order[0], order[1]);  // owned ones in the simulator's order
  for (std::size_t p = 0; p < hops.size(); ++p) EXPECT_EQ(simulator.n_calls[p], hops[p] >= 0 && hops[p] < 3 ? 1 : 0);
}

TEST(StagedGraph, NothingOwnedNothingAsked) {
  Simulator simulator(crystal(), 0, 3.0, 3.5);
  std::vector<int> order = {1, 2};
  const AtomGraph graph = build_staged_graph(simulator.view(), 3.0, 2, Simulator::neighbors_of, &simulator, order);
  EXPECT_EQ(graph.n_rows, (std::vector<int>{0, 0, 0}));
  EXPECT_TRUE(order.empty());
  EXPECT_EQ(graph.edges[0].first, (std::vector<int>{0}));
  const AtomGraph empty = build_staged_graph({}, 3.0, 2, Simulator::neighbors_of, &simulator, order);
  EXPECT_EQ(empty.n_all(), 0);
}

TEST(StagedGraph, BadParticlesAreNamed) {
  const auto fault = [](Simulator& simulator) -> std::string {
    std::vector<int> order;
    try {
      build_staged_graph(simulator.view(), 3.0, 1, Simulator::neighbors_of, &simulator, order);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      return error.what();
    }
    return "";
  };
  Simulator simulator(crystal(), 2, 3.0, 3.5);
  const auto p =
      static_cast<std::size_t>(std::find(simulator.owned.begin(), simulator.owned.end(), 1) - simulator.owned.begin());
  Simulator broken = simulator;
  broken.positions[3 * 7 + 1] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(fault(broken).find("particle 7"), std::string::npos);
  broken = simulator;
  broken.neighbors[p].push_back(100000);
  EXPECT_NE(fault(broken).find("100000"), std::string::npos);
  broken = simulator;
  broken.neighbors[p].push_back(static_cast<int>(p));
  EXPECT_NE(fault(broken).find("at one place"), std::string::npos);
}

}  // namespace
}  // namespace kiln
