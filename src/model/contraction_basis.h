#pragma once

#include <map>
#include <string>

#include "base/weights.h"
#include "graph/lowered_graph.h"

namespace kiln {

/// The symmetrized bases that a graph's contraction weights refer to, flattened, by the name of the weight:
/// [n_paths, 2 L + 1, n_monomials]. A model file carries them, so that no version of the basis can turn the meaning of
/// stored weights silently.
std::map<std::string, Array> contraction_bases(const LoweredGraph& graph);

}  // namespace kiln
