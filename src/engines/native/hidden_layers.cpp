#include "engines/native/hidden_layers.h"

#include <algorithm>
#include <cmath>

#include "engines/native/field_layout.h"

namespace kiln::native {
namespace {

constexpr int kUnit = static_cast<int>(kAlignment / sizeof(double));

/// Row e is [value or slope][stride].
void fill_inputs(const RadialSource& source, const double* lengths, int n_edges, int stride, double* rows) {
  for (int e = 0; e < n_edges; ++e) {
    double* values = rows + 2 * static_cast<std::ptrdiff_t>(e) * stride;
    if (source.has_basis) {
      radial_basis(source.basis, lengths[e], values, values + stride);
    } else {
      values[0] = lengths[e];
      values[stride] = 1.0;
    }
  }
}

void multiply(const HiddenLayers& layers, const PackedMatrix<double>& matrix, const double* from, double* to,
              int n_edges) {
  kernels::Gemm<double> gemm;
  gemm.a = {from, 2 * layers.stride, layers.stride};
  gemm.c = {to, 2 * layers.stride, layers.stride};
  gemm.n_rows = n_edges;
  gemm.n_components = 2;
  gemm.depth = matrix.depth;
  gemm.b = matrix.data.data();
  gemm.n_panels = matrix.n_panels;
  layers.kernels->gemm(gemm);
}

void activate(int width, int stride, int n_edges, double* rows) {
  for (int e = 0; e < n_edges; ++e) {
    double *values = rows + 2 * static_cast<std::ptrdiff_t>(e) * stride, *slopes = values + stride;
    for (int k = 0; k < width; ++k) {
      const ValueAndSlope act = silu(values[k]);
      values[k] = act.value;
      slopes[k] *= act.slope;
    }
  }
}

}  // namespace

HiddenLayers prepare_hidden_layers(const RadialSource& source, VectorLevel level) {
  const std::vector<int>& widths = source.network.widths;
  HiddenLayers layers;
  layers.kernels = &kernels::kernel_table<double>(level);
  const std::size_t n_hidden = widths.size() - 2;
  for (std::size_t k = 0; k <= n_hidden; ++k) {
    layers.stride = std::max(layers.stride, padded(widths[k], kUnit));
    const double scale = (k == 0 ? 1.0 : kSiluConstant) / std::sqrt(static_cast<double>(widths[k]));
    if (k == n_hidden) {
      layers.last_scale = scale;
    } else {
      const MatrixSource matrix{source.network.weights[k].data(), widths[k], widths[k + 1], widths[k + 1], 1, scale};
      layers.matrices.push_back(pack_matrix<double>(matrix, layers.kernels->lanes));
    }
  }
  return layers;
}

template <class T>
void last_units(const RadialSource& source, const HiddenLayers& layers, const double* lengths, int n_edges,
                double* units, T* weights, T* slopes) {
  const int stride = layers.stride;
  double *rows = units, *next = units + 2 * static_cast<std::ptrdiff_t>(n_edges) * stride;
  fill_inputs(source, lengths, n_edges, stride, rows);
  for (std::size_t k = 0; k < layers.matrices.size(); ++k) {
    multiply(layers, layers.matrices[k], rows, next, n_edges);
    activate(source.network.widths[k + 1], stride, n_edges, next);
    std::swap(rows, next);
  }
  const int n = source.n_rows();
  for (int e = 0; e < n_edges; ++e) {
    const double* values = rows + 2 * static_cast<std::ptrdiff_t>(e) * stride;
    for (int q = 0; q < n; ++q) {
      weights[static_cast<std::ptrdiff_t>(e) * n + q] = static_cast<T>(layers.last_scale * values[q]);
      slopes[static_cast<std::ptrdiff_t>(e) * n + q] = static_cast<T>(layers.last_scale * values[stride + q]);
    }
  }
}

template void last_units(const RadialSource&, const HiddenLayers&, const double*, int, double*, double*, double*);
template void last_units(const RadialSource&, const HiddenLayers&, const double*, int, double*, float*, float*);

}  // namespace kiln::native
