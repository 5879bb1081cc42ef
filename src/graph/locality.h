#pragma once

#include <string>
#include <vector>

#include "graph/checked_graph.h"

namespace kiln {

/// Hops away from the owned atoms at which the output of each layer is needed; -1: not needed.
std::vector<int> needed_hops(const CheckedGraph& graph);

/// Per stage k, the layers that pass messages to atoms up to k hops away from the owned ones: those that read
/// edge_index<k> in a staged graph. As many as the graph has hops.
std::vector<std::vector<std::string>> stages_of(const CheckedGraph& graph);

}  // namespace kiln
