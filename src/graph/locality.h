#pragma once

#include <set>
#include <string>
#include <vector>

#include "graph/checked_graph.h"

namespace kiln {

/// Does the layer read one of these fields?
bool reads_any(const CheckedLayer& layer, const std::vector<bool>& fields);
/// These fields, and the free tensors that layers make of them row by row: (N,), (N, 3, 3), lists of such.
std::vector<bool> with_free_rows(const CheckedGraph& graph, std::vector<bool> fields);

/// Per layer: does a row of its outputs depend on other rows of atoms, edges or structures, but through declared
/// senders? Of code from outside that is not known, and so true.
std::vector<bool> layers_that_mix_rows(const CheckedGraph& graph, const std::set<Level>& levels);

/// Hops away from the owned atoms at which the output of each layer is needed; -1: not needed.
std::vector<int> needed_hops(const CheckedGraph& graph);

/// Per stage k, the layers that pass messages to atoms up to k hops away from the owned ones: those that read
/// edge_index<k> in a staged graph. As many as the graph has hops.
std::vector<std::vector<std::string>> stages_of(const CheckedGraph& graph);

}  // namespace kiln
