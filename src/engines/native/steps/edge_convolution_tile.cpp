#include <algorithm>
#include <cmath>

#include "engines/native/steps/edge_convolution.h"

namespace kiln::native {
namespace {

template <class T>
void fill_lengths(const EdgeList& edges, int first_edge, int n_edges, TileEdges<T>& tile) {
  tile.vectors = edges.vectors.data() + 3 * static_cast<std::size_t>(first_edge);
  for (int e = 0; e < n_edges; ++e) {
    const double* v = tile.vectors + 3 * e;
    tile.lengths[e] = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  }
}

template <class T>
void fill_radial_weights(const PreparedConvolution<T>& c, int n_edges, TileEdges<T>& tile) {
  const int n = c.radial.n_rows();
  for (int e = 0; e < n_edges; ++e) {
    tile.radial_row[e] = radial_row_weights(c.radial, tile.lengths[e], tile.row_weights, tile.row_weights + n);
    for (int q = 0; q < n; ++q) {
      tile.radial_weights[e * n + q] = static_cast<T>(tile.row_weights[q]);
      tile.radial_slopes[e * n + q] = static_cast<T>(tile.row_weights[n + q]);
    }
  }
}

/// G_{M, m1} of all paths: summed in float64, then rounded.
template <class T>
void fill_couplings(const PreparedConvolution<T>& c, int n_edges, double* sums, TileEdges<T>& tile) {
  const int n = c.n_couplings, n_harmonics = c.n_harmonics();
  for (int e = 0; e < n_edges; ++e) {
    const double* y = tile.harmonics + e * n_harmonics;
    std::fill_n(sums, n, 0.0);
    for (const CouplingSum& term : c.coupling_sums) sums[term.element] += term.value * y[term.harmonic];
    T* g = tile.couplings + static_cast<std::ptrdiff_t>(e) * n;
    for (int k = 0; k < n; ++k) g[k] = static_cast<T>(sums[k]);
  }
}

}  // namespace

template <class T>
TileEdges<T> take_tile_memory(const PreparedConvolution<T>& c, int n_edges, Arena& arena) {
  const std::size_t n = n_edges;
  TileEdges<T> tile;
  tile.lengths = arena.take<double>(n);
  tile.harmonics = arena.take<double>(n * c.n_harmonics());
  tile.radial_weights = arena.take<T>(n * c.radial.n_rows());
  tile.radial_slopes = arena.take<T>(n * c.radial.n_rows());
  tile.couplings = arena.take<T>(n * c.n_couplings);
  tile.row_weights = arena.take<double>(2 * c.radial.n_rows() + c.n_couplings);
  tile.first = arena.take<int>(kTileRows + 1);
  tile.radial_row = arena.take<int>(n);
  return tile;
}

template <class T>
void fill_tile(const PreparedConvolution<T>& c, const EdgeList& edges, const ChunkSenders& senders, int begin,
               int n_receivers, TileEdges<T>& tile) {
  const int first_edge = edges.first[begin];
  const int n_edges = edges.first[begin + n_receivers] - first_edge;
  for (int i = 0; i <= n_receivers; ++i) tile.first[i] = edges.first[begin + i] - first_edge;
  fill_lengths(edges, first_edge, n_edges, tile);
  harmonics_forward(c.harmonics, n_edges, tile.vectors, tile.harmonics, c.level);
  fill_radial_weights(c, n_edges, tile);
  fill_couplings(c, n_edges, tile.row_weights + 2 * c.radial.n_rows(), tile);
  tile.view.n_receivers = n_receivers;
  tile.view.first = tile.first;
  tile.view.sender = senders.of_edge.data() + first_edge;
  tile.view.radial_row = tile.radial_row;
  tile.view.n_radial_rows = c.radial.n_rows();
  tile.view.radial_weights = tile.radial_weights;
  tile.view.radial_slopes = tile.radial_slopes;
  tile.view.n_couplings = c.n_couplings;
  tile.view.couplings = tile.couplings;
}

#define KILN_INSTANTIATE(T)                                                                          \
  template TileEdges<T> take_tile_memory(const PreparedConvolution<T>&, int, Arena&);               \
  template void fill_tile(const PreparedConvolution<T>&, const EdgeList&, const ChunkSenders&, int, int, TileEdges<T>&);
KILN_INSTANTIATE(double)
KILN_INSTANTIATE(float)
#undef KILN_INSTANTIATE

}  // namespace kiln::native
