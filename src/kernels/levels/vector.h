#pragma once

// Vectors of the level this file is compiled for. Everything stands in the level's own namespace, and nothing of the
// standard library is instantiated here: an inline function shared with other objects could be taken from this one by
// the linker and then run on a machine without these instructions.

#include <cstddef>

#if !defined(KILN_LEVEL) || !defined(KILN_VECTOR_BYTES)
#error "level sources are compiled by kernels/levels.cmake"
#endif

namespace kiln::kernels::KILN_LEVEL {

constexpr int kVectorBytes = KILN_VECTOR_BYTES;
constexpr int kRegisters = kVectorBytes == 64 ? 32 : 16;

template <class T>
struct VectorOf;
template <>
struct VectorOf<double> {
  typedef double Type __attribute__((vector_size(kVectorBytes)));
};
template <>
struct VectorOf<float> {
  typedef float Type __attribute__((vector_size(kVectorBytes)));
};
template <class T>
using Vector = typename VectorOf<T>::Type;
template <class T>
constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(T));

template <class T>
inline Vector<T> load(const T* address) {
  return *reinterpret_cast<const Vector<T>*>(address);
}
template <class T>
inline void store(T* address, Vector<T> value) {
  *reinterpret_cast<Vector<T>*>(address) = value;
}
template <class T>
inline Vector<T> zero() {
  return Vector<T>{};
}

/// Sum of the lanes.
template <class T>
inline T horizontal_sum(Vector<T> v) {
  T parts[kLanes<T>] __attribute__((aligned(64)));
  store(parts, v);
  for (int width = kLanes<T> / 2; width > 0; width /= 2)
    for (int i = 0; i < width; ++i) parts[i] += parts[i + width];
  return parts[0];
}

}  // namespace kiln::kernels::KILN_LEVEL
