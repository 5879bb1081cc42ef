#pragma once

#include <string>

#include "base/diagnostics.h"
#include "graph/checked_graph.h"
#include "model/graph_inputs.h"

namespace kiln {

/// The list of edges that an input belongs to: itself, or of a shift the list that is wired to the same layer; "" of
/// other inputs.
std::string edge_list_of(const CheckedGraph& graph, const CheckedInput& input);

/// The list that stands for all stages of an edge set: the largest.
const std::string& largest_list(const CheckedGraph& graph, int edge_set);

/// An atom has messages along the edges that begin at it: faults (one-direction) where a list that a message-passing
/// layer reads holds an edge that ends at an atom whose messages reach an owned one, but not the way back. The arrays
/// must be checked (check_input_values).
void check_directions(const CheckedGraph& graph, const GivenArrays& given, Diagnostics& faults);

/// Lists of further stages are parts of the largest one, which is what is computed on: faults (not-a-stage) where one
/// has an edge that the largest lacks, or lacks one between owned atoms. The arrays must be checked
/// (check_input_values).
void check_stages(const CheckedGraph& graph, const GivenArrays& given, Diagnostics& faults);

}  // namespace kiln
