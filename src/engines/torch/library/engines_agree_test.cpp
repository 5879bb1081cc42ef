#include <gtest/gtest.h>

#include "engines/native/native_engine.h"
#include "engines/torch/library/test_engines.h"

// The torch text is the oracle of the native engine: same lowered graph, same weights, same numbers.

namespace kiln {
namespace {

using namespace test;

class EnginesAgree : public testing::TestWithParam<MaceOptions> {
 protected:
  void compare(Precision precision, double tolerance) {
    const LoweredGraph graph = lowered(mace_yaml(GetParam()));
    const Weights weights = init_weights(graph, 11);
    const int n_species = GetParam().n_species;
    const AtomGraph both =
        batch(std::vector<AtomGraph>{atom_graph(random_crystal(3, n_species), graph, n_species),
                                     atom_graph(random_crystal(2, n_species, 3, false), graph, n_species)});
    const EngineOutput torch = evaluate(*torch_engine(graph, weights, precision), both);
    const EngineOutput native = evaluate(*make_native_engine(graph, weights, precision), both);
    EXPECT_TRUE(largest_difference(torch.energies, native.energies) <= tolerance * (1.0 + largest(native.energies)));
    EXPECT_TRUE(largest_difference(torch.atom_energies, native.atom_energies) <=
                tolerance * (1.0 + largest(native.atom_energies)));
    EXPECT_TRUE(largest_difference(torch.edge_gradients[0], native.edge_gradients[0]) <=
                tolerance * (1.0 + largest(native.edge_gradients[0])));
  }
};

INSTANTIATE_TEST_SUITE_P(Models, EnginesAgree, testing::ValuesIn(torch_models()), torch_model_name);

TEST_P(EnginesAgree, DoublePrecision) { compare(Precision::f64, 1e-10); }

TEST_P(EnginesAgree, SinglePrecision) { compare(Precision::f32, 1e-5); }

/// Rows behind the owned ones send messages but have no energy.
TEST_P(EnginesAgree, WithGhosts) {
  const LoweredGraph graph = lowered(mace_yaml(GetParam()));
  const Weights weights = init_weights(graph, 11);
  AtomGraph cluster = atom_graph(random_crystal(2, GetParam().n_species, 4, false), graph, GetParam().n_species);
  cluster.n_rows.front() = 3;
  cluster.structure.resize(3);
  const EngineOutput torch = evaluate(*torch_engine(graph, weights), cluster);
  const EngineOutput native = evaluate(*make_native_engine(graph, weights, Precision::f64), cluster);
  ASSERT_EQ(torch.atom_energies.size(), 3u);
  EXPECT_TRUE(largest_difference(torch.energies, native.energies) <= 1e-10 * (1.0 + largest(native.energies)));
  EXPECT_TRUE(largest_difference(torch.edge_gradients[0], native.edge_gradients[0]) <=
              1e-10 * (1.0 + largest(native.edge_gradients[0])));
}

}  // namespace
}  // namespace kiln
