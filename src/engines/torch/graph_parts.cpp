#include "engines/torch/graph_parts.h"

#include <algorithm>
#include <cstdint>

namespace kiln {
namespace {

bool has_ghosts(const AtomGraph& batch) { return batch.n_owned() != batch.n_all(); }

/// First row of each structure and the number of rows behind the last.
std::vector<int> first_rows(const AtomGraph& batch) {
  std::vector<int> first(batch.n_structures + 1, 0);
  for (int s = 0; s <= batch.n_structures; ++s) {
    const auto row = std::lower_bound(batch.structure.begin(), batch.structure.end(), s);
    first[s] = static_cast<int>(row - batch.structure.begin());
  }
  return first;
}

EdgeList edges_of_rows(const EdgeList& edges, int first_row, int last_row) {
  EdgeList part;
  part.cutoff = edges.cutoff;
  const int first = edges.first[first_row], last = edges.first[last_row];
  for (int i = first_row; i <= last_row; ++i) part.first.push_back(edges.first[i] - first);
  for (int e = first; e < last; ++e) part.neighbor.push_back(edges.neighbor[e] - first_row);
  part.vectors.assign(edges.vectors.begin() + 3 * std::ptrdiff_t{first},
                      edges.vectors.begin() + 3 * std::ptrdiff_t{last});
  return part;
}

GraphPart part_of(const AtomGraph& batch, int first_structure, int last_structure, int first_row, int last_row) {
  GraphPart part;
  part.first_structure = first_structure;
  part.graph.n_structures = last_structure - first_structure;
  part.graph.n_rows.assign(batch.n_rows.size(), last_row - first_row);
  part.graph.species.assign(batch.species.begin() + first_row, batch.species.begin() + last_row);
  for (int i = first_row; i < last_row; ++i) part.graph.structure.push_back(batch.structure[i] - first_structure);
  for (const EdgeList& edges : batch.edges) {
    part.first_edge.push_back(edges.first[first_row]);
    part.graph.edges.push_back(edges_of_rows(edges, first_row, last_row));
  }
  return part;
}

}  // namespace

std::vector<GraphPart> split_structures(const AtomGraph& batch, int n_parts) {
  const int n = std::min(n_parts, batch.n_structures);
  if (n <= 1 || has_ghosts(batch)) return {{batch, 0, std::vector<int>(batch.edges.size(), 0)}};
  const std::vector<int> rows = first_rows(batch);
  const auto work_before = [&](int structure) {
    std::int64_t work = rows[structure];
    for (const EdgeList& edges : batch.edges) work += edges.first[rows[structure]];
    return work;
  };
  std::vector<GraphPart> parts;
  int first = 0;
  for (int k = 1; k <= n; ++k) {
    int last = first + 1;  // every part gets one, and leaves one to each that follows
    const int most = batch.n_structures - (n - k);
    while (last < most && (k == n || work_before(last) * n < work_before(batch.n_structures) * k)) ++last;
    parts.push_back(part_of(batch, first, last, rows[first], rows[last]));
    first = last;
  }
  return parts;
}

}  // namespace kiln
