#pragma once

#include <string>

#include "graph/checked_graph.h"

namespace kiln {

/// The graph in Graphviz's language: inputs, layers, aliases and outputs in shapes and colors of their own, layers that
/// reach no output dashed; on every edge the port, irreps, shape and hops of what flows there.
std::string graphviz_text(const CheckedGraph& graph, const std::string& title);

}  // namespace kiln
