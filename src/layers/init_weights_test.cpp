#include <gtest/gtest.h>

#include <cmath>

#include "kernels/symmetric_basis.h"
#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

double mean_square(const Array& array) {
  double sum = 0.0;
  for (double x : array.data) sum += x * x;
  return sum / static_cast<double>(array.size());
}

TEST(InitWeights, ShapesDeviationsAndConstants) {
  const std::string text =
      with(with(kOneLayer, "src: readout,", "src: [scaled, base],"), "  total:",
           "  scaled: {type: ScaleShift, config: {scale: 2.5, shift: -1}, inputs: {h: readout}}\n"
           "  base: {type: PerSpeciesEnergy, config: {energies: [1, -2]}, inputs: {species: species}}\n  total:");
  const LoweredGraph graph = lowered(text);
  const Weights weights = init_weights(graph, 1);
  ASSERT_EQ(weights.size(), graph.parameters.size());
  for (const ParameterSpec& parameter : graph.parameters) {
    EXPECT_EQ(weights.at(parameter.name).shape, parameter.shape);
    for (double value : weights.at(parameter.name).data) EXPECT_TRUE(std::isfinite(value));
  }
  EXPECT_NEAR(mean_square(weights.at("conv.interaction.conv_tp_weights.layer1.weight")), 1.0, 0.1);  // 4096 values
  EXPECT_EQ(weights.at("scaled.scale").data, std::vector<double>{2.5});
  EXPECT_EQ(weights.at("scaled.shift").data, std::vector<double>{-1.0});
  EXPECT_EQ(weights.at("base.energies").data, (std::vector<double>{1.0, -2.0}));
  EXPECT_NEAR(weights.at("radial.basis.bessel_weights").data[7], 8 * std::acos(-1.0), 1e-13);
}

TEST(InitWeights, DependOnSeedAndNameOnly) {
  const Weights one = init_weights(lowered(kOneLayer), 5);
  const std::string moved =
      with(with(kOneLayer, "  readout: {type: ScalarReadout, inputs: {h: conv}}\n", ""), "model_layers:\n",
           "model_layers:\n  readout: {type: ScalarReadout, inputs: {h: conv}}\n");
  const Weights other = init_weights(lowered(moved), 5);
  for (const auto& [name, array] : one) EXPECT_EQ(array.data, other.at(name).data) << name;
  EXPECT_NE(init_weights(lowered(kOneLayer), 6).at("embedding.linear.weight").data,
            one.at("embedding.linear.weight").data);
}

/// A projected draw of n paths with deviation 1 / n has, per independent path, the variance
/// |column of the projection|^2 / n^2.
TEST(InitWeights, ContractionsAreDrawnUnsymmetrizedAndProjected) {
  const std::string text = with(with(kOneLayer, "correlation: 2, hidden_irreps_block: \"8x0e\"",
                                     "correlation: 2, hidden_irreps_block: \"1000x0e\""),
                                "lmax: 1, corr", "lmax: 2, corr");
  const Array weights = init_weights(lowered(text), 3).at("conv.product.contraction0.nu2");
  const SymmetricBasis basis = symmetric_basis(2, 0, 1, 2);
  ASSERT_EQ(weights.shape, (std::vector<std::int64_t>{2, basis.n_paths, 1000}));
  for (int k = 0; k < basis.n_paths; ++k) {
    double expected = 0.0, found = 0.0;
    for (int t = 0; t < basis.n_unsymmetrized; ++t) expected += std::pow(basis.projection[t * basis.n_paths + k], 2);
    expected /= std::pow(basis.n_unsymmetrized, 2);
    for (int c = 0; c < 1000; ++c) found += std::pow(weights.data[k * 1000 + c], 2) / 1000;
    EXPECT_NEAR(found / expected, 1.0, 0.25);  // 1000 draws: 0.045 is one standard deviation
  }
}

}  // namespace
}  // namespace kiln
