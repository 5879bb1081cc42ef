#pragma once

#include "base/diagnostics.h"
#include "engines/torch/torch_library.h"
#include "graph/lowered_graph.h"

namespace kiln {

bool has_row_functions(const LoweredGraph& graph);

/// Compiles the expression of every function that a plugin brings and runs it alone, on a few rows. A fault names layer
/// and plugin of each that cannot be compiled, fails, or gives another shape than was inferred.
void check_row_functions(const LoweredGraph& graph, TorchLibrary& torch, Diagnostics& faults);
/// Throws Error of kind configuration if there are faults.
void require_row_functions(const LoweredGraph& graph, TorchLibrary& torch);

}  // namespace kiln
