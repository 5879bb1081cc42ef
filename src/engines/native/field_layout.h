#pragma once

#include <vector>

#include "operators/irreps.h"

namespace kiln::native {

/// A node row inside the engine: per irreps block [component][padded channel]; every channel row fills whole cache
/// lines. Padding channels are always zero.
struct FieldLayout {
  struct Block {
    int mul = 0;
    int n_components = 1;  ///< 2l + 1
    int stride = 0;        ///< from component to component: mul, padded
    int offset = 0;        ///< of the first component in the row
  };
  std::vector<Block> blocks;
  int row_size = 0;
};

/// @param channel_unit  values per 64 bytes
FieldLayout layout_of(const Irreps& irreps, int channel_unit);

/// Where copy k of a row of scalars (0e blocks only) stands.
int scalar_offset(const FieldLayout& layout, int k);

int padded(int n, int unit);

/// Calls visit(place in a padded row, place in mul_ir) for every number of a row.
template <class Visit>
void for_each_number(const FieldLayout& layout, const Visit& visit) {
  int k = 0;
  for (const FieldLayout::Block& block : layout.blocks)
    for (int copy = 0; copy < block.mul; ++copy)
      for (int m = 0; m < block.n_components; ++m) visit(block.offset + m * block.stride + copy, k++);
}

}  // namespace kiln::native
