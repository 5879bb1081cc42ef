#include "engines/native/chunk_senders.h"

#include <algorithm>

#include "engines/native/plan.h"

namespace kiln::native {

void find_chunk_senders(const EdgeList& edges, int n_receivers, int n_all, ChunkSenders& senders) {
  senders.first.assign(1, 0);
  senders.rows.clear();
  senders.of_edge.resize(edges.neighbor.size());
  senders.last_seen.assign(n_all, -1);
  for (int begin = 0; begin < n_receivers; begin += kChunkRows) {
    const int end = std::min(begin + kChunkRows, n_receivers);
    const int start = senders.first.back();
    for (int e = edges.first[begin]; e < edges.first[end]; ++e) {
      int& place = senders.last_seen[edges.neighbor[e]];
      if (place < start) {  // not yet in this chunk
        place = static_cast<int>(senders.rows.size());
        senders.rows.push_back(edges.neighbor[e]);
      }
      senders.of_edge[e] = place - start;
    }
    senders.first.push_back(static_cast<int>(senders.rows.size()));
  }
}

}  // namespace kiln::native
