#pragma once

#include <vector>

#include "kiln/atom_graph.h"

namespace kiln {

/// Some structures of a batch, one after another, as a graph of their own.
struct GraphPart {
  AtomGraph graph;
  int first_structure = 0;
  std::vector<int> first_edge;  ///< per edge set
};

/// The batch in at most n_parts parts with about equal numbers of edges, so that each thread takes one. One part where
/// there are ghosts. Used by libkiln and by libkiln_torch: needs headers only.
std::vector<GraphPart> split_structures(const AtomGraph& batch, int n_parts);

}  // namespace kiln
