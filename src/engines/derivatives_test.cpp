#include "engines/derivatives.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace kiln {
namespace {

/// A pair energy with a different weight for each direction, so that nothing cancels: E = sum_e w_e |r_e|^4 / 4.
struct Pairs {
  AtomGraph graph;
  std::vector<double> weights;
};

/// Positions and a strain acting on them and on the periodic images.
Pairs pairs_at(const std::vector<double>& x, const double (&strain)[9]) {
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
  const int receiver[6] = {0, 0, 1, 2, 3, 3};
  for (int e = 0; e < 6; ++e) {
    double r[3];
    for (int k = 0; k < 3; ++k)
      r[k] = x[3 * edges.neighbor[e] + k] - x[3 * receiver[e] + k] + (k == 1 ? shifts[e] : 0.0);
    for (int k = 0; k < 3; ++k) {
      double strained = r[k];
      for (int l = 0; l < 3; ++l) strained += strain[3 * k + l] * r[l];
      edges.vectors.push_back(strained);
    }
    p.weights.push_back(0.3 + 0.2 * e);
  }
  return p;
}

double norm2(const double* r) { return r[0] * r[0] + r[1] * r[1] + r[2] * r[2]; }

double energy_of(const Pairs& p) {
  double sum = 0.0;
  for (int e = 0; e < 6; ++e) sum += p.weights[e] * std::pow(norm2(&p.graph.edges[0].vectors[3 * e]), 2) / 4.0;
  return sum;
}

EngineOutput gradients_of(const Pairs& p) {
  EngineOutput out;
  out.edge_gradients.emplace_back();
  for (int e = 0; e < 6; ++e)
    for (int k = 0; k < 3; ++k) {
      const double* r = &p.graph.edges[0].vectors[3 * e];
      out.edge_gradients[0].push_back(p.weights[e] * norm2(r) * r[k]);
    }
  return out;
}

const std::vector<double> kPositions = {0.1, -0.2, 0.3, 1.2, 0.4, -0.5, 0.0, 0.2, 0.9, -0.7, 1.1, 0.3};

TEST(Derivatives, ForcesAreMinusTheGradient) {
  const double none[9] = {};
  const Pairs p = pairs_at(kPositions, none);
  const std::vector<double> forces = forces_from_edges(p.graph, gradients_of(p));
  for (std::size_t i = 0; i < kPositions.size(); ++i) {
    std::vector<double> up = kPositions, down = kPositions;
    up[i] += 1e-5;
    down[i] -= 1e-5;
    EXPECT_TRUE(std::abs(-(energy_of(pairs_at(up, none)) - energy_of(pairs_at(down, none))) / 2e-5 - forces[i]) <=
                1e-7);
  }
}

TEST(Derivatives, VirialIsMinusTheDerivativeByTheStrain) {
  const double none[9] = {};
  const Pairs p = pairs_at(kPositions, none);
  const std::vector<double> virials = virials_from_edges(p.graph, gradients_of(p));
  const std::vector<double> per_atom = atom_virials_from_edges(p.graph, gradients_of(p));
  for (int k = 0; k < 9; ++k) {
    double up[9] = {}, down[9] = {};
    // r' = (1 + strain) r, so dE/d(strain_kl) = sum g_k r_l: the virial is written r ⊗ g
    up[3 * (k % 3) + k / 3] = 1e-5;
    down[3 * (k % 3) + k / 3] = -1e-5;
    const double slope = (energy_of(pairs_at(kPositions, up)) - energy_of(pairs_at(kPositions, down))) / 2e-5;
    EXPECT_TRUE(std::abs(virials[k] + virials[9 + k] + slope) <= 1e-7);
    double atoms[2] = {};
    for (int i = 0; i < 4; ++i) atoms[p.graph.structure[i]] += per_atom[9 * i + k];
    for (int s = 0; s < 2; ++s) EXPECT_TRUE(std::abs(atoms[s] - virials[9 * s + k]) <= 1e-13);
  }
}

TEST(Derivatives, AdjointIsTheTransposedMap) {
  const double none[9] = {};
  const Pairs p = pairs_at(kPositions, none);
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
