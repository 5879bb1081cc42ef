#pragma once

#include "graph/checked_graph.h"
#include "graph/lowered_graph.h"
#include "kiln/error.h"
#include "train/options.h"

namespace kiln {

/// Adds a fault for each layer that can be evaluated and not trained as the options say: random-layer, global-layer,
/// reads-structure, lost-state.
void check_trainable(const CheckedGraph& checked, const LoweredGraph& lowered, const TrainOptions& options,
                     Diagnostics& faults);

}  // namespace kiln
