#pragma once

#include <cstddef>

namespace kiln::kernels {

/// The edges of a few receivers, as the edge convolution reads them.
/// Radial functions of edge e:  R_f = sum_q radial_weights[e, q] table[radial_row[e] + q, f]; six rows (value, slope,
/// curvature at two knots) for tables, the last hidden layer for exact networks. radial_slopes gives dR/dr the same
/// way.
template <class T>
struct EdgeTile {
  int n_receivers = 0;
  const int* first = nullptr;       ///< [n_receivers + 1], edges of the tile
  const int* sender = nullptr;      ///< [n_edges], row of the gathered features
  const int* radial_row = nullptr;  ///< [n_edges]
  int n_radial_rows = 6;
  const T* radial_weights = nullptr;  ///< [n_edges, n_radial_rows]
  const T* radial_slopes = nullptr;   ///< [n_edges, n_radial_rows]; reverse only
  int n_couplings = 0;
  const T* couplings = nullptr;  ///< [n_edges, n_couplings], G of all paths: see ConvolutionPath
};

/// One element C^{l1 l2 l3} of a path, with the path's coefficient inside.
template <class T>
struct CouplingElement {
  int harmonic;  ///< l2^2 + m2
  int element;   ///< M (2 l1 + 1) + m1
  T value;
};

/// One path  out_{M, u} += R_u sum_{m1} G_{M, m1} x_{m1, u},  G_{M, m1} = sum_{m2} coefficient C_{m1 m2 M} Y_{m2}.
/// Blocks of `lanes` channels are the outermost index of everything a path reads.
template <class T>
struct ConvolutionPathView {
  int l_sender = 0;
  int l_edge = 0;
  int l_out = 0;
  int n_blocks = 0;          ///< of channels
  int coupling_offset = 0;   ///< first G of the path, [2 l3 + 1, 2 l1 + 1]
  const T* table = nullptr;  ///< [block][row][lane]
  std::ptrdiff_t table_stride = 0;
  const T* features = nullptr;  ///< [block][sender][2 l1 + 1][lane], gathered
  T* features_bar = nullptr;    ///< the same shape; null: not needed
  std::ptrdiff_t features_stride = 0;
  T* out = nullptr;               ///< [receiver][2 l3 + 1][padded channel]; the adjoint (read) in reverse
  std::ptrdiff_t out_stride = 0;  ///< from receiver to receiver
  std::ptrdiff_t out_component_stride = 0;
  const CouplingElement<T>* elements = nullptr;
  int n_elements = 0;
  const T* values = nullptr;  ///< the same numbers in the order of coupling_pattern.h; paths with straight-line code
};

template <class T>
struct EdgeConvolutionArguments {
  EdgeTile<T> tile;
  const ConvolutionPathView<T>* paths = nullptr;
  int n_paths = 0;
  int n_harmonics = 0;
  // reverse only:
  T* harmonics_bar = nullptr;  ///< [n_edges, n_harmonics], added to
  T* lengths_bar = nullptr;    ///< [n_edges], added to
  T* scratch = nullptr;        ///< (largest number of edges of a receiver) * (n_harmonics + 1) + lanes vectors
};

}  // namespace kiln::kernels
