#pragma once

#include <vector>

#include "base/level.h"

namespace kiln {

/// The levels this machine runs, lowest first: what tests compare.
inline std::vector<VectorLevel> supported_levels() {
  std::vector<VectorLevel> levels;
  for (const VectorLevel level : {VectorLevel::x86_64, VectorLevel::x86_64_v3, VectorLevel::x86_64_v4})
    if (level <= best_level()) levels.push_back(level);
  return levels;
}

}  // namespace kiln
