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
void fill_spline_weights(const PreparedConvolution<T>& c, int n_edges, TileEdges<T>& tile) {
  HermiteWeights hermite;
  for (int e = 0; e < n_edges; ++e) {
    tile.radial_row[e] = spline_row_weights(c.radial, tile.lengths[e], hermite);
    for (int q = 0; q < 6; ++q) {
      tile.radial_weights[6 * e + q] = static_cast<T>(hermite.value[q]);
      tile.radial_slopes[6 * e + q] = static_cast<T>(hermite.slope[q]);
    }
  }
}

template <class T>
void fill_radial_weights(const PreparedConvolution<T>& c, int n_edges, TileEdges<T>& tile) {
  if (c.radial.n_knots > 0) return fill_spline_weights(c, n_edges, tile);
  std::fill_n(tile.radial_row, n_edges, 0);
  last_units(c.radial, c.hidden, tile.lengths, n_edges, tile.units, tile.radial_weights, tile.radial_slopes);
}

/// G_{M, m1} of all paths: summed in float64, then rounded.
template <class T>
void fill_couplings(const PreparedConvolution<T>& c, int n_edges, TileEdges<T>& tile) {
  const int n = c.n_couplings, n_harmonics = c.n_harmonics();
  const CouplingSum* terms = c.coupling_sums.data();
  const int* first = c.first_sum.data();
  for (int e = 0; e < n_edges; ++e) {
    const double* y = tile.harmonics + static_cast<std::ptrdiff_t>(e) * n_harmonics;
    T* g = tile.couplings + static_cast<std::ptrdiff_t>(e) * n;
    for (int k = 0; k < n; ++k) {
      double sum = 0.0;
      for (int t = first[k]; t < first[k + 1]; ++t) sum += terms[t].value * y[terms[t].harmonic];
      g[k] = static_cast<T>(sum);
    }
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
  if (c.radial.n_knots == 0) tile.units = arena.take<double>(4 * n * c.hidden.stride);
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
  fill_couplings(c, n_edges, tile);
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

#define KILN_INSTANTIATE(T)                                                           \
  template TileEdges<T> take_tile_memory(const PreparedConvolution<T>&, int, Arena&); \
  template void fill_tile(const PreparedConvolution<T>&, const EdgeList&, const ChunkSenders&, int, int, TileEdges<T>&);
KILN_INSTANTIATE(double)
KILN_INSTANTIATE(float)
#undef KILN_INSTANTIATE

}  // namespace kiln::native
