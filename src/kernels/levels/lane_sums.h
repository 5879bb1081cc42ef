#pragma once

#include "kernels/levels/vector.h"

namespace kiln::kernels::KILN_LEVEL {

template <class T>
struct IndexOf;
template <>
struct IndexOf<double> {
  typedef long long Type __attribute__((vector_size(kVectorBytes)));
};
template <>
struct IndexOf<float> {
  typedef int Type __attribute__((vector_size(kVectorBytes)));
};

/// Pairs of runs of `Width` lanes, alternating from a and b, added: after log2(lanes) such steps with doubling width,
/// lane i holds the sum of the i-th of `lanes` vectors.
template <class T, int Width>
inline Vector<T> add_runs(Vector<T> a, Vector<T> b) {
  typename IndexOf<T>::Type first{}, second{};
  for (int k = 0; k < kLanes<T>; ++k) {
    first[k] = k / (2 * Width) * (2 * Width) + k % Width + (k / Width % 2 ? kLanes<T> : 0);
    second[k] = first[k] + Width;
  }
  return __builtin_shuffle(a, b, first) + __builtin_shuffle(a, b, second);
}

/// Sums of Count = 2 Width … vectors starting at v, in the lanes.
template <class T, int Count>
inline Vector<T> tree_sum(const Vector<T>* v) {
  if constexpr (Count == 1) {
    return v[0];
  } else {
    return add_runs<T, Count / 2>(tree_sum<T, Count / 2>(v), tree_sum<T, Count / 2>(v + Count / 2));
  }
}

/// Replaces n vectors by the sums of their lanes, one number after another from the beginning. There must be room for
/// n rounded up to whole groups of `lanes` vectors.
template <class T>
inline void lane_sums(Vector<T>* vectors, int n) {
  T* sums = reinterpret_cast<T*>(vectors);
  for (int i = n; i % kLanes<T> != 0; ++i) vectors[i] = zero<T>();
  for (int i = 0; i < n; i += kLanes<T>) store<T>(sums + i, tree_sum<T, kLanes<T>>(vectors + i));
}

}  // namespace kiln::kernels::KILN_LEVEL
