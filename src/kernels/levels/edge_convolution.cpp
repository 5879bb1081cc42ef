#include "kernels/levels/functions.h"

// Loop order: blocks of channels outside (their slice of the radial table stays in the second cache), then receivers,
// paths, and the edges of the receiver innermost, with the sums of a path in registers. Radial functions are evaluated
// where they are used; nothing of the size edges x paths x channels exists.

namespace kiln::kernels::KILN_LEVEL {
namespace {

/// One path, one block of channels, one receiver.
template <class T>
struct PathAtReceiver {
  const EdgeTile<T>* tile;
  const ConvolutionPathView<T>* path;
  int begin, end;  ///< edges
  const T* table;
  const T* features;
  T* features_bar;
  T* out;                    ///< of the block
  Vector<T>* harmonics_bar;  ///< [edge - begin][n_harmonics + 1]
  int n_harmonics;
};

constexpr int kTableRows = 6;

/// sum_q weights[q] rows[q]; Rows = 0: as many as the tile says.
template <class T, int Rows>
inline Vector<T> radial_function(const EdgeTile<T>& tile, const T* weights, const T* rows) {
  Vector<T> sum = zero<T>();
  const int n = Rows > 0 ? Rows : tile.n_radial_rows;
  for (int q = 0; q < n; ++q) sum += weights[q] * load(rows + q * kLanes<T>);
  return sum;
}

template <class T>
inline const T* radial_rows(const PathAtReceiver<T>& p, int edge) {
  return p.table + static_cast<std::ptrdiff_t>(p.tile->radial_row[edge]) * kLanes<T>;
}

template <class T>
inline const T* couplings(const PathAtReceiver<T>& p, int edge) {
  return p.tile->couplings + static_cast<std::ptrdiff_t>(edge) * p.tile->n_couplings + p.path->coupling_offset;
}

/// Sizes of a path known when compiled: straight-line code.
template <int In, int Out>
struct FixedSizes {
  explicit FixedSizes(int, int) {}
  static constexpr int n_in = In;
  static constexpr int n_out = Out;
  static constexpr int max_in = In;
  static constexpr int max_out = Out;
};

/// Any other path: loops driven by the sizes.
struct RunTimeSizes {
  explicit RunTimeSizes(int in, int out) : n_in(in), n_out(out) {}
  const int n_in, n_out;
  static constexpr int max_in = 23;  // l = 11
  static constexpr int max_out = 23;
};

template <class T, class Sizes, int Rows>
void forward_path(const PathAtReceiver<T>& p) {
  const Sizes sizes(2 * p.path->l_sender + 1, 2 * p.path->l_out + 1);
  const int n_rows = p.tile->n_radial_rows;
  Vector<T> sum[Sizes::max_out];
  for (int m = 0; m < sizes.n_out; ++m) sum[m] = zero<T>();
  for (int e = p.begin; e < p.end; ++e) {
    const Vector<T> radial = radial_function<T, Rows>(*p.tile, p.tile->radial_weights + e * n_rows, radial_rows(p, e));
    const T* x = p.features + static_cast<std::ptrdiff_t>(p.tile->sender[e]) * sizes.n_in * kLanes<T>;
    const T* g = couplings(p, e);
    for (int a = 0; a < sizes.n_in; ++a) {
      const Vector<T> message = radial * load(x + a * kLanes<T>);
      for (int m = 0; m < sizes.n_out; ++m) sum[m] += g[m * sizes.n_in + a] * message;
    }
  }
  for (int m = 0; m < sizes.n_out; ++m) store(p.out + m * p.path->out_component_stride, sum[m]);
}

/// harmonics_bar[l2 m2] += C_{m1 m2 M} out_bar_M message_{m1}: the products are shared by the elements.
template <class T, class Sizes>
inline void reverse_harmonics(const PathAtReceiver<T>& p, const Sizes& sizes, const Vector<T>* out_bar,
                              const Vector<T>* message, Vector<T>* harmonics_bar) {
  Vector<T> products[Sizes::max_out * Sizes::max_in];
  for (int m = 0; m < sizes.n_out; ++m)
    for (int a = 0; a < sizes.n_in; ++a) products[m * sizes.n_in + a] = out_bar[m] * message[a];
  const CouplingElement<T>* element = p.path->elements;
  for (const CouplingElement<T>* end = element + p.path->n_elements; element != end; ++element)
    harmonics_bar[element->harmonic] += element->value * products[element->element];
}

template <class T, class Sizes, int Rows>
void reverse_path(const PathAtReceiver<T>& p) {
  const Sizes sizes(2 * p.path->l_sender + 1, 2 * p.path->l_out + 1);
  const int n_rows = p.tile->n_radial_rows;
  Vector<T> out_bar[Sizes::max_out];
  for (int m = 0; m < sizes.n_out; ++m) out_bar[m] = load<T>(p.out + m * p.path->out_component_stride);
  for (int e = p.begin; e < p.end; ++e) {
    const T* rows = radial_rows(p, e);
    const Vector<T> radial = radial_function<T, Rows>(*p.tile, p.tile->radial_weights + e * n_rows, rows);
    const Vector<T> slope = radial_function<T, Rows>(*p.tile, p.tile->radial_slopes + e * n_rows, rows);
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(p.tile->sender[e]) * sizes.n_in * kLanes<T>;
    const T* g = couplings(p, e);
    Vector<T> message[Sizes::max_in];
    Vector<T> radial_bar = zero<T>();
    for (int a = 0; a < sizes.n_in; ++a) {
      Vector<T> message_bar = zero<T>();
      for (int m = 0; m < sizes.n_out; ++m) message_bar += g[m * sizes.n_in + a] * out_bar[m];
      const Vector<T> x = load(p.features + at + a * kLanes<T>);
      radial_bar += message_bar * x;
      message[a] = radial * x;
      if (p.features_bar) {
        T* x_bar = p.features_bar + at + a * kLanes<T>;
        store(x_bar, load<T>(x_bar) + radial * message_bar);
      }
    }
    Vector<T>* harmonics_bar = p.harmonics_bar + static_cast<std::ptrdiff_t>(e - p.begin) * (p.n_harmonics + 1);
    harmonics_bar[p.n_harmonics] += radial_bar * slope;
    reverse_harmonics<T, Sizes>(p, sizes, out_bar, message, harmonics_bar);
  }
}

template <class T, int Rows>
void forward_path_of(const PathAtReceiver<T>& p) {
  const int l_sender = p.path->l_sender, l_out = p.path->l_out;
  switch (l_out <= 3 && l_sender <= 2 ? 4 * l_sender + l_out : -1) {
    case 0: return forward_path<T, FixedSizes<1, 1>, Rows>(p);
    case 1: return forward_path<T, FixedSizes<1, 3>, Rows>(p);
    case 2: return forward_path<T, FixedSizes<1, 5>, Rows>(p);
    case 3: return forward_path<T, FixedSizes<1, 7>, Rows>(p);
    case 4: return forward_path<T, FixedSizes<3, 1>, Rows>(p);
    case 5: return forward_path<T, FixedSizes<3, 3>, Rows>(p);
    case 6: return forward_path<T, FixedSizes<3, 5>, Rows>(p);
    case 7: return forward_path<T, FixedSizes<3, 7>, Rows>(p);
    case 8: return forward_path<T, FixedSizes<5, 1>, Rows>(p);
    case 9: return forward_path<T, FixedSizes<5, 3>, Rows>(p);
    case 10: return forward_path<T, FixedSizes<5, 5>, Rows>(p);
    case 11: return forward_path<T, FixedSizes<5, 7>, Rows>(p);
    default: return forward_path<T, RunTimeSizes, Rows>(p);
  }
}

template <class T, int Rows>
void reverse_path_of(const PathAtReceiver<T>& p) {
  const int l_sender = p.path->l_sender, l_out = p.path->l_out;
  switch (l_out <= 3 && l_sender <= 2 ? 4 * l_sender + l_out : -1) {
    case 0: return reverse_path<T, FixedSizes<1, 1>, Rows>(p);
    case 1: return reverse_path<T, FixedSizes<1, 3>, Rows>(p);
    case 2: return reverse_path<T, FixedSizes<1, 5>, Rows>(p);
    case 3: return reverse_path<T, FixedSizes<1, 7>, Rows>(p);
    case 4: return reverse_path<T, FixedSizes<3, 1>, Rows>(p);
    case 5: return reverse_path<T, FixedSizes<3, 3>, Rows>(p);
    case 6: return reverse_path<T, FixedSizes<3, 5>, Rows>(p);
    case 7: return reverse_path<T, FixedSizes<3, 7>, Rows>(p);
    case 8: return reverse_path<T, FixedSizes<5, 1>, Rows>(p);
    case 9: return reverse_path<T, FixedSizes<5, 3>, Rows>(p);
    case 10: return reverse_path<T, FixedSizes<5, 5>, Rows>(p);
    case 11: return reverse_path<T, FixedSizes<5, 7>, Rows>(p);
    default: return reverse_path<T, RunTimeSizes, Rows>(p);
  }
}

template <class T>
PathAtReceiver<T> at_receiver(const EdgeConvolutionArguments<T>& c, const ConvolutionPathView<T>& path, int block,
                              int receiver) {
  const std::ptrdiff_t b = block;
  return {&c.tile,
          &path,
          c.tile.first[receiver],
          c.tile.first[receiver + 1],
          path.table + b * path.table_stride,
          path.features + b * path.features_stride,
          path.features_bar ? path.features_bar + b * path.features_stride : nullptr,
          path.out + receiver * path.out_stride + b * kLanes<T>,
          reinterpret_cast<Vector<T>*>(c.scratch),
          c.n_harmonics};
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
  const Vector<T>* sums = reinterpret_cast<const Vector<T>*>(c.scratch);
  for (int e = begin; e < end; ++e) {
    for (int k = 0; k < c.n_harmonics; ++k) c.harmonics_bar[e * c.n_harmonics + k] += horizontal_sum<T>(*sums++);
    c.lengths_bar[e] += horizontal_sum<T>(*sums++);
  }
}

}  // namespace

template <class T>
void edge_convolution_forward(const EdgeConvolutionArguments<T>& c) {
  const bool table = c.tile.n_radial_rows == kTableRows;
  for (int block = 0; block < largest_block_count(c); ++block)
    for (int k = 0; k < c.n_paths; ++k) {
      if (block >= c.paths[k].n_blocks) continue;
      for (int i = 0; i < c.tile.n_receivers; ++i) {
        const PathAtReceiver<T> p = at_receiver(c, c.paths[k], block, i);
        table ? forward_path_of<T, kTableRows>(p) : forward_path_of<T, 0>(p);
      }
    }
}

template <class T>
void edge_convolution_reverse(const EdgeConvolutionArguments<T>& c) {
  const bool table = c.tile.n_radial_rows == kTableRows;
  for (int block = 0; block < largest_block_count(c); ++block)
    for (int i = 0; i < c.tile.n_receivers; ++i) {
      const int begin = c.tile.first[i], end = c.tile.first[i + 1];
      Vector<T>* sums = reinterpret_cast<Vector<T>*>(c.scratch);
      for (int s = 0; s < (end - begin) * (c.n_harmonics + 1); ++s) sums[s] = zero<T>();
      for (int k = 0; k < c.n_paths; ++k) {
        if (block >= c.paths[k].n_blocks) continue;
        const PathAtReceiver<T> p = at_receiver(c, c.paths[k], block, i);
        table ? reverse_path_of<T, kTableRows>(p) : reverse_path_of<T, 0>(p);
      }
      add_block_sums(c, begin, end);
    }
}

template void edge_convolution_forward<double>(const EdgeConvolutionArguments<double>&);
template void edge_convolution_forward<float>(const EdgeConvolutionArguments<float>&);
template void edge_convolution_reverse<double>(const EdgeConvolutionArguments<double>&);
template void edge_convolution_reverse<float>(const EdgeConvolutionArguments<float>&);

}  // namespace kiln::kernels::KILN_LEVEL
