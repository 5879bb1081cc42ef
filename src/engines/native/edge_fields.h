#pragma once

#include <functional>
#include <vector>

#include "engines/native/prepare.h"
#include "kiln/atom_graph.h"

namespace kiln::native {

/// One field for all edges of a list: [n_edges, irreps.dim()].
using EdgeField = std::function<std::vector<double>(const EdgeList& edges)>;

/// A field of edges as a function of the edge vectors, in float64: lengths, harmonics and radial functions. Potentials
/// need none of these in memory; they are for those who ask for them. Refuses what it does not know.
EdgeField make_edge_field(const LoweredGraph& graph, const Weights& weights, const Plan& plan, int field,
                          VectorLevel level);

}  // namespace kiln::native
