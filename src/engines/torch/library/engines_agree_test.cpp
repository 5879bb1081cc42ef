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

/// A short edge set for the last layer, a longer one for the first (KIM's staged graphs).
const char* const kTwoEdgeSets = R"(
model_inputs: {species: '', coords: '', edge_index0: {role: edges, cutoff: 2.5}, edge_index1: {role: edges, cutoff: 3.5}}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: model_inputs.species}}
  near: {type: SphericalHarmonicEdgeAttrs, inputs: {pos: model_inputs.coords, edge_index: model_inputs.edge_index0}}
  far: {type: SphericalHarmonicEdgeAttrs, inputs: {pos: model_inputs.coords, edge_index: model_inputs.edge_index1}}
  radial_near: {type: RadialBasisEdgeEncoding, config: {r_max: 2.5}, inputs: {edge_lengths: near.edge_lengths}}
  radial_far: {type: RadialBasisEdgeEncoding, config: {r_max: 3.5}, inputs: {edge_lengths: far.edge_lengths}}
  embedding: {type: AtomwiseLinear, config: {irreps_out_block: [{l: 0, mul: 4}]}, inputs: {h: elements}}
  first:
    type: MACE_layer
    config: {lmax: 2, correlation: 2, num_elements: 2, hidden_irreps_block: [{l: 0, mul: 4}, {l: 1, mul: 4}],
             radial: {tabulated: {knots: 32}}}
    inputs: {vectors: far.edge_vec, node_feats: embedding, node_attrs: elements, edge_feats: radial_far,
             edge_index: model_inputs.edge_index1}
  last:
    type: MACE_layer
    config: {lmax: 2, correlation: 2, num_elements: 2, hidden_irreps_block: [{l: 0, mul: 4}],
             radial: {tabulated: {knots: 32}}}
    inputs: {vectors: near.edge_vec, node_feats: first, node_attrs: elements, edge_feats: radial_near,
             edge_index: model_inputs.edge_index0}
  readout: {type: ScalarReadout, inputs: {h: last}}
  total: {type: AtomwiseSum, inputs: {src: readout}}
  slopes: {type: Derivatives, inputs: {energy: total}}
model_outputs: {energy: total, forces: slopes.forces, virial: slopes.virial}
)";

TEST(TwoEdgeSets, EnginesAgree) {
  const LoweredGraph graph = lowered(kTwoEdgeSets);
  ASSERT_EQ(graph.edge_sets.size(), 2u);
  const Weights weights = init_weights(graph, 11);
  const AtomGraph crystal = atom_graph(random_crystal(3, 2), graph, 2);
  const EngineOutput torch = evaluate(*torch_engine(graph, weights), crystal);
  const EngineOutput native = evaluate(*make_native_engine(graph, weights, Precision::f64), crystal);
  EXPECT_TRUE(largest_difference(torch.energies, native.energies) <= 1e-10 * (1.0 + largest(native.energies)));
  for (const std::size_t set : {0, 1}) {
    EXPECT_GT(largest(native.edge_gradients[set]), 1e-6);
    EXPECT_TRUE(largest_difference(torch.edge_gradients[set], native.edge_gradients[set]) <=
                1e-10 * (1.0 + largest(native.edge_gradients[set])));
  }
}

}  // namespace
}  // namespace kiln
