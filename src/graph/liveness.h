#pragma once

#include "graph/checked_graph.h"

namespace kiln {

/// What of a checked graph its outputs read, directly or not.
struct LiveParts {
  std::vector<bool> fields, layers;
};
LiveParts live_parts(const CheckedGraph& graph);

/// Fields of the graph that outputs and the energy read, directly or not.
std::vector<bool> live_fields(const LoweredGraph& graph);

/// Drops operations, inputs and parameters that nothing reads.
void drop_dead(LoweredGraph& graph);

/// Sets the hops of every operation, from the outputs back: senders of a convolution are needed one hop further out.
void set_hops(LoweredGraph& graph);

/// Names of the weights an operator reads.
std::vector<std::string> weights_of(const Operator& op);

}  // namespace kiln
