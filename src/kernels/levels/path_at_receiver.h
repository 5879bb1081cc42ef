#pragma once

#include "kernels/edge_convolution.h"
#include "kernels/levels/vector.h"

namespace kiln::kernels::KILN_LEVEL {

constexpr int kTableRows = 6;  ///< value, slope and curvature at two knots

/// One path, one block of channels, one receiver: pointers to what the loop over its edges reads.
template <class T>
struct PathAtReceiver {
  int begin, end;  ///< edges
  int n_radial_rows;
  const int* sender;
  const int* radial_row;
  const T* radial_weights;
  const T* radial_slopes;
  const T* table;      ///< of the block
  const T* couplings;  ///< of the path, at edge 0
  std::ptrdiff_t n_couplings;
  const T* features;  ///< of the block
  T* features_bar;    ///< or null
  T* out;
  std::ptrdiff_t out_stride;  ///< from component to component
  const CouplingElement<T>* elements;
  int n_elements;
  const T* values;
  Vector<T>* sums;  ///< reverse: [edge - begin][n_harmonics + 1], adjoints of the harmonics and of the length
  int n_harmonics;

  template <class U>
  U* sender_features(U* features_of_block, int edge, int n_components) const {
    return features_of_block + static_cast<std::ptrdiff_t>(sender[edge]) * n_components * kLanes<T>;
  }
  const T* rows(int edge) const { return table + static_cast<std::ptrdiff_t>(radial_row[edge]) * kLanes<T>; }
};

template <class T>
struct RadialVectors {
  Vector<T> value, slope;
};

/// Radial functions of the block: six rows of a table.
template <class T>
inline Vector<T> table_value(const PathAtReceiver<T>& p, int edge) {
  const T* rows = p.rows(edge);
  const T* weights = p.radial_weights + static_cast<std::ptrdiff_t>(edge) * kTableRows;
  Vector<T> value = weights[0] * load(rows);
  for (int q = 1; q < kTableRows; ++q) value += weights[q] * load(rows + q * kLanes<T>);
  return value;
}
template <class T>
inline RadialVectors<T> table_value_and_slope(const PathAtReceiver<T>& p, int edge) {
  const T* rows = p.rows(edge);
  const T* weights = p.radial_weights + static_cast<std::ptrdiff_t>(edge) * kTableRows;
  const T* slopes = p.radial_slopes + static_cast<std::ptrdiff_t>(edge) * kTableRows;
  RadialVectors<T> r{weights[0] * load(rows), slopes[0] * load(rows)};
  for (int q = 1; q < kTableRows; ++q) {
    const Vector<T> row = load(rows + q * kLanes<T>);
    r.value += weights[q] * row;
    r.slope += slopes[q] * row;
  }
  return r;
}

/// The same for any number of rows.
template <class T>
inline RadialVectors<T> value_and_slope(const PathAtReceiver<T>& p, int edge) {
  const T* rows = p.rows(edge);
  const T* weights = p.radial_weights + static_cast<std::ptrdiff_t>(edge) * p.n_radial_rows;
  const T* slopes = p.radial_slopes + static_cast<std::ptrdiff_t>(edge) * p.n_radial_rows;
  RadialVectors<T> r{zero<T>(), zero<T>()};
  for (int q = 0; q < p.n_radial_rows; ++q) {
    const Vector<T> row = load(rows + q * kLanes<T>);
    r.value += weights[q] * row;
    r.slope += slopes[q] * row;
  }
  return r;
}
template <class T>
inline Vector<T> value_of(const PathAtReceiver<T>& p, int edge) {
  const T* rows = p.rows(edge);
  const T* weights = p.radial_weights + static_cast<std::ptrdiff_t>(edge) * p.n_radial_rows;
  Vector<T> value = zero<T>();
  for (int q = 0; q < p.n_radial_rows; ++q) value += weights[q] * load(rows + q * kLanes<T>);
  return value;
}

}  // namespace kiln::kernels::KILN_LEVEL
