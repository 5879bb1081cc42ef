#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "checks.h"

namespace kim_check {
namespace {

constexpr int kVoigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};

/// out += W of KIM's dE/d(strain).
void add_virial(const std::array<double, 6>& from, double* out) {
  for (int k = 0; k < 6; ++k) {
    const int a = kVoigt[k][0], b = kVoigt[k][1];
    out[3 * a + b] -= from[k];
    if (a != b) out[3 * b + a] -= from[k];
  }
}

}  // namespace

kiln::Structure distorted_diamond(double a) {
  kiln::Structure crystal;
  crystal.cell = {2 * a, 0, 0, 0.3, 2 * a, 0, -0.2, 0.25, 2 * a};
  crystal.periodic = {true, true, true};
  const double basis[8][3] = {{0, 0, 0},       {0, .5, .5},     {.5, 0, .5},     {.5, .5, 0},
                              {.25, .25, .25}, {.25, .75, .75}, {.75, .25, .75}, {.75, .75, .25}};
  std::mt19937 random(7);
  const auto uniform = [&] { return 0.15 * (2.0 * (random() / 4294967296.0) - 1.0); };
  for (int cell = 0; cell < 8; ++cell) {
    for (const auto& b : basis) {
      const double f[3] = {(b[0] + (cell & 1)) / 2, (b[1] + ((cell >> 1) & 1)) / 2, (b[2] + (cell >> 2)) / 2};
      Vec3 r{uniform(), uniform(), uniform()};
      for (int x = 0; x < 3; ++x)
        for (int row = 0; row < 3; ++row) r[x] += f[row] * crystal.cell[3 * row + x];
      crystal.positions.push_back(r);
      crystal.atomic_numbers.push_back(1);
    }
  }
  return crystal;
}

Particles particles_of(const Subject& subject, const kiln::Structure& structure, double extra) {
  const std::vector<int> species(structure.positions.size(), subject.species);
  if (!structure.periodic[0]) return cluster(structure.positions, species);
  std::array<Vec3, 3> cell;
  for (int k = 0; k < 9; ++k) cell[k / 3][k % 3] = structure.cell[k];
  return with_ghosts(cell, structure.positions, species, subject.model.influence_distance() + extra);
}

kiln::Prediction folded(const Particles& particles, const Answer& answer) {
  if (answer.failed) throw std::runtime_error("the model failed to compute");
  std::size_t n_atoms = 0;
  for (int i = 0; i < particles.n(); ++i) n_atoms = std::max(n_atoms, static_cast<std::size_t>(particles.owner[i]) + 1);
  kiln::Prediction out;
  out.energy = answer.energy;
  out.atom_energies.assign(n_atoms, 0.0);
  out.forces.assign(3 * n_atoms, 0.0);
  out.virial.assign(9, 0.0);
  out.atom_virials.assign(9 * n_atoms, 0.0);
  for (int i = 0; i < particles.n(); ++i) {
    const std::size_t owner = static_cast<std::size_t>(particles.owner[i]);
    if (!particles.contributing[i] && answer.particle_energy[i] != 0.0)
      throw std::runtime_error("a particle that does not contribute has an energy");
    out.atom_energies[owner] += answer.particle_energy[i];
    for (int x = 0; x < 3; ++x) out.forces[3 * owner + x] += answer.forces[i][x];
    add_virial(answer.particle_virial[i], &out.atom_virials[9 * owner]);
  }
  add_virial(answer.virial, out.virial.data());
  return out;
}

kiln::Evaluate evaluator(Subject& subject) {
  return [&subject](const kiln::Structure& structure, const kiln::Request& request) {
    const Particles particles = particles_of(subject, structure);
    const bool derivatives = request.forces || request.virial || request.atom_virials;
    Options options;
    if (!derivatives) options.outputs = Outputs::energies;
    kiln::Prediction prediction = folded(particles, subject.model.compute(particles, options));
    if (!derivatives) prediction = {prediction.energy, prediction.atom_energies, {}, {}, {}};
    return prediction;
  };
}

kiln::LawReport verdict(const std::string& law, bool ok) {
  return {law, ok ? 0.0 : std::numeric_limits<double>::infinity(), 0.0, ""};
}

}  // namespace kim_check
