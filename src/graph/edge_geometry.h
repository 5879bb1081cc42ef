#pragma once

#include "graph/graph_checker.h"

namespace kiln {

/// An edge index read together with positions (and shifts) says how vectors of that edge set are made.
void record_geometry(GraphCheck& check, const WiredLayer& layer, const CheckedLayer& checked);

/// A directed list must have its receivers where the layer expects them; half lists serve no layer of today. False
/// after a fault.
bool check_edge_lists(GraphCheck& check, const WiredLayer& layer, const CheckedLayer& checked);

}  // namespace kiln
