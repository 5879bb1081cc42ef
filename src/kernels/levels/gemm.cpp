#include "kernels/levels/functions.h"

namespace kiln::kernels::KILN_LEVEL {
namespace {

// Registers hold kRows x kPanels sums, the vectors of b of one step, and a broadcast element of a.
constexpr int kRows = kRegisters == 32 ? 6 : 4;
constexpr int kPanels = kRegisters == 32 ? 4 : 2;

template <class T, int Rows, int Panels>
void tile(const Gemm<T>& g, const T* const* a, T* const* c, const T* b) {
  Vector<T> sum[Rows][Panels];
  for (int r = 0; r < Rows; ++r)
    for (int p = 0; p < Panels; ++p) sum[r][p] = zero<T>();
  const std::ptrdiff_t panel = static_cast<std::ptrdiff_t>(g.depth) * kLanes<T>;
  for (int k = 0; k < g.depth; ++k) {
    Vector<T> bk[Panels];
    for (int p = 0; p < Panels; ++p) bk[p] = load(b + p * panel + k * kLanes<T>);
    for (int r = 0; r < Rows; ++r)
      for (int p = 0; p < Panels; ++p) sum[r][p] += a[r][k] * bk[p];
  }
  for (int r = 0; r < Rows; ++r)
    for (int p = 0; p < Panels; ++p) {
      T* target = c[r] + p * kLanes<T>;
      store(target, g.accumulate ? load<T>(target) + sum[r][p] : sum[r][p]);
    }
}

template <class T, int Rows>
void row_strip(const Gemm<T>& g, const T* const* a, T* const* c) {
  T* at[Rows];
  for (int r = 0; r < Rows; ++r) at[r] = c[r];
  const std::ptrdiff_t panel = static_cast<std::ptrdiff_t>(g.depth) * kLanes<T>;
  int p = 0;
  for (; p + kPanels <= g.n_panels; p += kPanels) {
    tile<T, Rows, kPanels>(g, a, at, g.b + p * panel);
    for (int r = 0; r < Rows; ++r) at[r] += kPanels * kLanes<T>;
  }
  for (; p < g.n_panels; ++p) {
    tile<T, Rows, 1>(g, a, at, g.b + p * panel);
    for (int r = 0; r < Rows; ++r) at[r] += kLanes<T>;
  }
}

template <class T>
struct MatrixRow {
  const T* a;
  T* c;
};

template <class T>
MatrixRow<T> matrix_row(const Gemm<T>& g, int index) {
  const int node = index / g.n_components, m = index % g.n_components;
  const std::ptrdiff_t row = g.rows ? g.rows[node] : node;
  return {g.a.data + row * g.a.row_stride + m * g.a.component_stride,
          g.c.data + row * g.c.row_stride + m * g.c.component_stride};
}

template <class T>
void strip(const Gemm<T>& g, int begin, int n) {
  const T* a[kRows];
  T* c[kRows];
  for (int r = 0; r < n; ++r) {
    const MatrixRow<T> row = matrix_row(g, begin + r);
    a[r] = row.a;
    c[r] = row.c;
  }
  switch (n) {
    case 1:
      return row_strip<T, 1>(g, a, c);
    case 2:
      return row_strip<T, 2>(g, a, c);
    case 3:
      return row_strip<T, 3>(g, a, c);
    case 4:
      return row_strip<T, 4>(g, a, c);
    case 5:
      return row_strip < T, kRows < 5 ? 1 : 5 > (g, a, c);
    default:
      return row_strip<T, kRows>(g, a, c);
  }
}

}  // namespace

template <class T>
void gemm(const Gemm<T>& g) {
  const int n = g.n_rows * g.n_components;
  for (int begin = 0; begin < n; begin += kRows) strip(g, begin, n - begin < kRows ? n - begin : kRows);
}

template void gemm<double>(const Gemm<double>&);
template void gemm<float>(const Gemm<float>&);

}  // namespace kiln::kernels::KILN_LEVEL
