#include "kernels/edge_convolution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <new>
#include <random>
#include <vector>

#include "kernels/coupling_pattern.h"
#include "kernels/level_list.h"
#include "kernels/levels.h"
#include "kernels/wigner_3j.h"

namespace kiln::kernels {
namespace {

constexpr int kChannels = 16, kSenders = 5, kTableSize = 40;

struct Degrees {
  int sender, edge, out;
};

/// Random numbers in memory that is aligned for vectors.
struct Buffer {
  explicit Buffer(std::size_t size, int seed = -1) : n(size), data(new (std::align_val_t(64)) double[size + 8]()) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < n && seed >= 0; ++i) data[i] = normal(random);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { ::operator delete[](data, std::align_val_t(64)); }
  std::size_t n;
  double* data;
};

/// One path on three receivers (the second one alone), with the four inputs of the form: senders, harmonics, radial
/// table, adjoint of the output; plain [.., channel] order.
struct Case {
  Degrees l;
  int n_rows;
  std::vector<CouplingTerm> terms;
  std::vector<int> first = {0, 4, 4, 7}, sender = {0, 3, 1, 4, 2, 3, 0}, radial_row = {0, 5, 11, 3, 30, 2, 17};
  Buffer x, harmonics, weights, slopes, table, out_bar;
  int n_in, n_edge, n_out;

  Case(Degrees degrees, int rows)
      : l(degrees),
        n_rows(rows),
        terms(wigner_3j(l.sender, l.edge, l.out)),
        x(kSenders * (2 * l.sender + 1) * kChannels, 1),
        harmonics(7 * (l.edge + 1) * (l.edge + 1), 2),
        weights(7 * rows, 3),
        slopes(7 * rows, 4),
        table((kTableSize + rows) * kChannels, 5),
        out_bar(3 * (2 * l.out + 1) * kChannels, 6),
        n_in(2 * l.sender + 1),
        n_edge((l.edge + 1) * (l.edge + 1)),
        n_out(2 * l.out + 1) {}

  double radial(const Buffer& w, int e, int u) const {
    double sum = 0.0;
    for (int q = 0; q < n_rows; ++q) sum += w.data[e * n_rows + q] * table.data[(radial_row[e] + q) * kChannels + u];
    return sum;
  }
  const double* sender_row(int e) const { return x.data + sender[e] * n_in * kChannels; }
  double harmonic(int e, int m2) const { return harmonics.data[e * n_edge + l.edge * l.edge + m2]; }
};

/// What the kernel reads, in its layout.
struct Arranged {
  const KernelTable<double>& kernels;
  std::vector<double> couplings, values;
  std::vector<CouplingElement<double>> elements;
  Buffer table, features, features_bar, scratch;
  std::vector<double> harmonics_bar, lengths_bar;
  ConvolutionPathView<double> path;
  EdgeConvolutionArguments<double> arguments;

  Arranged(const Case& c, VectorLevel level)
      : kernels(kernel_table<double>(level)),
        couplings(7 * c.n_out * c.n_in, 0.0),
        table(c.table.n),
        features(c.x.n),
        features_bar(c.x.n),
        scratch((4 * (c.n_edge + 1) + kernels.lanes) * kernels.lanes),
        harmonics_bar(7 * c.n_edge, 0.0),
        lengths_bar(7, 0.0) {
    const int lanes = kernels.lanes;
    for (const CouplingTerm& t : c.terms) {
      elements.push_back({c.l.edge * c.l.edge + t.m2, t.m3 * c.n_in + t.m1, t.value});
      for (int e = 0; e < 7; ++e) couplings[(e * c.n_out + t.m3) * c.n_in + t.m1] += t.value * c.harmonic(e, t.m2);
    }
    arrange_values(c);
    blocks(c.table.data, kTableSize + c.n_rows, lanes, table.data);
    blocks(c.x.data, kSenders * c.n_in, lanes, features.data);
    path.l_sender = c.l.sender;
    path.l_edge = c.l.edge;
    path.l_out = c.l.out;
    path.n_blocks = kChannels / lanes;
    path.table = table.data;
    path.table_stride = (kTableSize + c.n_rows) * lanes;
    path.features = features.data;
    path.features_bar = features_bar.data;
    path.features_stride = kSenders * c.n_in * lanes;
    path.out_stride = c.n_out * kChannels;
    path.out_component_stride = kChannels;
    path.elements = elements.data();
    path.n_elements = static_cast<int>(elements.size());
    path.values = values.data();
    arguments.tile.n_receivers = 3;
    arguments.tile.first = c.first.data();
    arguments.tile.sender = c.sender.data();
    arguments.tile.radial_row = c.radial_row.data();
    arguments.tile.n_radial_rows = c.n_rows;
    arguments.tile.radial_weights = c.weights.data;
    arguments.tile.radial_slopes = c.slopes.data;
    arguments.tile.n_couplings = c.n_out * c.n_in;
    arguments.tile.couplings = couplings.data();
    arguments.paths = &path;
    arguments.n_paths = 1;
    arguments.n_harmonics = c.n_edge;
    arguments.harmonics_bar = harmonics_bar.data();
    arguments.lengths_bar = lengths_bar.data();
    arguments.scratch = scratch.data;
  }

  void arrange_values(const Case& c) {
    for (int m3 = 0; m3 < c.n_out; ++m3)
      for (int m1 = 0; m1 < c.n_in; ++m1)
        for (int m2 = 0; m2 <= 2 * c.l.edge; ++m2) {
          if (!coupling_allowed(c.l.sender, m1, c.l.edge, m2, c.l.out, m3)) continue;
          values.push_back(0.0);
          for (const CouplingTerm& t : c.terms)
            if (t.m1 == m1 && t.m2 == m2 && t.m3 == m3) values.back() = t.value;
        }
  }

  /// [row, channel] -> [block][row][lane]
  static void blocks(const double* rows, int n_rows, int lanes, double* to) {
    for (int r = 0; r < n_rows; ++r)
      for (int u = 0; u < kChannels; ++u) to[(u / lanes * n_rows + r) * lanes + u % lanes] = rows[r * kChannels + u];
  }
};

bool close(double a, double b) { return std::abs(a - b) <= 1e-12 * (1.0 + std::abs(a) + std::abs(b)); }

class EdgeConvolutionKernel : public testing::TestWithParam<std::tuple<Degrees, int>> {};

std::vector<Degrees> all_degrees() {
  std::vector<Degrees> list;
  for (int l1 = 0; l1 <= kStraightSender; ++l1)
    for (int l2 = 0; l2 <= kStraightEdge; ++l2)
      for (int l3 = std::abs(l1 - l2); l3 <= std::min(l1 + l2, kStraightOut); ++l3) list.push_back({l1, l2, l3});
  list.push_back({3, 2, 3});
  list.push_back({2, 4, 5});
  return list;
}

INSTANTIATE_TEST_SUITE_P(Paths, EdgeConvolutionKernel,
                         testing::Combine(testing::ValuesIn(all_degrees()), testing::Values(6, 9)));

TEST_P(EdgeConvolutionKernel, EqualsLoops) {
  const Case c(std::get<0>(GetParam()), std::get<1>(GetParam()));
  for (const VectorLevel level : supported_levels()) {
    Arranged a(c, level);
    Buffer out(c.out_bar.n);
    a.path.out = out.data;
    a.kernels.edge_convolution_forward(a.arguments);
    a.path.out = c.out_bar.data;
    a.kernels.edge_convolution_reverse(a.arguments);

    std::vector<double> want(out.n, 0.0), harmonics_bar(7 * c.n_edge, 0.0), lengths_bar(7, 0.0), x_bar(c.x.n, 0.0);
    for (int i = 0; i < 3; ++i)
      for (int e = c.first[i]; e < c.first[i + 1]; ++e)
        for (int u = 0; u < kChannels; ++u)
          for (const CouplingTerm& t : c.terms) {
            const int out_at = (i * c.n_out + t.m3) * kChannels + u, x_at = t.m1 * kChannels + u;
            const double radial = c.radial(c.weights, e, u), y = c.harmonic(e, t.m2), x = c.sender_row(e)[x_at];
            const double bar = t.value * c.out_bar.data[out_at];
            want[out_at] += t.value * radial * x * y;
            harmonics_bar[e * c.n_edge + c.l.edge * c.l.edge + t.m2] += bar * radial * x;
            lengths_bar[e] += bar * c.radial(c.slopes, e, u) * x * y;
            x_bar[c.sender[e] * c.n_in * kChannels + x_at] += bar * radial * y;
          }
    for (std::size_t k = 0; k < out.n; ++k) EXPECT_TRUE(close(out.data[k], want[k]));
    for (std::size_t k = 0; k < harmonics_bar.size(); ++k) EXPECT_TRUE(close(a.harmonics_bar[k], harmonics_bar[k]));
    for (int e = 0; e < 7; ++e) EXPECT_TRUE(close(a.lengths_bar[e], lengths_bar[e]));
    std::vector<double> x_bar_blocks(x_bar.size());
    Arranged::blocks(x_bar.data(), kSenders * c.n_in, a.kernels.lanes, x_bar_blocks.data());
    for (std::size_t k = 0; k < x_bar.size(); ++k) EXPECT_TRUE(close(a.features_bar.data[k], x_bar_blocks[k]));
  }
}

}  // namespace
}  // namespace kiln::kernels
