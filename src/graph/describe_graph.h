#pragma once

#include <string>

#include "graph/checked_graph.h"
#include "graph/graph_spec.h"

namespace kiln {

/// A table for people: inputs with their roles, layers with type, output and hops, outputs, edge sets with cutoffs,
/// influence distance.
std::string describe(const CheckedGraph& graph);

/// The same as one JSON text.
std::string describe_json(const CheckedGraph& graph);

/// Of a library of layers, of which nothing is inferred: names and types.
std::string describe_library(const GraphSpec& library);
std::string describe_library_json(const GraphSpec& library);

}  // namespace kiln
