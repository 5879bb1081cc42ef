#pragma once

#include <string>

#include "graph/checked_graph.h"

namespace kiln {

/// A table for people: inputs with their roles, layers with type, output and hops, outputs, edge sets with cutoffs,
/// influence distance.
std::string describe(const CheckedGraph& graph);

/// The same as one JSON text.
std::string describe_json(const CheckedGraph& graph);

}  // namespace kiln
