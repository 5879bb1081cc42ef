#pragma once

#include <vector>

#include "kiln/atom_graph.h"

namespace kiln::native {

/// The distinct senders of each chunk of receivers: features are gathered once per chunk, and adjoints are added to
/// them once per chunk, in chunk order.
struct ChunkSenders {
  std::vector<int> first;      ///< [n_chunks + 1]
  std::vector<int> rows;       ///< sender rows, chunk after chunk, in the order of their first edge
  std::vector<int> of_edge;    ///< [n_edges], index into the chunk's senders
  std::vector<int> last_seen;  ///< [n_all] scratch: where a row stands in the current chunk

  int count(int chunk) const { return first[chunk + 1] - first[chunk]; }
};

/// Of the first n_receivers receivers only: in a staged graph the senders of the others may have no features.
/// @param n_all  rows of the graph
void find_chunk_senders(const EdgeList& edges, int n_receivers, int n_all, ChunkSenders& senders);

}  // namespace kiln::native
