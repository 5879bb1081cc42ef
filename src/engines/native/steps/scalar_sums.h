#pragma once

#include <algorithm>

#include "engines/native/run.h"

namespace kiln::native {

/// Scalars of one field and chunk, wherever they are kept: in float64 (scalar_sum fields) or as node features.
template <class T>
class ScalarRows {
 public:
  ScalarRows(const Run<T>& run, int field, const Chunk& chunk) : layout_(&run.layouts[field]) {
    FieldMemory<T>& memory = run.workspace.fields[field];
    if (run.plan.fields[field].scalar_sum) {
      stride_ = width(run, field);
      sums_ = memory.sums.data() + static_cast<std::size_t>(chunk.begin) * stride_;
      sums_adjoint_ = memory.sums_adjoint.data() + static_cast<std::size_t>(chunk.begin) * stride_;
    } else {
      stride_ = run.layouts[field].row_size;
      values_ = run.values(field, chunk);
      adjoint_ = run.adjoint(field, chunk);
    }
    differentiated_ = run.plan.fields[field].differentiated;
  }

  double value(int row, int k) const {
    return sums_ ? sums_[row * stride_ + k] : static_cast<double>(values_[row * stride_ + scalar_offset(*layout_, k)]);
  }
  double adjoint(int row, int k) const {
    return sums_ ? sums_adjoint_[row * stride_ + k]
                 : static_cast<double>(adjoint_[row * stride_ + scalar_offset(*layout_, k)]);
  }
  void set(int row, int k, double x) {
    sums_ ? sums_[row * stride_ + k] = x : values_[row * stride_ + scalar_offset(*layout_, k)] = static_cast<T>(x);
  }
  void add_adjoint(int row, int k, double x) {
    if (!differentiated_) return;
    sums_ ? sums_adjoint_[row * stride_ + k] += x
          : adjoint_[row * stride_ + scalar_offset(*layout_, k)] += static_cast<T>(x);
  }

  /// Zero padding, for node features.
  void clear(int n_rows) {
    if (values_) std::fill_n(values_, static_cast<std::size_t>(n_rows) * stride_, T(0));
  }

  /// Copies of 0e in a row.
  static int width(const Run<T>& run, int field) {
    int n = 0;
    for (const FieldLayout::Block& block : run.layouts[field].blocks) n += block.mul;
    return n;
  }

 private:
  const FieldLayout* layout_;
  int stride_ = 0;
  bool differentiated_ = false;
  double *sums_ = nullptr, *sums_adjoint_ = nullptr;
  T *values_ = nullptr, *adjoint_ = nullptr;
};

}  // namespace kiln::native
