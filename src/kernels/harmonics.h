#pragma once

#include <vector>

#include "kernels/levels.h"

namespace kiln {

constexpr int kMaxHarmonicsDegree = 11;

/// Real spherical harmonics 0 .. lmax of unit vectors in e3nn's order and signs (docs/layers.md), times a
/// scale per degree.
struct HarmonicsBasis {
  int lmax = 0;
  std::vector<double> factors;  ///< [(lmax + 1)^2]
};

/// scales [lmax + 1]: 1 for "component" (sum over m of Y_lm^2 = 2l + 1), 1 / sqrt(2l + 1) for "norm",
/// 1 / sqrt(4 pi) for "integral". Throws Error of kind configuration if lmax is not 0 .. 11.
HarmonicsBasis make_harmonics(const std::vector<double>& scales);

/// values[e, l^2 + m] = Y_{lm}(vectors[e] / |vectors[e]|); the zero vector gives Y_00 and 0 for the rest.
/// @param vectors [n_edges, 3], @param values [n_edges, (lmax + 1)^2], overwritten
void harmonics_forward(const HarmonicsBasis& basis, int n_edges, const double* vectors, double* values,
                       VectorLevel level);

/// vectors_bar += adjoint; nothing for the zero vector.
void harmonics_reverse(const HarmonicsBasis& basis, int n_edges, const double* vectors, const double* values_bar,
                       double* vectors_bar, VectorLevel level);

}  // namespace kiln
