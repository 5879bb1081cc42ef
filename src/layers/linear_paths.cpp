#include "layers/linear_paths.h"

#include <cmath>

namespace kiln {

namespace {

/// attributes 1 gives the blocks [mul_in, mul_out], as without attributes.
Linear make_linear(const Irreps& in, int n_attributes, const Irreps& out) {
  Linear made;
  made.in = in;
  made.out = out;
  std::int64_t offset = 0;  // may be beyond an int: such a layer is refused when its weights are counted
  for (int i = 0; i < static_cast<int>(in.blocks.size()); ++i) {
    for (int o = 0; o < static_cast<int>(out.blocks.size()); ++o) {
      const IrrepBlock &from = in.blocks[i], &to = out.blocks[o];
      if (!(from.irrep == to.irrep) || from.mul == 0 || to.mul == 0) continue;
      const double scale = 1.0 / std::sqrt(static_cast<double>(in.count(to.irrep)) * n_attributes);
      made.paths.push_back({i, o, static_cast<int>(offset), scale});
      offset += std::int64_t{from.mul} * n_attributes * to.mul;
    }
  }
  return made;
}

}  // namespace

Linear linear(const Irreps& in, const Irreps& out) { return make_linear(in, 1, out); }

Linear linear_with_attributes(const Irreps& in, int n_attributes, const Irreps& out) {
  Linear made = make_linear(in, n_attributes, out);
  made.n_attributes = n_attributes;
  return made;
}

std::int64_t weight_size(const Linear& linear) {
  std::int64_t size = 0;
  const std::int64_t n_attributes = linear.n_attributes > 0 ? linear.n_attributes : 1;
  for (const LinearPath& path : linear.paths) {
    size += linear.in.blocks[path.in_block].mul * n_attributes * linear.out.blocks[path.out_block].mul;
  }
  return size;
}

}  // namespace kiln
