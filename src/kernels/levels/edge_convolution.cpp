#include "kernels/levels/functions.h"
#include "kernels/levels/lane_sums.h"
#include "kernels/levels/straight_path.h"

// Loop order: blocks of channels outside (their slice of the radial table stays in the second cache), then paths and
// receivers (reverse: receivers and paths), and the edges of the receiver innermost, with the sums of a path in
// registers. Radial functions are evaluated where they are used; nothing of the size edges x paths x channels exists.

namespace kiln::kernels::KILN_LEVEL {
namespace {

constexpr int kMaxComponents = 23;  // l = 11

// The table-driven kernels: any degrees, any number of radial rows.

template <class T>
void forward_any(const PathAtReceiver<T>& p, int n_in, int n_out) {
  Vector<T> sum[kMaxComponents];
  for (int m = 0; m < n_out; ++m) sum[m] = zero<T>();
  for (int e = p.begin; e < p.end; ++e) {
    const Vector<T> radial = value_of(p, e);
    const T* x = p.sender_features(p.features, e, n_in);
    const T* g = p.couplings + e * p.n_couplings;
    for (int a = 0; a < n_in; ++a) {
      const Vector<T> message = radial * load(x + a * kLanes<T>);
      for (int m = 0; m < n_out; ++m) sum[m] += g[m * n_in + a] * message;
    }
  }
  for (int m = 0; m < n_out; ++m) store<T>(p.out + m * p.out_stride, sum[m]);
}

template <class T>
void reverse_any(const PathAtReceiver<T>& p, int n_in, int n_out) {
  Vector<T> products[kMaxComponents * kMaxComponents];  // out_bar_M message_{m1}
  for (int e = p.begin; e < p.end; ++e) {
    const RadialVectors<T> radial = value_and_slope(p, e);
    const T* x = p.sender_features(p.features, e, n_in);
    const T* g = p.couplings + e * p.n_couplings;
    Vector<T> radial_bar = zero<T>();
    for (int a = 0; a < n_in; ++a) {
      const Vector<T> xa = load(x + a * kLanes<T>), message = radial.value * xa;
      Vector<T> message_bar = zero<T>();
      for (int m = 0; m < n_out; ++m) {
        const Vector<T> out_bar = load<T>(p.out + m * p.out_stride);
        message_bar += g[m * n_in + a] * out_bar;
        products[m * n_in + a] = out_bar * message;
      }
      radial_bar += message_bar * xa;
      if (!p.features_bar) continue;
      T* x_bar = p.sender_features(p.features_bar, e, n_in) + a * kLanes<T>;
      store<T>(x_bar, load<T>(x_bar) + radial.value * message_bar);
    }
    Vector<T>* sums = p.sums + static_cast<std::ptrdiff_t>(e - p.begin) * (p.n_harmonics + 1);
    sums[p.n_harmonics] += radial_bar * radial.slope;
    for (int k = 0; k < p.n_elements; ++k)
      sums[p.elements[k].harmonic] += p.elements[k].value * products[p.elements[k].element];
  }
}

template <class T>
constexpr StraightTable<T> kStraightPaths{};

/// Straight-line code for the path, or null.
template <class T>
PathFunction<T> straight_line(const EdgeTile<T>& tile, const ConvolutionPathView<T>& path, bool reverse) {
  if (tile.n_radial_rows != kTableRows || path.l_sender > kStraightSender || path.l_edge > kStraightEdge ||
      path.l_out > kStraightOut)
    return nullptr;
  const StraightTable<T>& table = kStraightPaths<T>;
  return reverse ? table.reverse[path.l_sender][path.l_edge][path.l_out]
                 : table.forward[path.l_sender][path.l_edge][path.l_out];
}

template <class T>
void run_path(const EdgeConvolutionArguments<T>& c, const ConvolutionPathView<T>& path, int block, int receiver,
              bool reverse) {
  const EdgeTile<T>& tile = c.tile;
  const std::ptrdiff_t b = block;
  PathAtReceiver<T> p;
  p.begin = tile.first[receiver];
  p.end = tile.first[receiver + 1];
  p.n_radial_rows = tile.n_radial_rows;
  p.sender = tile.sender;
  p.radial_row = tile.radial_row;
  p.radial_weights = tile.radial_weights;
  p.radial_slopes = tile.radial_slopes;
  p.table = path.table + b * path.table_stride;
  p.couplings = tile.couplings + path.coupling_offset;
  p.n_couplings = tile.n_couplings;
  p.features = path.features + b * path.features_stride;
  p.features_bar = path.features_bar ? path.features_bar + b * path.features_stride : nullptr;
  p.out = path.out + receiver * path.out_stride + b * kLanes<T>;
  p.out_stride = path.out_component_stride;
  p.elements = path.elements;
  p.n_elements = path.n_elements;
  p.values = path.values;
  p.sums = reinterpret_cast<Vector<T>*>(c.scratch);
  p.n_harmonics = c.n_harmonics;
  if (const PathFunction<T> straight = straight_line(tile, path, reverse)) return straight(p);
  const int n_in = 2 * path.l_sender + 1, n_out = 2 * path.l_out + 1;
  reverse ? reverse_any(p, n_in, n_out) : forward_any(p, n_in, n_out);
}

template <class T>
int largest_block_count(const EdgeConvolutionArguments<T>& c) {
  int n = 0;
  for (int k = 0; k < c.n_paths; ++k) n = c.paths[k].n_blocks > n ? c.paths[k].n_blocks : n;
  return n;
}

/// Sums over the channels of a block, of one receiver's edges.
template <class T>
void add_block_sums(const EdgeConvolutionArguments<T>& c, int begin, int end) {
  const int n = (end - begin) * (c.n_harmonics + 1);
  lane_sums<T>(reinterpret_cast<Vector<T>*>(c.scratch), n);
  const T* sums = c.scratch;
  for (int e = begin; e < end; ++e) {
    T* bar = c.harmonics_bar + static_cast<std::ptrdiff_t>(e) * c.n_harmonics;
    for (int k = 0; k < c.n_harmonics; ++k) bar[k] += *sums++;
    c.lengths_bar[e] += *sums++;
  }
}

}  // namespace

template <class T>
void edge_convolution_forward(const EdgeConvolutionArguments<T>& c) {
  const int n_blocks = largest_block_count(c);
  for (int block = 0; block < n_blocks; ++block)
    for (int k = 0; k < c.n_paths; ++k)
      for (int i = 0; i < c.tile.n_receivers && block < c.paths[k].n_blocks; ++i)
        run_path(c, c.paths[k], block, i, false);
}

template <class T>
void edge_convolution_reverse(const EdgeConvolutionArguments<T>& c) {
  const int n_blocks = largest_block_count(c);
  for (int block = 0; block < n_blocks; ++block)
    for (int i = 0; i < c.tile.n_receivers; ++i) {
      const int begin = c.tile.first[i], end = c.tile.first[i + 1];
      Vector<T>* sums = reinterpret_cast<Vector<T>*>(c.scratch);
      for (int s = 0; s < (end - begin) * (c.n_harmonics + 1); ++s) sums[s] = zero<T>();
      for (int k = 0; k < c.n_paths; ++k)
        if (block < c.paths[k].n_blocks) run_path(c, c.paths[k], block, i, true);
      add_block_sums(c, begin, end);
    }
}

template void edge_convolution_forward<double>(const EdgeConvolutionArguments<double>&);
template void edge_convolution_forward<float>(const EdgeConvolutionArguments<float>&);
template void edge_convolution_reverse<double>(const EdgeConvolutionArguments<double>&);
template void edge_convolution_reverse<float>(const EdgeConvolutionArguments<float>&);

}  // namespace kiln::kernels::KILN_LEVEL
