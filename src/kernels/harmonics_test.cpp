#include "kernels/harmonics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

#include "golden.h"
#include "kernels/level_list.h"
#include "kiln/error.h"

namespace kiln {
namespace {

std::vector<double> scales_of(const std::string& normalization, int lmax) {
  std::vector<double> scales;
  for (int l = 0; l <= lmax; ++l)
    scales.push_back(normalization == "norm"       ? 1.0 / std::sqrt(2.0 * l + 1.0)
                     : normalization == "integral" ? 1.0 / std::sqrt(4.0 * std::acos(-1.0))
                                                   : 1.0);
  return scales;
}

std::vector<double> random_vectors(int n) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  std::vector<double> vectors(3 * n);
  for (double& x : vectors) x = normal(random);
  return vectors;
}

std::vector<double> values_of(const HarmonicsBasis& basis, const std::vector<double>& vectors, VectorLevel level) {
  const int n = static_cast<int>(vectors.size() / 3);
  std::vector<double> values(static_cast<std::size_t>(n) * basis.factors.size());
  harmonics_forward(basis, n, vectors.data(), values.data(), level);
  return values;
}

TEST(Harmonics, EqualE3nn) {
  for (const auto& c : golden::cases("harmonics")) {
    const int lmax = c.at("config").at("lmax");
    const std::string normalization = c.at("config").at("normalization");
    const HarmonicsBasis basis = make_harmonics(scales_of(normalization, lmax));
    const std::vector<double> vectors = golden::numbers(c.at("inputs").at("vectors"));
    for (const VectorLevel level : supported_levels())
      EXPECT_TRUE(golden::relative_difference(values_of(basis, vectors, level),
                                              golden::numbers(c.at("outputs").at("values"))) <= 1e-12)
          << normalization << name_of(level);
  }
}

TEST(Harmonics, JacobianEqualsE3nn) {
  const auto c = golden::read("harmonics").at("cases").at(0);
  const HarmonicsBasis basis = make_harmonics(scales_of(c.at("config").at("normalization"), c.at("config").at("lmax")));
  const std::vector<double> vectors = golden::numbers(c.at("inputs").at("vectors"));
  const std::vector<double> jacobian = golden::numbers(c.at("outputs").at("jacobian"));
  const std::size_t n = vectors.size() / 3, n_values = basis.factors.size();
  std::vector<double> got(jacobian.size());
  for (std::size_t k = 0; k < n_values; ++k) {
    std::vector<double> values_bar(n * n_values, 0.0), vectors_bar(3 * n, 0.0);
    for (std::size_t e = 0; e < n; ++e) values_bar[e * n_values + k] = 1.0;
    harmonics_reverse(basis, static_cast<int>(n), vectors.data(), values_bar.data(), vectors_bar.data(), best_level());
    for (std::size_t e = 0; e < n; ++e)
      for (int x = 0; x < 3; ++x) got[(e * n_values + k) * 3 + x] = vectors_bar[3 * e + x];
  }
  EXPECT_TRUE(golden::relative_difference(got, jacobian) <= 1e-12);
}

TEST(Harmonics, SquaresAddUpAtEveryDegree) {
  const HarmonicsBasis basis = make_harmonics(scales_of("component", kMaxHarmonicsDegree));
  const std::vector<double> vectors = random_vectors(13);
  const std::vector<double> y = values_of(basis, vectors, best_level());
  for (int e = 0; e < 13; ++e)
    for (int l = 0; l <= kMaxHarmonicsDegree; ++l) {
      double sum = 0.0;
      for (int m = 0; m <= 2 * l; ++m) sum += std::pow(y[e * 144 + l * l + m], 2);
      EXPECT_TRUE(std::abs(sum - (2 * l + 1)) <= 1e-11) << l;
    }
}

TEST(Harmonics, ReverseIsTheDerivativeOfForward) {
  const HarmonicsBasis basis = make_harmonics(scales_of("component", kMaxHarmonicsDegree));
  std::vector<double> vectors = random_vectors(5);
  const std::vector<double> bar = random_vectors(5 * 144 / 3);
  const auto loss = [&](VectorLevel level) {
    const std::vector<double> y = values_of(basis, vectors, level);
    double sum = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * bar[i];
    return sum;
  };
  for (const VectorLevel level : supported_levels()) {
    std::vector<double> gradient(vectors.size(), 0.0);
    harmonics_reverse(basis, 5, vectors.data(), bar.data(), gradient.data(), level);
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      const double x = vectors[i], h = 1e-5;
      vectors[i] = x + h;
      const double up = loss(level);
      vectors[i] = x - h;
      const double down = loss(level);
      vectors[i] = x;
      EXPECT_TRUE(std::abs((up - down) / (2 * h) - gradient[i]) <= 1e-6 * (1.0 + std::abs(gradient[i])));
    }
  }
}

TEST(Harmonics, ZeroVectorHasOnlyTheConstant) {
  const HarmonicsBasis basis = make_harmonics(scales_of("integral", 4));
  const std::vector<double> zero(3, 0.0), bar(25, 1.0);
  const std::vector<double> y = values_of(basis, zero, best_level());
  EXPECT_NEAR(y[0], 1.0 / std::sqrt(4.0 * std::acos(-1.0)), 1e-15);
  for (int k = 1; k < 25; ++k) EXPECT_EQ(y[k], 0.0);
  std::vector<double> gradient(3, 0.0);
  harmonics_reverse(basis, 1, zero.data(), bar.data(), gradient.data(), best_level());
  for (const double g : gradient) EXPECT_EQ(g, 0.0);
}

TEST(Harmonics, DegreeIsLimited) {
  EXPECT_THROW(make_harmonics(std::vector<double>(13, 1.0)), Error);
  EXPECT_THROW(make_harmonics({}), Error);
}

}  // namespace
}  // namespace kiln
