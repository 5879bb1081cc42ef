#pragma once

#include "graph/layer_faults.h"
#include "graph/repetition.h"
#include "graph/sub_graph.h"

namespace kiln {

/// Keys of a layer that includes a block, or is an alias of one.
void check_block_keys(const Yaml& body, const LayerFaults& faults);

/// The inputs of the block; faults where the given ones are others, and the unknown layer in their place.
Yaml block_inputs(const Yaml& body, const SubGraph& graph, const LayerFaults& faults);

/// Which output each carried input reads: the one there is, or that of the same name. False after a fault.
bool settle_carry(const SubGraph& graph, const LayerFaults& faults, Repetition& repetition);

}  // namespace kiln
