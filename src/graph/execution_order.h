#pragma once

#include <vector>

#include "graph/wiring.h"

namespace kiln {

/// Indices of the layers so that each stands after those it reads; of several that could come next, the first in the
/// file. Layers on cycles, or behind them, are left out; each cycle is reported with its path and lines.
std::vector<int> execution_order(const WiredGraph& graph, Diagnostics& faults);

}  // namespace kiln
