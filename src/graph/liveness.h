#pragma once

#include "graph/lowered_graph.h"

namespace kiln {

/// Fields of the graph that outputs and the energy read, directly or not.
std::vector<bool> live_fields(const LoweredGraph& graph);

/// Drops operations, inputs and parameters that nothing reads.
void drop_dead(LoweredGraph& graph);

/// Sets the hops of every operation, from the outputs back: senders of a convolution are needed one hop further out.
void set_hops(LoweredGraph& graph);

/// Names of the weights an operator reads.
std::vector<std::string> weights_of(const Operator& op);

}  // namespace kiln
