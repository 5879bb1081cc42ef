#pragma once

#include <cstddef>

namespace kiln::kernels {

/// Rows of a matrix inside node features [row][component][padded channel]: n_components matrix rows per node row.
template <class T>
struct RowBlock {
  T* data = nullptr;  ///< first component of the block in row 0
  std::ptrdiff_t row_stride = 0;
  std::ptrdiff_t component_stride = 0;
};

/// c[row, m, :] = (or +=) sum_k a[row, m, k] b[k, :] for small matrices b, packed once (pack_panels in panels.h):
/// [panel of `lanes` columns][k][lane].
template <class T>
struct Gemm {
  RowBlock<const T> a;
  RowBlock<T> c;
  const int* rows = nullptr;  ///< [n_rows] node rows; null: 0 .. n_rows - 1
  int n_rows = 0;
  int n_components = 1;
  int depth = 0;  ///< columns of a
  const T* b = nullptr;
  int n_panels = 0;
  bool accumulate = false;
};

}  // namespace kiln::kernels
