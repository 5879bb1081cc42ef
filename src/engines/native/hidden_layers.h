#pragma once

#include "engines/native/radial_source.h"

namespace kiln::native {

/// The layers of an exact radial network up to the last matrix, for many edges at a time, in float64. Values and
/// derivatives by the length go through the same matrices as two components of a row.
struct HiddenLayers {
  std::vector<PackedMatrix<double>> matrices;  ///< with 1 / sqrt(h_in) and the constant of the activation before
  double last_scale = 1.0;                     ///< of the last units
  int stride = 8;                              ///< padded largest width
  const kernels::KernelTable<double>* kernels = nullptr;
};

HiddenLayers prepare_hidden_layers(const RadialSource& source, VectorLevel level);

/// weights[e, q], slopes[e, q]: what edge e multiplies row q of the last matrix with.
/// @param units  memory of 4 * n_edges * stride numbers, aligned
template <class T>
void last_units(const RadialSource& source, const HiddenLayers& layers, const double* lengths, int n_edges,
                double* units, T* weights, T* slopes);

}  // namespace kiln::native
