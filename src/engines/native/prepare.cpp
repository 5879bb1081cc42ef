#include "engines/native/prepare.h"

#include <algorithm>
#include <utility>

#include "engines/native/field_layout.h"
#include "kiln/error.h"

namespace kiln::native {

const std::vector<double>& weight_of(const Weights& weights, const std::string& name, std::size_t size) {
  const auto found = weights.find(name);
  if (found == weights.end()) {
    throw Error(ErrorKind::data, "missing-weight", "the model has no parameter '" + name + "'",
                "was the model file written for this graph?");
  }
  if (found->second.data.size() != size) {
    throw Error(ErrorKind::data, "bad-weight",
                "parameter '" + name + "' has " + std::to_string(found->second.data.size()) +
                    " numbers, the graph needs " + std::to_string(size));
  }
  return found->second.data;
}

MatrixSource transposed(MatrixSource matrix) {
  std::swap(matrix.n_rows, matrix.n_columns);
  std::swap(matrix.row_stride, matrix.column_stride);
  return matrix;
}

template <class T>
PackedMatrix<T> pack_matrix(const MatrixSource& matrix, int lanes) {
  PackedMatrix<T> packed;
  packed.depth = matrix.n_rows;
  packed.n_panels = padded(matrix.n_columns, static_cast<int>(kAlignment / sizeof(T))) / lanes;
  const std::size_t size = static_cast<std::size_t>(packed.n_panels) * packed.depth * lanes;
  packed.data.reserve(size);
  std::fill_n(packed.data.data(), size, T(0));
  for (int i = 0; i < matrix.n_rows; ++i)
    for (int j = 0; j < matrix.n_columns; ++j) {
      const std::size_t panel = static_cast<std::size_t>(j / lanes) * packed.depth;
      const double value = matrix.source[static_cast<std::ptrdiff_t>(i) * matrix.row_stride +
                                         static_cast<std::ptrdiff_t>(j) * matrix.column_stride];
      packed.data.data()[(panel + i) * lanes + j % lanes] = static_cast<T>(matrix.scale * value);
    }
  return packed;
}

template PackedMatrix<double> pack_matrix<double>(const MatrixSource&, int);
template PackedMatrix<float> pack_matrix<float>(const MatrixSource&, int);

}  // namespace kiln::native
