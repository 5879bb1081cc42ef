#include "kernels/symmetric_basis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "golden.h"

namespace kiln {
namespace {

int natural_parity(int l) { return l % 2 == 0 ? 1 : -1; }

struct PathCount {
  int lmax, l_out;
  int unsymmetrized[3], independent[3];
};
constexpr PathCount kPathCounts[] = {  // L6 of the golden numbers
    {1, 0, {1, 2, 4}, {1, 2, 2}},   {1, 1, {1, 2, 6}, {1, 1, 2}},  {2, 0, {1, 3, 11}, {1, 3, 5}},
    {2, 1, {1, 4, 21}, {1, 2, 5}},  {2, 2, {1, 4, 23}, {1, 3, 6}}, {3, 0, {1, 4, 23}, {1, 4, 8}},
    {3, 1, {1, 6, 51}, {1, 3, 12}}, {3, 2, {1, 7, 65}, {1, 5, 14}}};

TEST(SymmetricBasis, PathCounts) {
  for (const PathCount& c : kPathCounts)
    for (int degree = 1; degree <= 3; ++degree) {
      const SymmetricBasis basis = symmetric_basis(c.lmax, c.l_out, natural_parity(c.l_out), degree);
      EXPECT_EQ(basis.n_unsymmetrized, c.unsymmetrized[degree - 1]) << c.lmax << c.l_out << degree;
      EXPECT_EQ(basis.n_paths, c.independent[degree - 1]) << c.lmax << c.l_out << degree;
    }
}

/// Two ways to one number: the rank of what is built, and the characters of the symmetric power.
TEST(SymmetricBasis, AreAsManyAsIsCounted) {
  const int highest_lmax[] = {0, 5, 4, 3, 2};  // by degree
  for (int degree = 1; degree <= 4; ++degree)
    for (int lmax = 0; lmax <= highest_lmax[degree]; ++lmax)
      for (int l = 0; l <= lmax; ++l)
        for (const int parity : {1, -1})
          EXPECT_EQ(symmetric_basis(lmax, l, parity, degree).n_paths, n_symmetric_paths(lmax, l, parity, degree))
              << degree << lmax << l << parity;
  EXPECT_EQ(n_symmetric_paths(2, 5, -1, 2), 0);
}

/// [path, path'] of one component of the output; orderings of a monomial share its coefficient.
double overlap(const SymmetricBasis& basis, int a, int b, int m) {
  const int n_m = 2 * basis.l_out + 1;
  double sum = 0.0;
  for (int t = 0; t < basis.n_monomials; ++t) {
    double orderings = 1.0;
    for (int i = 0, repeats = 0; i < basis.degree; ++i) {
      const int* monomial = &basis.monomials[t * basis.degree];
      repeats = i > 0 && monomial[i] == monomial[i - 1] ? repeats + 1 : 1;
      orderings *= double(i + 1) / repeats;
    }
    sum += basis.coefficients[(a * n_m + m) * basis.n_monomials + t] *
           basis.coefficients[(b * n_m + m) * basis.n_monomials + t] / orderings;
  }
  return sum;
}

TEST(SymmetricBasis, PathsAreOrthonormalInEveryComponentAndStartPositive) {
  for (const int degree : {1, 2, 3, 4}) {
    const SymmetricBasis basis = symmetric_basis(2, 2, 1, degree);
    ASSERT_GT(basis.n_paths, 0);
    for (int a = 0; a < basis.n_paths; ++a) {
      for (int b = 0; b < basis.n_paths; ++b)
        for (int m = 0; m < 5; ++m) EXPECT_TRUE(std::abs(overlap(basis, a, b, m) - (a == b ? 1.0 : 0.0)) <= 1e-11);
      const double* first = &basis.coefficients[static_cast<std::size_t>(a) * 5 * basis.n_monomials];
      while (*first == 0.0) ++first;
      EXPECT_GT(*first, 0.0);
    }
  }
}

TEST(SymmetricBasis, DegreeOneIsTheIdentity) {
  const SymmetricBasis basis = symmetric_basis(3, 2, 1, 1);
  EXPECT_EQ(basis.monomials, (std::vector<int>{4, 5, 6, 7, 8}));
  for (int m = 0; m < 5; ++m)
    for (int t = 0; t < 5; ++t) EXPECT_EQ(flatten(basis)[m * 5 + t], m == t ? 1.0 : 0.0);
  EXPECT_EQ(basis.projection, std::vector<double>{1.0});
}

TEST(SymmetricBasis, UnnaturalParityNeedsThreeFactors) {
  EXPECT_EQ(symmetric_basis(2, 1, 1, 1).n_paths, 0);  // 1e
  EXPECT_EQ(symmetric_basis(2, 1, 1, 2).n_paths, 0);  // antisymmetric couplings only
  EXPECT_GT(symmetric_basis(2, 1, 1, 2).n_unsymmetrized, 0);
  EXPECT_GT(symmetric_basis(3, 1, 1, 3).n_paths, 0);
}

struct Contraction {
  nlohmann::json config, weights;
  std::vector<double> a, attributes;
  int n_nodes, channels, n_elements;

  /// KLay's weights of an output and degree, unsymmetrized.
  std::vector<double> weights_of(int output, int degree) const {
    const int back = config.at("correlation").get<int>() - degree;
    const std::string name = back == 0 ? "weights_max" : "weights." + std::to_string(back - 1);
    return golden::numbers(weights.at("contractions." + std::to_string(output) + "." + name));
  }

  double a_of(int node, int channel, int component) const {
    const int n = static_cast<int>(a.size()) / (n_nodes * channels);
    return a[(node * channels + channel) * n + component];
  }

  /// sum over elements and couplings of attribute * projection * weight
  double path_weight(const SymmetricBasis& basis, const std::vector<double>& unsymmetrized, int node, int channel,
                     int path) const {
    double sum = 0.0;
    for (int z = 0; z < n_elements; ++z)
      for (int k = 0; k < basis.n_unsymmetrized; ++k)
        sum += attributes[node * n_elements + z] * basis.projection[k * basis.n_paths + path] *
               unsymmetrized[(z * basis.n_unsymmetrized + k) * channels + channel];
    return sum;
  }

  double polynomial(const SymmetricBasis& basis, int node, int channel, int path, int m) const {
    double sum = 0.0;
    for (int t = 0; t < basis.n_monomials; ++t) {
      double product = basis.coefficients[(path * (2 * basis.l_out + 1) + m) * basis.n_monomials + t];
      for (int s = 0; s < basis.degree; ++s) product *= a_of(node, channel, basis.monomials[t * basis.degree + s]);
      sum += product;
    }
    return sum;
  }
};

/// Outputs 0e, 1o, … in the golden file, K copies each: [node][output][channel][m].
std::vector<double> contract(const Contraction& c, int n_outputs) {
  int dim = 0;
  for (int l = 0; l < n_outputs; ++l) dim += c.channels * (2 * l + 1);
  std::vector<double> b(static_cast<std::size_t>(c.n_nodes) * dim, 0.0);
  for (int l = 0, offset = 0; l < n_outputs; offset += c.channels * (2 * l + 1), ++l)
    for (int degree = 1; degree <= c.config.at("correlation").get<int>(); ++degree) {
      const SymmetricBasis basis = symmetric_basis(c.config.at("lmax"), l, natural_parity(l), degree);
      const std::vector<double> weights = c.weights_of(l, degree);
      for (int node = 0; node < c.n_nodes; ++node)
        for (int u = 0; u < c.channels; ++u)
          for (int k = 0; k < basis.n_paths; ++k) {
            const double w = c.path_weight(basis, weights, node, u, k);
            for (int m = 0; m <= 2 * l; ++m)
              b[node * dim + offset + u * (2 * l + 1) + m] += w * c.polynomial(basis, node, u, k, m);
          }
    }
  return b;
}

TEST(SymmetricBasis, ProjectedWeightsGiveMaceContractions) {
  for (const auto& c : golden::cases("symmetric_contraction")) {
    const auto shape = golden::shape(c.at("inputs").at("A"));
    Contraction contraction{c.at("config"),
                            c.at("weights"),
                            golden::numbers(c.at("inputs").at("A")),
                            golden::numbers(c.at("inputs").at("node_attrs")),
                            shape[0],
                            shape[1],
                            c.at("config").at("num_elements")};
    const std::string out = c.at("config").at("irreps_out");
    const int n_outputs = 1 + static_cast<int>(std::count(out.begin(), out.end(), '+'));
    EXPECT_TRUE(golden::relative_difference(contract(contraction, n_outputs),
                                            golden::numbers(c.at("outputs").at("B"))) <= 1e-12)
        << c.at("config").dump();
  }
}

}  // namespace
}  // namespace kiln
