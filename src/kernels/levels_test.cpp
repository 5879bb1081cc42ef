#include "kernels/levels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <new>
#include <random>
#include <vector>

#include "kernels/contraction_polynomial.h"
#include "kernels/level_list.h"

namespace kiln::kernels {
namespace {

/// Vectors need alignment.
struct Buffer {
  explicit Buffer(std::size_t size) : n(size), data(new (std::align_val_t(64)) double[size + 8]()) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { ::operator delete[](data, std::align_val_t(64)); }
  void fill_random(int seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < n; ++i) data[i] = normal(random);
  }
  std::size_t n;
  double* data;
};

bool close(double a, double b) { return std::abs(a - b) <= 1e-13 * (1.0 + std::abs(a) + std::abs(b)); }

/// Matrix rows are (node row, component) pairs; five rows out of seven, three components, odd sizes.
TEST(LevelGemm, EqualsLoops) {
  constexpr int kDepth = 11, kColumns = 24, kComponents = 3, kStride = 32;
  const int rows[5] = {6, 0, 3, 2, 5};
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  std::vector<double> b(kDepth * kColumns);
  for (double& x : b) x = normal(random);
  for (const VectorLevel level : supported_levels())
    for (const bool accumulate : {false, true}) {
      const KernelTable<double>& table = kernel_table<double>(level);
      Buffer a(7 * kComponents * kStride), c(7 * kComponents * kStride), packed(b.size());
      a.fill_random(1);
      c.fill_random(2);
      const std::vector<double> before(c.data, c.data + c.n);
      for (int k = 0; k < kDepth; ++k)
        for (int j = 0; j < kColumns; ++j)
          packed.data[(j / table.lanes * kDepth + k) * table.lanes + j % table.lanes] = b[k * kColumns + j];
      Gemm<double> gemm;
      gemm.a = {a.data, kComponents * kStride, kStride};
      gemm.c = {c.data, kComponents * kStride, kStride};
      gemm.rows = rows;
      gemm.n_rows = 5;
      gemm.n_components = kComponents;
      gemm.depth = kDepth;
      gemm.b = packed.data;
      gemm.n_panels = kColumns / table.lanes;
      gemm.accumulate = accumulate;
      table.gemm(gemm);
      for (const int row : rows)
        for (int m = 0; m < kComponents; ++m)
          for (int j = 0; j < kColumns; ++j) {
            const std::size_t at = (row * kComponents + m) * kStride;
            double want = accumulate ? before[at + j] : 0.0;
            for (int k = 0; k < kDepth; ++k) want += a.data[at + k] * b[k * kColumns + j];
            EXPECT_TRUE(close(c.data[at + j], want)) << name_of(level);
          }
    }
}

struct ContractionCase {
  std::vector<std::vector<SymmetricBasis>> bases;
  ContractionPolynomial polynomial;
  static constexpr int kChannels = 16, kRows = 6;

  ContractionCase() {
    for (const int l : {0, 1, 2}) {
      bases.emplace_back();
      for (int degree = 1; degree <= 4; ++degree) bases.back().push_back(symmetric_basis(2, l, l % 2 ? -1 : 1, degree));
    }
    polynomial = contraction_polynomial(bases);
  }

  /// Coefficient of a term for a channel: any smooth function of both.
  static double coefficient(int term, int channel) { return std::sin(0.37 * term + 1.3 * channel); }

  void fill(Buffer& coefficients, int lanes) const {
    for (int t = 0; t < static_cast<int>(polynomial.terms.size()); ++t)
      for (int c = 0; c < kChannels; ++c)
        coefficients.data[(c / lanes * polynomial.terms.size() + t) * lanes + c % lanes] = coefficient(t, c);
  }

  double node_value(const double* a, int node) const {
    if (node == 0) return 1.0;
    if (node <= polynomial.n_components) return a[(node - 1) * kChannels];
    const ProductNode& product = polynomial.products[node - 1 - polynomial.n_components];
    return node_value(a, product.parent) * node_value(a, product.last);
  }

  /// a: first component of a channel.
  double value(const double* a, int output, int channel) const {
    double sum = 0.0;
    for (int t = polynomial.first_term[output]; t < polynomial.first_term[output + 1]; ++t)
      sum +=
          coefficient(t, channel) * node_value(a, polynomial.terms[t].parent) * node_value(a, polynomial.terms[t].last);
    return sum;
  }
};

ContractionArguments<double> arguments_of(const ContractionCase& c, const Buffer& coefficients, const Buffer& a,
                                          const Buffer& b, const Buffer& scratch, const int* rows, int lanes) {
  ContractionArguments<double> arguments;
  arguments.polynomial = view(c.polynomial);
  arguments.coefficients = coefficients.data;
  arguments.n_blocks = ContractionCase::kChannels / lanes;
  arguments.rows = rows;
  arguments.n_rows = ContractionCase::kRows;
  arguments.a = a.data;
  arguments.a_row_stride = c.polynomial.n_components * ContractionCase::kChannels;
  arguments.a_component_stride = ContractionCase::kChannels;
  arguments.b = b.data;
  arguments.b_row_stride = c.polynomial.n_outputs * ContractionCase::kChannels;
  arguments.b_component_stride = ContractionCase::kChannels;
  arguments.scratch = scratch.data;
  return arguments;
}

TEST(LevelContraction, ForwardAndReverse) {
  const ContractionCase c;
  constexpr int n = ContractionCase::kChannels;
  const int rows[ContractionCase::kRows] = {4, 0, 1, 5, 2, 3};
  Buffer a(c.kRows * c.polynomial.n_components * n), b_bar(c.kRows * c.polynomial.n_outputs * n);
  a.fill_random(4);
  b_bar.fill_random(5);
  for (const VectorLevel level : supported_levels()) {
    const KernelTable<double>& table = kernel_table<double>(level);
    Buffer coefficients(c.polynomial.terms.size() * n), b(b_bar.n), a_bar(a.n);
    Buffer scratch(2 * (1 + c.polynomial.n_components + c.polynomial.products.size()) * kContractionRows * table.lanes);
    c.fill(coefficients, table.lanes);
    ContractionArguments<double> arguments = arguments_of(c, coefficients, a, b, scratch, rows, table.lanes);
    table.contraction_forward(arguments);
    for (int row = 0; row < c.kRows; ++row)
      for (int o = 0; o < c.polynomial.n_outputs; ++o)
        for (int u = 0; u < n; ++u)
          EXPECT_TRUE(close(b.data[(row * c.polynomial.n_outputs + o) * n + u],
                            c.value(a.data + row * c.polynomial.n_components * n + u, o, u)));
    arguments.b = b_bar.data;
    arguments.a_bar = a_bar.data;
    table.contraction_reverse(arguments);
    for (int k = 0; k < static_cast<int>(a.n); k += 37) {  // finite differences of one number each
      const int row = k / (c.polynomial.n_components * n), u = k % n;
      double* a0 = a.data + row * c.polynomial.n_components * n + u;
      double difference = 0.0;
      const double x = a.data[k], h = 1e-5;
      for (const double sign : {1.0, -1.0}) {
        a.data[k] = x + sign * h;
        for (int o = 0; o < c.polynomial.n_outputs; ++o)
          difference += sign * c.value(a0, o, u) * b_bar.data[(row * c.polynomial.n_outputs + o) * n + u];
      }
      a.data[k] = x;
      EXPECT_TRUE(std::abs(difference / (2 * h) - a_bar.data[k]) <= 1e-6 * (1.0 + std::abs(a_bar.data[k])));
    }
    // The polynomial is linear in its coefficients.
    Buffer coefficients_bar(coefficients.n);
    arguments.n_rows = 1;
    arguments.coefficients_bar = coefficients_bar.data;
    table.contraction_coefficients_reverse(arguments);
    double linear = 0.0, direct = 0.0;
    for (std::size_t i = 0; i < coefficients.n; ++i) linear += coefficients.data[i] * coefficients_bar.data[i];
    for (int i = 0; i < c.polynomial.n_outputs * n; ++i) {
      const std::size_t at = rows[0] * c.polynomial.n_outputs * n + i;
      direct += b.data[at] * b_bar.data[at];
    }
    EXPECT_TRUE(std::abs(linear - direct) <= 1e-11 * (1.0 + std::abs(direct)));
  }
}

TEST(Levels, MultiplyAddsAreCounted) {
  for (const VectorLevel level : supported_levels())
    EXPECT_EQ(kernel_table<float>(level).multiply_adds(10), 120.0 * kernel_table<float>(level).lanes);
}

}  // namespace
}  // namespace kiln::kernels
