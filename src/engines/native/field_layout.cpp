#include "engines/native/field_layout.h"

namespace kiln::native {

int padded(int n, int unit) { return (n + unit - 1) / unit * unit; }

FieldLayout layout_of(const Irreps& irreps, int channel_unit) {
  FieldLayout layout;
  for (const IrrepBlock& block : irreps.blocks) {
    const int stride = padded(block.mul, channel_unit);
    layout.blocks.push_back({block.mul, block.irrep.dim(), stride, layout.row_size});
    layout.row_size += stride * block.irrep.dim();
  }
  return layout;
}

int scalar_offset(const FieldLayout& layout, int k) {
  for (const FieldLayout::Block& block : layout.blocks) {
    if (k < block.mul) return block.offset + k;
    k -= block.mul;
  }
  return layout.row_size;
}

}  // namespace kiln::native
