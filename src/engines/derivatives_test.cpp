#include "engines/derivatives.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "kiln/physics_checks.h"

namespace kiln {
namespace {

/// A pair energy with a different weight for each direction, so that nothing cancels: E = sum_e w_e |r_e|^4 / 4.
struct Pairs {
  AtomGraph graph;
  std::vector<double> weights;
};

constexpr int kReceiver[6] = {0, 0, 1, 2, 3, 3};

/// Four atoms; a cell of which the second vector alone counts.
Structure atoms() {
  Structure structure;
  structure.atomic_numbers = {1, 1, 1, 1};
  structure.positions = {{0.1, -0.2, 0.3}, {1.2, 0.4, -0.5}, {0.0, 0.2, 0.9}, {-0.7, 1.1, 0.3}};
  structure.cell = {0, 0, 0, 0.1, 1.0, -0.2, 0, 0, 0};
  return structure;
}

/// The first two atoms are one structure of the graph, the others a second one.
Pairs pairs_of(const Structure& structure) {
  Pairs p;
  p.graph.n_structures = 2;
  p.graph.n_rows = {4, 4};
  p.graph.structure = {0, 0, 1, 1};
  p.graph.species = {0, 0, 0, 0};
  p.graph.edges.emplace_back();
  EdgeList& edges = p.graph.edges[0];
  edges.first = {0, 2, 3, 4, 6};
  edges.neighbor = {1, 0, 0, 3, 2, 3};  // two of them to an image of the receiver
  const double shifts[6] = {0, 2, 0, 0, 0, 3};
  for (int e = 0; e < 6; ++e) {
    for (int k = 0; k < 3; ++k)
      edges.vectors.push_back(structure.positions[edges.neighbor[e]][k] - structure.positions[kReceiver[e]][k] +
                              shifts[e] * structure.cell[3 + k]);
    p.weights.push_back(0.3 + 0.2 * e);
  }
  return p;
}

double norm2(const double* r) { return r[0] * r[0] + r[1] * r[1] + r[2] * r[2]; }

EngineOutput output_of(const Pairs& p) {
  EngineOutput out;
  out.energies = {0.0, 0.0};
  out.edge_gradients.emplace_back();
  for (int e = 0; e < 6; ++e) {
    const double* r = &p.graph.edges[0].vectors[3 * e];
    out.energies[p.graph.structure[kReceiver[e]]] += p.weights[e] * std::pow(norm2(r), 2) / 4.0;
    for (int k = 0; k < 3; ++k) out.edge_gradients[0].push_back(p.weights[e] * norm2(r) * r[k]);
  }
  return out;
}

/// What belongs to structure s of the two; nothing for the atoms of the other one.
Prediction prediction_of(const Structure& structure, int s) {
  const Pairs p = pairs_of(structure);
  const EngineOutput out = output_of(p);
  const std::vector<double> virials = virials_from_edges(p.graph, out);
  Prediction prediction{
      out.energies[s], {}, forces_from_edges(p.graph, out), {}, atom_virials_from_edges(p.graph, out)};
  prediction.virial.assign(virials.begin() + 9 * s, virials.begin() + 9 * (s + 1));
  for (int i = 0; i < 4; ++i) {
    if (p.graph.structure[i] == s) continue;
    std::fill_n(&prediction.forces[3 * i], 3, 0.0);
    std::fill_n(&prediction.atom_virials[9 * i], 9, 0.0);
  }
  return prediction;
}

TEST(Derivatives, OfEachStructureObeyTheLaws) {
  for (const int s : {0, 1}) {
    const Evaluate evaluate = [s](const Structure& structure, const Request&) { return prediction_of(structure, s); };
    FiniteDifferences how;
    how.tolerance = 1e-9;
    for (const LawReport& report : {check_forces(evaluate, atoms(), how), check_virial(evaluate, atoms(), how),
                                    check_atom_virials(evaluate, atoms(), 1e-13)})
      EXPECT_TRUE(report.ok()) << to_string(report);
  }
}

TEST(Derivatives, AdjointIsTheTransposedMap) {
  const Pairs p = pairs_of(atoms());
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  const auto random_numbers = [&](std::size_t n) {
    std::vector<double> x(n);
    for (double& value : x) value = normal(random);
    return x;
  };
  EngineOutput out;
  out.edge_gradients.push_back(random_numbers(18));
  const std::vector<double> forces_bar = random_numbers(12), virials_bar = random_numbers(18);
  const auto dot = [](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  };
  const double forces = dot(forces_bar, forces_from_edges(p.graph, out));
  const double virials = dot(virials_bar, virials_from_edges(p.graph, out));
  EXPECT_TRUE(std::abs(dot(edge_gradients_adjoint(p.graph, forces_bar, {})[0], out.edge_gradients[0]) - forces) <=
              1e-12);
  EXPECT_TRUE(std::abs(dot(edge_gradients_adjoint(p.graph, {}, virials_bar)[0], out.edge_gradients[0]) - virials) <=
              1e-12);
  EXPECT_TRUE(std::abs(dot(edge_gradients_adjoint(p.graph, forces_bar, virials_bar)[0], out.edge_gradients[0]) -
                       forces - virials) <= 1e-12);
}

}  // namespace
}  // namespace kiln
