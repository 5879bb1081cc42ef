#pragma once

#include "base/level.h"
#include "kernels/edge_convolution.h"
#include "kernels/gemm.h"
#include "kernels/symmetric_contraction.h"

namespace kiln {

namespace kernels {

/// Values and adjoint of real spherical harmonics, many edges at a time; see kernels/harmonics.h.
struct HarmonicsArguments {
  int lmax = 0;
  const double* factors = nullptr;  ///< [(lmax + 1)^2]
  int n_edges = 0;
  const double* vectors = nullptr;  ///< [n_edges, 3]
  double* values = nullptr;         ///< forward: [n_edges, (lmax + 1)^2], overwritten
  const double* values_bar = nullptr;
  double* vectors_bar = nullptr;  ///< reverse: [n_edges, 3], added to
};

/// One function table per level, chosen at run time. All data are aligned to 64 bytes and padded to 64 bytes.
template <class T>
struct KernelTable {
  int lanes = 1;  ///< channels per vector
  void (*gemm)(const Gemm<T>&) = nullptr;
  void (*edge_convolution_forward)(const EdgeConvolutionArguments<T>&) = nullptr;
  void (*edge_convolution_reverse)(const EdgeConvolutionArguments<T>&) = nullptr;
  void (*contraction_forward)(const ContractionArguments<T>&) = nullptr;
  void (*contraction_reverse)(const ContractionArguments<T>&) = nullptr;
  void (*contraction_coefficients_reverse)(const ContractionArguments<T>&) = nullptr;
  void (*harmonics_forward)(const HarmonicsArguments&) = nullptr;
  void (*harmonics_reverse)(const HarmonicsArguments&) = nullptr;
  /// Runs `n` rounds of register-only fused multiply-adds; returns how many multiply-adds that were (all lanes).
  double (*multiply_adds)(long n) = nullptr;
};

template <class T>
const KernelTable<T>& kernel_table(VectorLevel level);

}  // namespace kernels
}  // namespace kiln
