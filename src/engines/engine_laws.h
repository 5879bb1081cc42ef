#pragma once

#include <gtest/gtest.h>

#include "engines/native/test_models.h"
#include "kiln/physics_checks.h"

// The laws of physics for tests of engines; every engine obeys the same ones.

namespace kiln::test {

/// An engine as the laws see it. The engine and the graph must outlive it.
inline Evaluate evaluator(const Engine& engine, const LoweredGraph& graph, int n_species) {
  return [&engine, &graph, n_species](const Structure& structure, const Request& request) {
    const AtomGraph atoms = atom_graph(structure, graph, n_species);
    const EngineOutput out = evaluate(engine, atoms, request.forces || request.virial || request.atom_virials);
    Prediction p;
    p.energy = out.energies.at(0);
    p.atom_energies = out.atom_energies;
    if (request.forces) p.forces = forces_from_edges(atoms, out);
    if (request.virial) p.virial = virials_from_edges(atoms, out);
    if (request.atom_virials) p.atom_virials = atom_virials_from_edges(atoms, out);
    return p;
  };
}

inline void expect(const LawReport& report) { EXPECT_TRUE(report.ok()) << to_string(report); }

inline void expect_derivatives(const Evaluate& evaluate, const MaceOptions& model, const Structure& crystal) {
  FiniteDifferences how;
  how.tolerance = 1e-8;
  how.every = 3;
  expect(check_forces(evaluate, crystal, how));
  expect(check_virial(evaluate, crystal, {}));
  expect(check_atom_virials(evaluate, crystal, 1e-12));
  if (model.n_layers == 1)
    expect(check_atom_virials_of_pairs(evaluate, random_crystal(2, model.n_species, 3, false), how));
}

inline void expect_symmetries(const Evaluate& evaluate, const Structure& crystal) {
  expect(check_atom_energies(evaluate, crystal, 1e-12));
  expect(check_translation(evaluate, crystal, 1e-11));
  expect(check_rotation(evaluate, crystal, 1e-11));
  expect(check_permutation(evaluate, crystal, 1e-11));
  expect(check_periodic_images(evaluate, crystal, 1e-11));
}

inline void expect_locality(const Evaluate& evaluate, const MaceOptions& model) {
  const double reach = model.n_layers * model.cutoff;
  expect(check_additivity(evaluate, random_crystal(2, model.n_species, 1, false),
                          random_crystal(2, model.n_species, 2, false), reach));
  expect(check_isolated_atoms(evaluate, model.n_species, 2 * reach));
}

/// A dimer of the first and the last element. A network of the bare length has no envelope, and the checks see it.
inline void expect_smoothness(const Evaluate& evaluate, const MaceOptions& model) {
  const bool has_envelope = model.edge_feats == "radial";
  DimerScan scan;
  scan.atomic_numbers[1] = model.n_species;
  scan.cutoff = model.cutoff;
  scan.inside = 2.0 * model.cutoff / 6;  // two half-waves of the fastest of the six radial functions
  for (const LawReport& report : {check_continuous_at_cutoff(evaluate, scan), check_smooth_at_cutoff(evaluate, scan)})
    EXPECT_EQ(report.ok(), has_envelope) << to_string(report);
}

/// The engine's own output: dE/dr_ij by finite differences of some components of the edge vectors.
inline void expect_edge_gradients(const Engine& engine, AtomGraph atoms, std::size_t n_components) {
  const EngineOutput out = evaluate(engine, atoms);
  const std::vector<double>& gradients = out.edge_gradients[0];
  ASSERT_GT(largest(gradients), 1e-4);
  for (std::size_t i = 5; i < gradients.size(); i += gradients.size() / n_components) {
    double& x = atoms.edges[0].vectors[i];
    const double x0 = x;
    const auto energy_at = [&](double shift) {
      x = x0 + shift;
      return evaluate(engine, atoms, false).energies[0];
    };
    const double slope = central_difference(energy_at, 1e-3);
    x = x0;
    EXPECT_TRUE(std::abs(slope - gradients[i]) <= 1e-8 * (1.0 + largest(gradients))) << i;
  }
}

}  // namespace kiln::test
