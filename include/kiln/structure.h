#pragma once

#include <array>
#include <vector>

namespace kiln {

/// Atoms in space. Units: Å. All sizes agree with atomic_numbers.size().
struct Structure {
  std::vector<int> atomic_numbers;               ///< [n_atoms], 1 .. 118
  std::vector<std::array<double, 3>> positions;  ///< [n_atoms], Å
  std::array<double, 9> cell{};                  ///< rows are the cell vectors, Å; all zero where there is none
  std::array<bool, 3> periodic{};                ///< per cell vector

  int n_atoms() const { return static_cast<int>(atomic_numbers.size()); }
};

}  // namespace kiln
