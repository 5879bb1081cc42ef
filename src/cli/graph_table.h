#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "graph/checked_graph.h"

namespace kiln {

/// Inputs, layers with what they give, outputs, and how far the graph sees.
std::string graph_table(const CheckedGraph& graph);

/// The same for machines.
nlohmann::ordered_json graph_json(const CheckedGraph& graph);

}  // namespace kiln
