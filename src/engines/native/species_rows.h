#pragma once

#include "engines/native/run.h"

namespace kiln::native {

/// The rows of a chunk grouped by species: those of species z are rows[first[z]] .. rows[first[z + 1] - 1].
struct SpeciesRows {
  int* rows = nullptr;
  int* first = nullptr;
};

template <class T>
SpeciesRows group_by_species(const Run<T>& run, const Chunk& chunk, int n_species) {
  SpeciesRows groups{run.workspace.arena.template take<int>(chunk.n_rows),
                     run.workspace.arena.template take<int>(n_species + 1)};
  int n = 0;
  for (int z = 0; z < n_species; ++z) {
    groups.first[z] = n;
    for (int r = 0; r < chunk.n_rows; ++r)
      if (run.graph.species[chunk.begin + r] == z) groups.rows[n++] = r;
  }
  groups.first[n_species] = n;
  return groups;
}

}  // namespace kiln::native
