#pragma once

#include <vector>

#include "kiln/atom_graph.h"
#include "kiln/span.h"

namespace kiln {

/// Atoms as a simulator with domain decomposition has them: owned ones marked, ghosts as particles of their own.
struct ParticleView {
  Span<const double> positions;  ///< [n_particles, 3], Å
  Span<const int> species;       ///< [n_particles], 0 .. n_species - 1
  Span<const int> owned;         ///< [n_particles], 1 or 0
};

/// The simulator's neighbors of one particle; may hold particles beyond the cutoff.
struct Neighbors {
  const int* index = nullptr;
  int count = 0;
};
using NeighborsOf = Neighbors (*)(void* context, int particle);

/// Rows breadth-first from the owned atoms (those in the simulator's order), n_hops times; each receiving row is
/// expanded once, so the edges of the receivers within h hops are a prefix. `neighbors_of(context, particle)` is called
/// once for each row that receives.
/// @param order  output, [n_all], the simulator's index of each row
/// Throws Error of kind data: a position that is not finite (index named), edges shorter than 1e-6 Å.
AtomGraph build_staged_graph(const ParticleView& particles, double cutoff, int n_hops, NeighborsOf neighbors_of,
                             void* context, std::vector<int>& order);

}  // namespace kiln
