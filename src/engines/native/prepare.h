#pragma once

#include <string>
#include <vector>

#include "base/level.h"
#include "base/weights.h"
#include "engines/native/aligned_buffer.h"
#include "engines/native/plan.h"
#include "kernels/levels.h"

namespace kiln::native {

/// What steps are made from.
template <class T>
struct Preparation {
  const LoweredGraph& graph;
  const Weights& weights;
  const Plan& plan;
  VectorLevel level;

  static constexpr int channel_unit = static_cast<int>(kAlignment / sizeof(T));
  const kernels::KernelTable<T>& kernels() const { return kernels::kernel_table<T>(level); }
};

/// The parameter's numbers; throws Error of kind data if it is missing or has not `size` of them.
const std::vector<double>& weight_of(const Weights& weights, const std::string& name, std::size_t size);

/// Is the field one-hot rows of the species, so that weights per species are look-ups?
template <class T>
bool is_one_hot(const Preparation<T>& preparation, int field) {
  const int producer = preparation.plan.fields[field].producer;
  return producer >= 0 && std::holds_alternative<OneHot>(preparation.graph.operations[producer].op);
}

/// A matrix in panels of `lanes` columns, the form kernels::Gemm reads: [panel][row][lane], padded with zeros to whole
/// cache lines of columns.
template <class T>
struct PackedMatrix {
  AlignedBuffer<T> data;
  int depth = 0;  ///< rows
  int n_panels = 0;
};

/// Element (i, j) is scale * source[i * row_stride + j * column_stride], computed in float64.
struct MatrixSource {
  const double* source = nullptr;
  int n_rows = 0, n_columns = 0;
  int row_stride = 0, column_stride = 1;
  double scale = 1.0;
};
template <class T>
PackedMatrix<T> pack_matrix(const MatrixSource& matrix, int lanes);

MatrixSource transposed(MatrixSource matrix);

}  // namespace kiln::native
