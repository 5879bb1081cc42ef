#include <gtest/gtest.h>

#include "engines/engine_laws.h"
#include "engines/torch/library/test_engines.h"
#include "kiln/error.h"

namespace kiln {
namespace {

using namespace test;

class TorchEngine : public testing::TestWithParam<MaceOptions> {
 protected:
  LoweredGraph graph = lowered(mace_yaml(GetParam()));
  Weights weights = init_weights(graph, 5);
  AtomGraph crystal = atom_graph(random_crystal(2, GetParam().n_species), graph, GetParam().n_species);
};

INSTANTIATE_TEST_SUITE_P(Models, TorchEngine, testing::ValuesIn(torch_models()), torch_model_name);

TEST_P(TorchEngine, EdgeGradientsAreDerivativesOfTheEnergy) {
  expect_edge_gradients(*torch_engine(graph, weights), crystal, 7);
}

TEST_P(TorchEngine, ObeysTheLaws) {
  const auto engine = torch_engine(graph, weights);
  const Evaluate evaluate = evaluator(*engine, graph, GetParam().n_species);
  const Structure structure = random_crystal(2, GetParam().n_species);
  expect_derivatives(evaluate, GetParam(), structure);
  expect_symmetries(evaluate, structure);
  expect_locality(evaluate, GetParam());
}

/// The end of the interaction is a matter of the radial functions; both kinds, in one layer since a scan is
/// a thousand evaluations.
TEST(TorchEngineCutoff, IsSmooth) {
  torch_library().set_threads(1);  // a dimer is too small to share
  for (const char* radial : {"exact", "{tabulated: {knots: 32}}"}) {
    MaceOptions model;
    model.n_layers = 1;
    model.radial = radial;
    const LoweredGraph graph = lowered(mace_yaml(model));
    const auto engine = torch_engine(graph, init_weights(graph, 5));
    expect_smoothness(evaluator(*engine, graph, model.n_species), model);
  }
}

/// A loss with the adjoints of energies and edge gradients; some numbers, no symmetry.
struct Loss {
  std::vector<double> energies_bar;
  std::vector<std::vector<double>> edge_gradients_bar;

  explicit Loss(const AtomGraph& graph) {
    for (int s = 0; s < graph.n_structures; ++s) energies_bar.push_back(0.3 + 0.2 * s);
    edge_gradients_bar.emplace_back();
    for (int i = 0; i < 3 * graph.edges[0].n_edges(); ++i) edge_gradients_bar[0].push_back(std::sin(1.7 * i));
  }
  double of(const EngineOutput& out) const {
    double sum = 0.0;
    for (std::size_t s = 0; s < energies_bar.size(); ++s) sum += energies_bar[s] * out.energies[s];
    for (std::size_t i = 0; i < edge_gradients_bar[0].size(); ++i)
      sum += edge_gradients_bar[0][i] * out.edge_gradients[0][i];
    return sum;
  }
};

TEST_P(TorchEngine, BackwardIsTheDerivativeOfALossOfEnergiesAndGradients) {
  const AtomGraph both = batch(std::vector<AtomGraph>{crystal, crystal});
  const auto engine = torch_engine(graph, weights);
  const Loss loss(both);
  EngineOutput out;
  Weights bar;
  engine->forward(both, true, out);
  engine->backward(loss.energies_bar, loss.edge_gradients_bar, bar);
  ASSERT_EQ(bar.size(), weights.size());
  for (const ParameterSpec& parameter : graph.parameters) {
    const Array& got = bar[parameter.name];
    ASSERT_EQ(got.shape, parameter.shape) << parameter.name;
    if (!parameter.trainable) {
      EXPECT_EQ(largest(got.data), 0.0) << parameter.name;
      continue;
    }
    const std::size_t i = got.data.size() / 2;
    const auto loss_at = [&](double shift) {
      Weights moved = weights;
      moved[parameter.name].data[i] += shift;
      engine->set_weights(moved);
      return loss.of(evaluate(*engine, both));
    };
    const double slope = central_difference(loss_at, 1e-3);
    EXPECT_TRUE(std::abs(slope - got.data[i]) <= 2e-7 * (1.0 + largest(got.data))) << parameter.name << "[" << i << "]";
  }
}

TEST_P(TorchEngine, BackwardOfEnergiesAlone) {
  const auto engine = torch_engine(graph, weights);
  EngineOutput out;
  Weights with, without;
  engine->forward(crystal, true, out);
  engine->backward({1.0}, {std::vector<double>(out.edge_gradients[0].size(), 0.0)}, with);
  engine->forward(crystal, false, out);
  EXPECT_TRUE(out.edge_gradients.empty());
  engine->backward({1.0}, {}, without);
  for (const auto& [name, array] : with) {
    EXPECT_TRUE(largest_difference(array.data, without[name].data) <= 1e-11 * (1.0 + largest(array.data))) << name;
  }
}

TEST_P(TorchEngine, ForwardEqualsEvaluate) {
  const auto engine = torch_engine(graph, weights);
  EngineOutput out;
  engine->forward(crystal, true, out);
  const EngineOutput same = evaluate(*engine, crystal);
  EXPECT_EQ(out.energies, same.energies);
  EXPECT_EQ(out.atom_energies, same.atom_energies);
  EXPECT_TRUE(largest_difference(out.edge_gradients[0], same.edge_gradients[0]) <=
              1e-13 * (1.0 + largest(same.edge_gradients[0])));
}

/// A model with torch.nn.BatchNorm1d behind its embedding; `keys` of that layer.
LoweredGraph normalized(const std::string& keys) {
  MaceOptions o;
  o.n_layers = 1;
  std::string yaml = mace_yaml(o);
  const std::string reads = "node_feats: embedding";
  yaml.replace(yaml.find(reads), reads.size(), "node_feats: norm");
  yaml.insert(yaml.find("  embedding:"), "  norm: {type: ArbitraryModule, " + keys +
                                             "config: {target: torch.nn.BatchNorm1d, args: [" +
                                             std::to_string(o.channels) + "]}, inputs: {0: embedding}}\n");
  return lowered(yaml);
}

/// In training mode everything is a function of the whole batch.
TEST(TorchEngineStatistics, BackwardIsTheDerivativeOfForward) {
  const LoweredGraph graph = normalized("");
  const Weights weights = init_weights(graph, 5);
  std::vector<AtomGraph> crystals;
  for (const int n_cells : {2, 3})
    crystals.push_back(atom_graph(random_crystal(n_cells, MaceOptions().n_species), graph, MaceOptions().n_species));
  const AtomGraph both = batch(crystals);
  const auto engine = torch_engine(graph, weights);
  const Loss loss(both);
  EngineOutput out, of_one_thread;
  Weights bar;
  torch_library().set_threads(1);
  engine->forward(both, true, of_one_thread);
  torch_library().set_threads(2);
  engine->forward(both, true, out);
  EXPECT_TRUE(largest_difference(out.energies, of_one_thread.energies) <= 1e-12 * (1.0 + largest(out.energies)));
  engine->backward(loss.energies_bar, loss.edge_gradients_bar, bar);
  EXPECT_EQ(largest(bar["norm.running_var"].data), 0.0);
  for (const char* name : {"norm.weight", "norm.bias", "embedding.linear.weight"}) {
    const auto loss_at = [&](double shift) {
      Weights moved = weights;
      moved[name].data[1] += shift;
      engine->set_weights(moved);
      engine->forward(both, true, out);
      return loss.of(out);
    };
    const double got = bar[name].data[1], slope = central_difference(loss_at, 1e-3);
    EXPECT_TRUE(std::abs(slope - got) <= 1e-6 * (1.0 + largest(bar[name].data)))
        << name << ": " << slope << ", " << got;
  }
  torch_library().set_threads(1);
}

TEST(TorchEngineStatistics, AreRunningUnlessTheyAreFrozen) {
  const std::pair<const char*, bool> cases[] = {{"", false},
                                                {"freeze: [weight], ", false},
                                                {"freeze: true, ", true},
                                                {"freeze: [running_mean, running_var, num_batches_tracked], ", true}};
  for (const auto& [keys, frozen] : cases) {
    const LoweredGraph graph = normalized(keys);
    const Weights before = init_weights(graph, 5);
    const AtomGraph crystal = atom_graph(random_crystal(2, MaceOptions().n_species), graph, MaceOptions().n_species);
    const auto engine = torch_engine(graph, before);
    EngineOutput out;
    engine->forward(crystal, true, out);
    Weights after = before;
    engine->read_running(after);
    const double step = largest_difference(after.at("norm.running_mean").data, before.at("norm.running_mean").data);
    const double energy = largest_difference(out.energies, evaluate(*torch_engine(graph, before), crystal).energies);
    EXPECT_EQ(after.at("norm.num_batches_tracked").data[0], frozen ? 0.0 : 1.0) << keys;
    EXPECT_EQ(step > 0.0, !frozen) << keys << step;
    EXPECT_EQ(energy > 1e-6, !frozen) << keys << energy;  // frozen: normalized as in evaluation
    EXPECT_TRUE(std::isfinite(step) && std::isfinite(energy));
  }
}

TEST_P(TorchEngine, BasisAndNetworkApartAreTheExactRadialFunctions) {
  for (Operation& operation : graph.operations) {
    if (auto* functions = std::get_if<RadialFunctions>(&operation.op)) functions->n_knots = 0;
  }
  const EngineOutput one = evaluate(*torch_engine(graph, weights), crystal);
  const EngineOutput two = evaluate(*torch_engine(with_networks(graph), weights), crystal);
  EXPECT_TRUE(largest_difference(one.energies, two.energies) <= 1e-13 * (1.0 + largest(one.energies)));
  EXPECT_TRUE(largest_difference(one.edge_gradients[0], two.edge_gradients[0]) <=
              1e-12 * (1.0 + largest(one.edge_gradients[0])));
}

TEST_P(TorchEngine, BatchEqualsEachAlone) {
  std::vector<AtomGraph> graphs;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    graphs.push_back(atom_graph(random_crystal(seed == 2 ? 1 : 2, GetParam().n_species, seed, seed != 3), graph,
                                GetParam().n_species));
  }
  const auto engine = torch_engine(graph, weights);
  const EngineOutput together = evaluate(*engine, batch(graphs));
  std::size_t at = 0;
  for (std::size_t k = 0; k < graphs.size(); ++k) {
    const EngineOutput alone = evaluate(*engine, graphs[k]);
    EXPECT_TRUE(std::abs(together.energies[k] - alone.energies[0]) <= 1e-12 * (1.0 + std::abs(alone.energies[0])));
    const auto first = together.edge_gradients[0].begin() + static_cast<std::ptrdiff_t>(at);
    const std::vector<double> part(first, first + static_cast<std::ptrdiff_t>(alone.edge_gradients[0].size()));
    EXPECT_TRUE(largest_difference(part, alone.edge_gradients[0]) <= 1e-12 * (1.0 + largest(part)));
    at += part.size();
  }
}

TEST_P(TorchEngine, SinglePrecisionIsNear) {
  const EngineOutput wide = evaluate(*torch_engine(graph, weights), crystal);
  const EngineOutput narrow = evaluate(*torch_engine(graph, weights, Precision::f32), crystal);
  EXPECT_TRUE(largest_difference(narrow.atom_energies, wide.atom_energies) <=
              1e-5 * (1.0 + largest(wide.atom_energies)));
  EXPECT_TRUE(largest_difference(narrow.edge_gradients[0], wide.edge_gradients[0]) <=
              1e-5 * (1.0 + largest(wide.edge_gradients[0])));
  EXPECT_NE(narrow.edge_gradients[0], wide.edge_gradients[0]);
}

TEST_P(TorchEngine, NothingAndNextToNothing) {
  const auto engine = torch_engine(graph, weights);
  const int n_species = GetParam().n_species;
  const EngineOutput none = evaluate(*engine, atom_graph(Structure{}, graph, n_species));
  EXPECT_EQ(none.energies, std::vector<double>{0.0});
  EXPECT_TRUE(none.atom_energies.empty());
  Structure lonely;
  lonely.atomic_numbers = {1, 1, 1};
  lonely.positions = {{0, 0, 0}, {0, 0, 1.1}, {40, 0, 0}};  // a dimer, an atom without neighbors
  const EngineOutput out = evaluate(*engine, atom_graph(lonely, graph, n_species));
  EXPECT_TRUE(std::abs(out.atom_energies[0] - out.atom_energies[1]) <= 1e-12 * (1.0 + std::abs(out.atom_energies[0])));
  lonely.atomic_numbers = {1};
  lonely.positions = {{1, 2, 3}};
  EngineOutput one;
  Weights bar;
  engine->forward(atom_graph(lonely, graph, n_species), true, one);
  EXPECT_TRUE(std::abs(one.energies[0] - out.atom_energies[2]) <= 1e-12 * (1.0 + std::abs(one.energies[0])));
  engine->backward({1.0}, one.edge_gradients, bar);
  for (const auto& [name, array] : bar) EXPECT_TRUE(largest(array.data) < 1e300) << name;
}

/// An edge of length zero has an energy, and a length at or beyond the cutoff none.
TEST_P(TorchEngine, EndsOfTheRadialRange) {
  const auto engine = torch_engine(graph, weights);
  AtomGraph pair = atom_graph(random_crystal(1, 1, 1, false), graph, GetParam().n_species);
  pair.n_rows.assign(pair.n_rows.size(), 2);
  pair.species = {0, 0};
  pair.structure = {0, 0};
  pair.edges[0].first = {0, 1, 2};
  pair.edges[0].neighbor = {1, 0};
  const auto energy_at = [&](double r) {
    pair.edges[0].vectors = {r, 0, 0, -r, 0, 0};
    return evaluate(*engine, pair, false).energies[0];
  };
  const double apart = energy_at(2.0 * GetParam().cutoff);
  EXPECT_TRUE(std::abs(energy_at(GetParam().cutoff) - apart) <= 1e-13 * (1.0 + std::abs(apart)));
  EXPECT_TRUE(std::abs(energy_at(GetParam().cutoff * (1.0 - 1e-6)) - apart) <= 1e-9 * (1.0 + std::abs(apart)));
  EXPECT_TRUE(std::abs(energy_at(0.0)) < 1e300);
  EXPECT_TRUE(std::abs(energy_at(1e-9) - energy_at(0.0)) < 1e300);
}

TEST(TorchLibrary, SaysWhatItIs) {
  const std::string text = torch_library().description();
  EXPECT_NE(text.find("libtorch 1.13"), std::string::npos) << text;
  EXPECT_NE(text.find("BLAS"), std::string::npos) << text;
}

/// The same thread count gives the same bits; another one the same numbers: a batch is split over the threads, and BLAS
/// splits the sums of a single structure.
TEST(TorchLibrary, RepeatsToTheBit) {
  const LoweredGraph graph = lowered(mace_yaml(MaceOptions{}));
  std::vector<AtomGraph> graphs;
  for (unsigned seed = 1; seed <= 5; ++seed) graphs.push_back(atom_graph(random_crystal(2, 2, seed), graph, 2));
  for (const AtomGraph& atoms : {batch(graphs), atom_graph(random_crystal(3, 2), graph, 2)}) {
    EngineOutput out[3];
    Weights bar[3];
    for (const int k : {0, 1, 2}) {
      torch_library().set_threads(k == 0 ? 1 : 2);
      const auto engine = torch_engine(graph, init_weights(graph, 5));
      engine->forward(atoms, true, out[k]);
      engine->backward(Loss(atoms).energies_bar, out[0].edge_gradients, bar[k]);
    }
    torch_library().set_threads(1);
    EXPECT_EQ(out[1].energies, out[2].energies);
    EXPECT_EQ(out[1].edge_gradients, out[2].edge_gradients);
    EXPECT_TRUE(largest_difference(out[0].energies, out[1].energies) <= 1e-12 * (1.0 + largest(out[0].energies)));
    EXPECT_TRUE(largest_difference(out[0].atom_energies, out[1].atom_energies) <=
                1e-12 * (1.0 + largest(out[0].energies)));
    EXPECT_TRUE(largest_difference(out[0].edge_gradients[0], out[1].edge_gradients[0]) <= 1e-12);
    for (const auto& [name, array] : bar[0]) {
      EXPECT_EQ(bar[1][name].data, bar[2][name].data) << name;
      EXPECT_TRUE(largest_difference(array.data, bar[1][name].data) <= 1e-12 * (1.0 + largest(array.data))) << name;
    }
  }
}

TEST(TorchLibrary, ErrorsNameTheLayer) {
  const LoweredGraph graph = lowered(mace_yaml(MaceOptions{}));
  const auto engine = torch_engine(graph, init_weights(graph, 5));
  AtomGraph crystal = atom_graph(random_crystal(1, 2), graph, 2);
  crystal.species[0] = 7;
  try {
    evaluate(*engine, crystal);
    FAIL() << "species 7 of 2 was accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()).find("the torch engine failed in layer 'embedding'"), 0u) << error.what();
  }
}

TEST(TorchLibrary, NotInstalledIsAnErrorWithAdvice) {
  try {
    torch_library();
    TorchLibrary::open("/usr/bin/env");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::resources);
    EXPECT_NE(std::string(error.what()).find("/usr/bin/libkiln_torch.so"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace kiln
