#pragma once

#include <array>
#include <cmath>

namespace kiln {

using Vector3 = std::array<double, 3>;

/// Rows are the cell vectors, Å.
using Cell = std::array<double, 9>;

inline Vector3 row(const Cell& cell, int a) {
  const std::size_t k = static_cast<std::size_t>(3 * a);
  return {cell[k], cell[k + 1], cell[k + 2]};
}

inline Vector3 cross(const Vector3& a, const Vector3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

inline double dot(const Vector3& a, const Vector3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
inline double norm(const Vector3& a) { return std::sqrt(dot(a, a)); }

/// Å^3, negative for a left-handed cell.
inline double signed_volume(const Cell& cell) { return dot(row(cell, 0), cross(row(cell, 1), row(cell, 2))); }

/// False if the vectors are (almost) in one plane or one of them is zero or not finite.
inline bool has_volume(const Cell& cell) {
  const double box = norm(row(cell, 0)) * norm(row(cell, 1)) * norm(row(cell, 2));
  return std::isfinite(box) && box > 0.0 && std::abs(signed_volume(cell)) > 1e-8 * box;
}

/// Columns of the inverse: fractional coordinate a of r is dot(reciprocal(cell)[a], r); its length is 1 / height.
inline std::array<Vector3, 3> reciprocal(const Cell& cell) {
  std::array<Vector3, 3> result{cross(row(cell, 1), row(cell, 2)), cross(row(cell, 2), row(cell, 0)),
                                cross(row(cell, 0), row(cell, 1))};
  for (Vector3& vector : result) {
    for (double& x : vector) x /= signed_volume(cell);
  }
  return result;
}

}  // namespace kiln
