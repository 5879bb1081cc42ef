#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "golden.h"
#include "kernels/radial_basis.h"
#include "kernels/radial_network.h"

namespace kiln {
namespace {

const double kPi = std::acos(-1.0);

TEST(RadialBasis, EqualsKlay) {
  for (const auto& c : golden::cases("radial_basis")) {
    const BesselBasis basis{c.at("config").at("r_max"), c.at("config").at("polynomial_degree"),
                            golden::numbers(c.at("weights").at("basis.bessel_weights"))};
    const std::vector<double> lengths = golden::numbers(c.at("inputs").at("edge_lengths"));
    const std::vector<double> values = golden::numbers(c.at("outputs").at("values"));
    const std::vector<double> slopes = golden::numbers(c.at("outputs").at("derivative"));
    const std::vector<double> cutoff = golden::numbers(c.at("outputs").at("cutoff"));
    const std::size_t n = basis.frequencies.size();
    for (std::size_t e = 0; e < lengths.size(); ++e) {
      const RadialUnits units = radial_basis_units(basis, lengths[e]);
      EXPECT_TRUE(std::abs(polynomial_cutoff(lengths[e], basis.cutoff, basis.degree).value - cutoff[e]) <= 1e-13);
      for (std::size_t k = 0; k < n; ++k) {
        EXPECT_TRUE(std::abs(units.values[k] - values[e * n + k]) <= 1e-13) << lengths[e];
        EXPECT_TRUE(std::abs(units.slopes[k] - slopes[e * n + k]) <= 1e-12 * (1.0 + std::abs(slopes[e * n + k])))
            << lengths[e];
      }
    }
  }
}

TEST(RadialBasis, GoldenNumbers) {  // L4 and L5: KLay, r_max 4, N 4, p 6
  const BesselBasis basis{4.0, 6.0, {kPi, 2 * kPi, 3 * kPi, 4 * kPi}};
  const double want[3][4] = {{0.35205903193, 0.49788665771, 0.35205903193, 0.0},
                             {0.11645777523, -0.089132922303, -0.048238389945, 0.12605298758},
                             {8.00868574e-06, -1.5967995269e-05, 2.3828856798e-05, -3.15428055e-05}};
  const double lengths[3] = {1.0, 2.5, 3.9};
  for (int e = 0; e < 3; ++e)
    for (int n = 0; n < 4; ++n)
      EXPECT_TRUE(std::abs(radial_basis_units(basis, lengths[e]).values[n] - want[e][n]) <=
                  1e-9 * std::abs(want[e][n]) + 1e-15);
  EXPECT_NEAR(polynomial_cutoff(0.5, 4.0, 6.0).value, 0.99991482496, 1e-11);
  EXPECT_NEAR(polynomial_cutoff(3.9, 4.0, 6.0).value, 7.9618236984e-04, 1e-13);
}

TEST(RadialBasis, LimitAtZeroAndNothingBeyondTheCutoff) {
  const BesselBasis basis{5.0, 6.0, {kPi, 7.0}};
  const RadialUnits zero = radial_basis_units(basis, 0.0), small = radial_basis_units(basis, 1e-9);
  for (int n = 0; n < 2; ++n) {
    EXPECT_NEAR(zero.values[n], 2.0 * basis.frequencies[n] / 25.0, 1e-15);
    EXPECT_NEAR(zero.slopes[n], 0.0, 1e-15);
    EXPECT_NEAR(small.values[n], zero.values[n], 1e-12);
  }
  for (const double length : {5.0, std::nextafter(5.0, 6.0), 7.0, 1e300, std::numeric_limits<double>::infinity()})
    for (const double x : radial_basis_units(basis, length).values) EXPECT_EQ(x, 0.0);
}

TEST(RadialBasis, SlopeIsTheDerivative) {
  const BesselBasis basis{5.0, 5.5, {kPi, 2 * kPi, 20.0}};  // fractional degree
  for (const double r : {1e-3, 0.02, 0.07, 0.5, 2.0, 4.9, 4.999}) {
    const double h = 1e-6;
    const RadialUnits at = radial_basis_units(basis, r), up = radial_basis_units(basis, r + h),
                      down = radial_basis_units(basis, r - h);
    for (int n = 0; n < 3; ++n)
      EXPECT_TRUE(std::abs((up.values[n] - down.values[n]) / (2 * h) - at.slopes[n]) <= 1e-8) << r;
  }
}

/// A network that turns its input's slopes into its output's: compared with the Jacobian product of the golden file.
TEST(RadialNetwork, EqualsE3nn) {
  for (const auto& c : golden::cases("radial_network")) {
    RadialNetwork network{c.at("config").at("widths").get<std::vector<int>>(), {}};
    for (std::size_t k = 0; k + 1 < network.widths.size(); ++k)
      network.weights.push_back(golden::numbers(c.at("weights").at("layer" + std::to_string(k) + ".weight")));
    const std::vector<double> x = golden::numbers(c.at("inputs").at("x")), y = golden::numbers(c.at("outputs").at("y"));
    const std::vector<double> y_bar = golden::numbers(c.at("inputs").at("y_bar"));
    const std::vector<double> x_bar = golden::numbers(c.at("outputs").at("x_bar"));
    const std::size_t n_in = network.widths.front(), n_out = network.widths.back(), n = x.size() / n_in;
    std::vector<double> got;
    for (std::size_t row = 0; row < n; ++row) {
      RadialUnits input{{x.begin() + row * n_in, x.begin() + (row + 1) * n_in}, std::vector<double>(n_in, 0.0)};
      input.slopes[row % n_in] = 1.0;
      const RadialUnits output = network_outputs(network, input);
      got.insert(got.end(), output.values.begin(), output.values.end());
      double slope = 0.0;
      for (std::size_t k = 0; k < n_out; ++k) slope += output.slopes[k] * y_bar[row * n_out + k];
      EXPECT_TRUE(std::abs(slope - x_bar[row * n_in + row % n_in]) <= 1e-12 * (1.0 + std::abs(slope)));
    }
    EXPECT_TRUE(golden::relative_difference(got, y) <= 1e-12);
  }
}

TEST(RadialNetwork, SiluConstantIsThatOfE3nn) {
  const auto constants = golden::read("activation_constants").at("constants");
  EXPECT_EQ(kSiluConstant, constants.at("silu").at("e3nn").get<double>());
}

}  // namespace
}  // namespace kiln
