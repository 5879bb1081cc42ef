#include "kernels/harmonics.h"

#include <cmath>
#include <string>

#include "kiln/error.h"

namespace kiln {
namespace {

/// (l - m)! / (l + m)!
double factorial_ratio(int l, int m) {
  double ratio = 1.0;
  for (int k = l - m + 1; k <= l + m; ++k) ratio /= k;
  return ratio;
}

}  // namespace

HarmonicsBasis make_harmonics(const std::vector<double>& scales) {
  HarmonicsBasis basis;
  basis.lmax = static_cast<int>(scales.size()) - 1;
  if (basis.lmax < 0 || basis.lmax > kMaxHarmonicsDegree) {
    throw Error(ErrorKind::configuration, "bad-lmax",
                "spherical harmonics need lmax 0 .. 11, not " + std::to_string(basis.lmax));
  }
  for (int l = 0; l <= basis.lmax; ++l)
    for (int m = -l; m <= l; ++m)
      basis.factors.push_back(scales[l] *
                              std::sqrt((m == 0 ? 1.0 : 2.0) * (2 * l + 1) * factorial_ratio(l, std::abs(m))));
  return basis;
}

void harmonics_forward(const HarmonicsBasis& basis, int n_edges, const double* vectors, double* values,
                       VectorLevel level) {
  kernels::HarmonicsArguments arguments;
  arguments.lmax = basis.lmax;
  arguments.factors = basis.factors.data();
  arguments.n_edges = n_edges;
  arguments.vectors = vectors;
  arguments.values = values;
  kernels::kernel_table<double>(level).harmonics_forward(arguments);
}

void harmonics_reverse(const HarmonicsBasis& basis, int n_edges, const double* vectors, const double* values_bar,
                       double* vectors_bar, VectorLevel level) {
  kernels::HarmonicsArguments arguments;
  arguments.lmax = basis.lmax;
  arguments.factors = basis.factors.data();
  arguments.n_edges = n_edges;
  arguments.vectors = vectors;
  arguments.values_bar = values_bar;
  arguments.vectors_bar = vectors_bar;
  kernels::kernel_table<double>(level).harmonics_reverse(arguments);
}

}  // namespace kiln
