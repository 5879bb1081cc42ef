#include "engines/native/native_engine.h"

#include <gtest/gtest.h>

#include "engines/engine_laws.h"
#include "kernels/level_list.h"
#include "kiln/error.h"
#include "kiln/staged_graph.h"

namespace kiln {
namespace {

using namespace test;

std::vector<MaceOptions> models() {
  MaceOptions one, two, tabulated, soft, wide, quadratic, high, bare;
  one.n_layers = 1;
  one.lmax = 3;
  tabulated.radial = "{tabulated: {knots: 32}}";
  tabulated.hidden_lmax = 2;
  soft.attributes = "soft";
  soft.correlation = 2;
  wide.channels = 16;  // whole vectors at every level
  wide.lmax = 3;
  wide.n_species = 3;
  wide.radial = "{tabulated: {knots: 24}}";
  quadratic.correlation = 1;
  quadratic.readout_hidden = 0;
  quadratic.n_species = 1;
  high.lmax = 4;  // beyond the straight-line kernels
  high.hidden_lmax = 3;
  high.correlation = 2;
  bare.edge_feats = "geometry.edge_lengths";
  bare.n_layers = 1;
  bare.channels = 3;
  return {one, two, tabulated, soft, wide, quadratic, high, bare};
}

class NativeEngine : public testing::TestWithParam<MaceOptions> {
 protected:
  LoweredGraph graph = lowered(mace_yaml(GetParam()));
  Weights weights = init_weights(graph, 5);
  AtomGraph crystal = atom_graph(random_crystal(3, GetParam().n_species), graph, GetParam().n_species);

  std::unique_ptr<Engine> engine(Precision precision = Precision::f64, VectorLevel level = best_level()) const {
    return make_native_engine(graph, weights, precision, level);
  }
};

INSTANTIATE_TEST_SUITE_P(Models, NativeEngine, testing::ValuesIn(models()));

TEST_P(NativeEngine, EdgeGradientsAreDerivativesOfTheEnergy) { expect_edge_gradients(*engine(), crystal, 11); }

TEST_P(NativeEngine, ObeysTheLaws) {
  const auto native = engine();
  const Evaluate evaluate = evaluator(*native, graph, GetParam().n_species);
  const Structure structure = random_crystal(3, GetParam().n_species);
  expect_derivatives(evaluate, GetParam(), structure);
  expect_symmetries(evaluate, structure);
  expect_locality(evaluate, GetParam());
  expect_smoothness(evaluate, GetParam());
}

TEST_P(NativeEngine, LevelsAgree) {
  const EngineOutput reference = evaluate(*engine(Precision::f64, VectorLevel::x86_64), crystal);
  for (const VectorLevel level : supported_levels()) {
    const EngineOutput out = evaluate(*engine(Precision::f64, level), crystal);
    EXPECT_TRUE(std::abs(out.energies[0] - reference.energies[0]) <=
                1e-13 * (1.0 + std::abs(reference.energies[0])) * 27);
    EXPECT_TRUE(largest_difference(out.edge_gradients[0], reference.edge_gradients[0]) <=
                1e-13 * (1.0 + largest(reference.edge_gradients[0])));
  }
}

TEST_P(NativeEngine, SinglePrecisionIsNear) {
  const EngineOutput wide = evaluate(*engine(), crystal);
  for (const VectorLevel level : supported_levels()) {
    const EngineOutput narrow = evaluate(*engine(Precision::f32, level), crystal);
    EXPECT_TRUE(largest_difference(narrow.atom_energies, wide.atom_energies) <=
                1e-5 * (1.0 + largest(wide.atom_energies)));
    EXPECT_TRUE(largest_difference(narrow.edge_gradients[0], wide.edge_gradients[0]) <=
                1e-5 * largest(wide.edge_gradients[0]));
    EXPECT_NE(narrow.edge_gradients[0], wide.edge_gradients[0]);  // rounding did happen
  }
}

/// Several chunks of rows give what each structure gives alone.
TEST_P(NativeEngine, ChunksDoNotMatter) {
  std::vector<AtomGraph> graphs;
  for (unsigned seed = 1; seed <= 6; ++seed)
    graphs.push_back(atom_graph(random_crystal(3, GetParam().n_species, seed), graph, GetParam().n_species));
  const AtomGraph all = batch(graphs);
  const auto native = engine();
  const EngineOutput together = evaluate(*native, all);
  std::size_t at = 0;
  for (std::size_t k = 0; k < graphs.size(); ++k) {
    const EngineOutput alone = evaluate(*native, graphs[k]);
    EXPECT_TRUE(std::abs(together.energies[k] - alone.energies[0]) <= 1e-12 * (1.0 + std::abs(alone.energies[0])));
    const std::vector<double> part(together.edge_gradients[0].begin() + at,
                                   together.edge_gradients[0].begin() + at + alone.edge_gradients[0].size());
    EXPECT_TRUE(largest_difference(part, alone.edge_gradients[0]) <= 1e-12);
    at += part.size();
  }
}

TEST_P(NativeEngine, ScratchCarriesNothingOver) {
  const auto native = engine();
  const auto scratch = native->make_scratch();
  const AtomGraph large = atom_graph(random_crystal(5, GetParam().n_species), graph, GetParam().n_species);
  EngineOutput first, other, again;
  native->evaluate(crystal, true, *scratch, first);
  native->evaluate(large, true, *scratch, other);
  native->evaluate(crystal, true, *scratch, again);
  EXPECT_EQ(first.energies, again.energies);
  EXPECT_EQ(first.edge_gradients, again.edge_gradients);
}

TEST_P(NativeEngine, NothingAndNextToNothing) {
  const auto native = engine();
  const EngineOutput none = evaluate(*native, atom_graph(Structure{}, graph, GetParam().n_species));
  EXPECT_EQ(none.energies, std::vector<double>{0.0});
  EXPECT_TRUE(none.atom_energies.empty());
  Structure lonely;
  lonely.atomic_numbers = {1, 1, 1};
  lonely.positions = {{0, 0, 0}, {0, 0, 1.1}, {40, 0, 0}};  // a dimer, an atom without neighbors
  const EngineOutput out = evaluate(*native, atom_graph(lonely, graph, GetParam().n_species));
  EXPECT_TRUE(std::abs(out.atom_energies[0] - out.atom_energies[1]) <= 1e-12);
  EXPECT_TRUE(std::isfinite(out.atom_energies[2]));
  lonely.atomic_numbers = {1};
  lonely.positions = {{1, 2, 3}};
  EXPECT_TRUE(std::abs(evaluate(*native, atom_graph(lonely, graph, GetParam().n_species)).energies[0] -
                       out.atom_energies[2]) <= 1e-12);
}

/// Neighbors of a particle for the staged graph, by brute force.
struct Particles {
  std::vector<double> positions;
  std::vector<int> species, owned;
  double cutoff;
  std::vector<std::vector<int>> neighbors;
};

Neighbors neighbors_of(void* context, int particle) {
  const std::vector<int>& list = static_cast<Particles*>(context)->neighbors[particle];
  return {list.data(), static_cast<int>(list.size())};
}

/// The crystal and its images as particles of their own.
Particles with_images(const Structure& structure, const std::vector<int>& species_of, double cutoff, double reach) {
  Particles p;
  p.cutoff = cutoff;
  const auto add = [&](std::size_t i, int x, int y, int z) {
    for (int d = 0; d < 3; ++d)
      p.positions.push_back(structure.positions[i][d] + x * structure.cell[d] + y * structure.cell[3 + d] +
                            z * structure.cell[6 + d]);
    p.species.push_back(species_of[structure.atomic_numbers[i]]);
    p.owned.push_back(x == 0 && y == 0 && z == 0);
  };
  for (std::size_t i = 0; i < structure.positions.size(); ++i) add(i, 0, 0, 0);
  const int n = 1 + static_cast<int>(reach / 5.0);
  for (int x = -n; x <= n; ++x)
    for (int y = -n; y <= n; ++y)
      for (int z = -n; z <= n; ++z)
        if (x != 0 || y != 0 || z != 0)
          for (std::size_t i = 0; i < structure.positions.size(); ++i) add(i, x, y, z);
  p.neighbors.resize(p.species.size());
  for (std::size_t i = 0; i < p.species.size(); ++i)
    for (std::size_t j = 0; j < p.species.size(); ++j) {
      double r2 = 0.0;
      for (int d = 0; d < 3; ++d) r2 += std::pow(p.positions[3 * i + d] - p.positions[3 * j + d], 2);
      if (i != j && r2 < std::pow(cutoff + 0.5, 2)) p.neighbors[i].push_back(static_cast<int>(j));
    }
  return p;
}

TEST_P(NativeEngine, GhostsGiveThePeriodicAnswer) {
  const std::vector<int> species_of = species_table(GetParam().n_species);
  const Structure structure = random_crystal(3, GetParam().n_species);
  Particles particles = with_images(structure, species_of, GetParam().cutoff, GetParam().n_layers * GetParam().cutoff);
  std::vector<int> order;
  const AtomGraph staged = build_staged_graph({particles.positions, particles.species, particles.owned},
                                              GetParam().cutoff, graph.n_hops, neighbors_of, &particles, order);
  const auto native = engine();
  const EngineOutput periodic = evaluate(*native, crystal), ghosted = evaluate(*native, staged);
  EXPECT_TRUE(std::abs(periodic.energies[0] - ghosted.energies[0]) <= 1e-11 * (1.0 + std::abs(periodic.energies[0])));
  // Forces on ghosts belong to the atoms they are images of.
  const std::vector<double> with_ghosts = forces_from_edges(staged, ghosted),
                            want = forces_from_edges(crystal, periodic);
  std::vector<double> folded(want.size(), 0.0);
  for (std::size_t row = 0; row < order.size(); ++row)
    for (int x = 0; x < 3; ++x) folded[3 * (order[row] % 27) + x] += with_ghosts[3 * row + x];
  EXPECT_TRUE(largest_difference(folded, want) <= 1e-11);
  EXPECT_TRUE(largest_difference(virials_from_edges(staged, ghosted), virials_from_edges(crystal, periodic)) <= 1e-10);
}

/// A fine table is the exact function.
TEST(NativeEngineRadial, TablesConvergeToTheNetwork) {
  MaceOptions options;
  const LoweredGraph exact_graph = lowered(mace_yaml(options));
  const Weights weights = init_weights(exact_graph, 5);
  const AtomGraph atoms = atom_graph(random_crystal(3, 2), exact_graph, 2);
  const EngineOutput exact = evaluate(*make_native_engine(exact_graph, weights, Precision::f64), atoms);
  double last = 1e300;
  for (const int knots : {32, 64, 128}) {
    options.radial = "{tabulated: {knots: " + std::to_string(knots) + "}}";
    const LoweredGraph graph = lowered(mace_yaml(options));
    const EngineOutput out = evaluate(*make_native_engine(graph, weights, Precision::f64), atoms);
    const double error =
        largest_difference(out.edge_gradients[0], exact.edge_gradients[0]) / largest(exact.edge_gradients[0]);
    EXPECT_LE(error, last / 8.0) << knots;
    last = error;
  }
  EXPECT_LE(last, 1e-6);
}

/// Edges between the cutoff of the radial basis and that of the edge set have no effect.
TEST(NativeEngineRadial, NothingBeyondTheCutoff) {
  for (const char* radial : {"exact", "{tabulated: {knots: 32}}"}) {
    MaceOptions options;
    options.radial = radial;
    const LoweredGraph graph = lowered(mace_yaml(options));
    const auto engine = make_native_engine(graph, init_weights(graph, 5), Precision::f64);
    const std::vector<int> species = species_table(2);
    const Structure structure = random_crystal(4, 2);
    const std::vector<double> near_cutoff = {3.0}, far_cutoff = {3.8};
    const EngineOutput near = evaluate(*engine, build_atom_graph(structure, near_cutoff, graph.n_hops, species));
    const AtomGraph wide = build_atom_graph(structure, far_cutoff, graph.n_hops, species);
    const EngineOutput far = evaluate(*engine, wide);
    EXPECT_TRUE(std::abs(near.energies[0] - far.energies[0]) <= 1e-12 * (1.0 + std::abs(near.energies[0])));
    for (int e = 0; e < wide.edges[0].n_edges(); ++e) {
      const double* r = &wide.edges[0].vectors[3 * e];
      if (std::hypot(r[0], r[1], r[2]) < 3.0) continue;
      for (int x = 0; x < 3; ++x) EXPECT_EQ(far.edge_gradients[0][3 * e + x], 0.0);
    }
  }
}

TEST(NativeEngineErrors, UnknownOperatorNamesTheLayer) {
  LoweredGraph graph = lowered(mace_yaml({}));
  for (Operation& op : graph.operations)
    if (std::holds_alternative<Activation>(op.op)) op.op = Network{};
  try {
    make_native_engine(graph, init_weights(graph, 5), Precision::f32);
    FAIL() << "an atom-level network was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    EXPECT_NE(std::string(error.what()).find("readout2"), std::string::npos) << error.what();
  }
}

/// Whatever else such a call reads or gives: the reason is that it is a torch function.
TEST(NativeEngineErrors, TorchFunctionsNeedTheTorchEngine) {
  LoweredGraph graph = lowered(mace_yaml({}));
  for (Operation& op : graph.operations)
    if (std::holds_alternative<Activation>(op.op) || std::holds_alternative<RadialFunctions>(op.op))
      op.op = Call{"torch.relu", "torch.relu($0)", {-1}, {}};
  try {
    make_native_engine(graph, init_weights(graph, 5), Precision::f64);
    FAIL() << "a torch function was accepted";
  } catch (const Error& error) {
    const Diagnostic& fault = error.diagnostics().front();
    EXPECT_EQ(fault.what, "layer 'interaction1': target 'torch.relu' runs on the torch engine only");
    EXPECT_EQ(fault.hint, "use the torch engine: --engine torch, or leave --engine out");
    EXPECT_EQ(fault.code, "unsupported-operator");
  }
}

TEST(NativeEngineErrors, SayWhatIsWrong) {
  const LoweredGraph graph = lowered(mace_yaml({}));
  Weights weights = init_weights(graph, 5);
  weights.erase("interaction1.product.linear.weight");
  EXPECT_THROW(make_native_engine(graph, weights, Precision::f64), Error);
  LoweredGraph no_energy = graph;
  no_energy.energy_field = -1;
  EXPECT_THROW(make_native_engine(no_energy, init_weights(graph, 5), Precision::f64), Error);
  const auto engine = make_native_engine(graph, init_weights(graph, 5), Precision::f64);
  AtomGraph crystal = atom_graph(random_crystal(2, 2), graph, 2);
  crystal.species[0] = 2;
  EXPECT_THROW(evaluate(*engine, crystal), Error);
}

}  // namespace
}  // namespace kiln
