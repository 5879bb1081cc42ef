#pragma once

#include <vector>

#include "report.h"

namespace kiln::bench {

/// R1: energy and forces of a two-layer MACE (64 channels, lmax 3, correlation 3, tabulated radial functions) on 512
/// silicon atoms with 28 neighbors, against the time its multiply-adds need at the measured rate of the best level.
std::vector<Row> reference_task();

}  // namespace kiln::bench
