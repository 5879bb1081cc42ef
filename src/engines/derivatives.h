#pragma once

#include <vector>

#include "engines/engine.h"
#include "kiln/atom_graph.h"

namespace kiln {

/// F_i = sum_{e of i} g_e - sum_{e to i} g_e,  g_e = dE/dr_ij.  [n_all, 3], ghosts included.
std::vector<double> forces_from_edges(const AtomGraph& graph, const EngineOutput& out);

/// W = -sum_e r_ij ⊗ g_e per structure, [n_structures, 9], eV, row-major. W = -dE/d(strain).
std::vector<double> virials_from_edges(const AtomGraph& graph, const EngineOutput& out);

/// Half of each edge's -r_ij ⊗ g_e at either end, [n_all, 9], eV; sums to the virial. Not symmetric.
std::vector<double> atom_virials_from_edges(const AtomGraph& graph, const EngineOutput& out);

/// Adjoint of the first two: edge_gradients_bar_e = F_bar_i - F_bar_j - r_ij · W_bar  (forces_bar [n_all, 3],
/// virials_bar [n_structures, 9]; either may be empty).
std::vector<std::vector<double>> edge_gradients_adjoint(const AtomGraph& graph, const std::vector<double>& forces_bar,
                                                        const std::vector<double>& virials_bar);

}  // namespace kiln
