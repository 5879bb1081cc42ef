#pragma once

#include "graph/checked_graph.h"
#include "model/graph_inputs.h"

namespace kiln {

/// Sizes and dtypes that free inputs have once their arrays are there, and what follows of them for every call of a
/// torch target: with these a graph is lowered for this run. Faults: calls that cannot take them, with the layer, its
/// ports and what these are given. The arrays must be checked (check_input_values).
void take_given_shapes(CheckedGraph& graph, const GivenArrays& given, Diagnostics& faults);

}  // namespace kiln
