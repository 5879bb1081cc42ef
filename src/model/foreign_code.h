#pragma once

#include "graph/graph_spec.h"
#include "model/model_host.h"

namespace kiln {

/// Fetches the code that the ArbitraryModule layers of a graph name: `.pt` files (beside the graph's file) and objects
/// of Python packages, as far as the host allows them. Faults: a `.pt` that is not allowed, cannot be read or is no
/// TorchScript; a Python object that cannot be imported or scripted. A host that cannot look into code leaves it
/// unknown; the check then warns.
void load_foreign_code(GraphSpec& graph, const ModelHost& host, Diagnostics& faults);

}  // namespace kiln
