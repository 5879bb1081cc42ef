#pragma once

#include "kiln/atom_graph.h"
#include "kiln/structure.h"

namespace kiln {

/// Full list within `cutoff` (edges with length < cutoff), per-axis periodicity, any cell (triclinic, left-handed,
/// smaller than the cutoff, atoms outside it). Grouped by receiver, then ordered by sender and shift. A linked-cell
/// search, O(n_atoms). shifts (if not null): [n_edges, 3], S in cell vectors. Throws Error of kind data: NaN position,
/// periodic axis in a zero-volume cell, two atoms at one place (length < 1e-6 Å, both named).
EdgeList neighbor_list(const Structure& structure, double cutoff, std::vector<int>* shifts = nullptr);

/// The same by trying all images: the oracle of the tests.
EdgeList neighbor_list_brute_force(const Structure& structure, double cutoff, std::vector<int>* shifts = nullptr);

}  // namespace kiln
