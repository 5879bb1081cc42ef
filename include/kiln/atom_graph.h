#pragma once

#include <vector>

namespace kiln {

/// Directed edges within one cutoff, grouped by receiver: full list, i -> j and j -> i.
/// Edge e of receiver i is one of first[i] .. first[i + 1] - 1; its sender is neighbor[e].
struct EdgeList {
  double cutoff = 0.0;          ///< Å; every edge is shorter
  std::vector<int> first;       ///< [n_receivers + 1]
  std::vector<int> neighbor;    ///< [n_edges], row of the sender
  std::vector<double> vectors;  ///< [n_edges, 3], Å, r_ij = r_j - r_i + S·H, from receiver i to sender j

  int n_receivers() const { return first.empty() ? 0 : static_cast<int>(first.size()) - 1; }
  int n_edges() const { return static_cast<int>(neighbor.size()); }
};

/// What an engine reads: one or several structures as rows and edges.
/// Rows (atoms) are ordered owned, hop 1, hop 2, …; a graph without ghosts has every n_rows[h] equal.
/// A layer whose output is needed h hops away from the owned atoms works on the first n_rows[h] rows;
/// edges exist for the receivers of the first n_rows[n_hops - 1] rows.
struct AtomGraph {
  int n_structures = 1;
  std::vector<int> n_rows;      ///< [n_hops + 1]; n_rows[0] owned rows, n_rows.back() all rows
  std::vector<int> species;     ///< [n_rows.back()], 0 .. n_species - 1
  std::vector<int> structure;   ///< [n_rows[0]], 0 .. n_structures - 1, never decreasing
  std::vector<EdgeList> edges;  ///< one per edge set of the graph, in its order

  int n_owned() const { return n_rows.empty() ? 0 : n_rows.front(); }
  int n_all() const { return n_rows.empty() ? 0 : n_rows.back(); }
};

}  // namespace kiln
