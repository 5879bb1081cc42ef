#pragma once

#include "engines/native/hidden_layers.h"
#include "engines/native/radial_source.h"
#include "engines/native/run.h"
#include "kernels/harmonics.h"

namespace kiln::native {

/// A path with everything that does not depend on the graph.
template <class T>
struct PreparedConvolutionPath {
  int in_block = 0;
  int out_block = 0;
  int out_channel = 0;
  int mul = 0;
  int n_out = 1;        ///< 2 l3 + 1
  bool direct = false;  ///< its part of the output fills whole cache lines: written in place
  int slot = 0;         ///< else: first number of it in the row of a temporary
  std::size_t first_element = 0, first_value = 0;
  kernels::ConvolutionPathView<T> view;  ///< without pointers to features and output
};

/// One term of G: value * Y[harmonic].
struct CouplingSum {
  int harmonic;
  double value;
};

/// Weights of an edge convolution, ready to run.
template <class T>
struct PreparedConvolution {
  int sender = -1, output = -1;  ///< fields
  int edge_set = 0;
  HarmonicsBasis harmonics;
  RadialSource radial;
  HiddenLayers hidden;  ///< of exact radial functions
  std::vector<PreparedConvolutionPath<T>> paths;
  std::vector<kernels::CouplingElement<T>> elements;
  std::vector<T> values;  ///< of the straight-line code
  std::vector<CouplingSum> coupling_sums;
  std::vector<int> first_sum = {0};  ///< [n_couplings + 1]: the terms of each G
  int n_couplings = 0;
  int slot_row_size = 0;   ///< of the temporary for paths that are not direct
  bool covered = true;     ///< the paths fill the whole output
  AlignedBuffer<T> table;  ///< [path][block][row][lane]
  const kernels::KernelTable<T>* kernels = nullptr;
  VectorLevel level = VectorLevel::x86_64;

  int n_harmonics() const { return (harmonics.lmax + 1) * (harmonics.lmax + 1); }
};

/// What harmonics of degree l are multiplied with, those of sum over m of Y_lm^2 = 2l + 1.
double degree_scale(HarmonicsNormalization normalization, int l);

template <class T>
PreparedConvolution<T> prepare_convolution(const Preparation<T>& preparation, const Operation& operation);

/// Receivers worked on together: the edge data of a tile stay in the second cache.
constexpr int kTileRows = 16;

/// Geometry, radial weights and couplings of the edges of a tile.
template <class T>
struct TileEdges {
  kernels::EdgeTile<T> view;
  const double* vectors = nullptr;  ///< [n_edges, 3]
  double* lengths = nullptr;        ///< [n_edges]
  double* harmonics = nullptr;      ///< [n_edges, n_harmonics]
  T *radial_weights = nullptr, *radial_slopes = nullptr, *couplings = nullptr;
  double* units = nullptr;  ///< of exact radial functions
  int *first = nullptr, *radial_row = nullptr;
};

/// Memory for the largest tile of a chunk.
template <class T>
TileEdges<T> take_tile_memory(const PreparedConvolution<T>& convolution, int n_edges, Arena& arena);

/// Receivers begin .. begin + n_receivers - 1.
template <class T>
void fill_tile(const PreparedConvolution<T>& convolution, const EdgeList& edges, const ChunkSenders& senders, int begin,
               int n_receivers, TileEdges<T>& tile);

}  // namespace kiln::native
