#include <array>
#include <cmath>

#include "engines/physics/largest_deviation.h"

namespace kiln {
namespace {

constexpr Request kEnergyOnly{false, false, false};

using Vec3 = std::array<double, 3>;

/// r' = (1 + strain) r with one component of the strain, r_a += strain * r_b, for the atoms and the cell.
Structure strained(Structure structure, int a, int b, double strain) {
  for (Vec3& r : structure.positions) r[a] += strain * r[b];
  for (int row = 0; row < 3; ++row) structure.cell[3 * row + a] += strain * structure.cell[3 * row + b];
  return structure;
}

/// Fourth order, of values at +-step and +-2 step.
double slope(double up, double down, double far_up, double far_down, double step) {
  return (8 * (up - down) - (far_up - far_down)) / (12 * step);
}

/// gradients[3 * i + k][j] = dE_j/dr_ik for every atom i and j.
std::vector<std::vector<double>> atom_energy_gradients(const Evaluate& evaluate, const Structure& structure,
                                                       double step) {
  std::vector<std::vector<double>> gradients;
  for (int i = 0; i < structure.n_atoms(); ++i)
    for (int k = 0; k < 3; ++k) {
      const auto at = [&](double shift) {
        Structure moved = structure;
        moved.positions[i][k] += shift;
        return evaluate(moved, kEnergyOnly).atom_energies;
      };
      const std::vector<double> up = at(step), down = at(-step), far_up = at(2 * step), far_down = at(-2 * step);
      gradients.emplace_back();
      for (std::size_t j = 0; j < up.size(); ++j)
        gradients.back().push_back(slope(up[j], down[j], far_up[j], far_down[j], step));
    }
  return gradients;
}

/// W_i of check_atom_virials_of_pairs.
std::vector<double> pair_virial(const Structure& cluster, const std::vector<std::vector<double>>& gradients, int i) {
  std::vector<double> virial(9, 0.0);
  for (int j = 0; j < cluster.n_atoms(); ++j)
    for (int x = 0; x < 3; ++x)
      for (int y = 0; y < 3; ++y)
        virial[3 * x + y] -= 0.5 * (cluster.positions[j][x] - cluster.positions[i][x]) *
                             (gradients[3 * j + y][i] - gradients[3 * i + y][j]);
  return virial;
}

double symmetric(const std::vector<double>& tensors, std::size_t first, int x, int y) {
  return 0.5 * (tensors[first + 3 * x + y] + tensors[first + 3 * y + x]);
}

}  // namespace

double central_difference(const std::function<double(double)>& f, double step) {
  return slope(f(step), f(-step), f(2 * step), f(-2 * step), step);
}

LawReport check_forces(const Evaluate& evaluate, const Structure& structure, const FiniteDifferences& how) {
  if (how.every < 1) throw Error(ErrorKind::usage, "bad-option", "FiniteDifferences::every must be at least 1");
  LargestDeviation worst;
  const std::vector<double> forces = evaluate(structure, {true, false, false}).forces;
  const bool given = complete(worst, forces, 3 * structure.positions.size(), "force");
  for (int i = 0; given && i < structure.n_atoms(); i += how.every)
    for (int k = 0; k < 3; ++k) {
      const auto energy_at = [&](double shift) {
        Structure moved = structure;
        moved.positions[i][k] += shift;
        return evaluate(moved, kEnergyOnly).energy;
      };
      worst.see(std::abs(forces[3 * i + k] + central_difference(energy_at, how.step)), place("force", i, k, 3));
    }
  return worst.report("forces are minus the gradient of the energy", how.tolerance);
}

LawReport check_virial(const Evaluate& evaluate, const Structure& structure, const FiniteDifferences& how) {
  LargestDeviation worst;
  const std::vector<double> virial = evaluate(structure, {false, true, false}).virial;
  const bool given = complete(worst, virial, 9, "virial");
  for (int a = 0; given && a < 3; ++a)
    for (int b = 0; b < 3; ++b) {
      const auto energy_at = [&](double strain) {
        return evaluate(strained(structure, a, b, strain), kEnergyOnly).energy;
      };
      // The derivative by r_a += strain * r_b is sum_edges dE/dr_a r_b, and W_ba = -sum_edges r_b dE/dr_a.
      worst.see(std::abs(virial[3 * b + a] + central_difference(energy_at, how.strain)),
                place("virial", -1, 3 * b + a, 9));
    }
  return worst.report("the virial is minus the derivative of the energy by the strain", how.tolerance);
}

LawReport check_atom_virials_of_pairs(const Evaluate& evaluate, const Structure& cluster,
                                      const FiniteDifferences& how) {
  const std::string law = "half of each pair's virial goes to either atom";
  LargestDeviation worst;
  const Prediction all = evaluate(cluster, {true, true, true});
  const std::vector<double>& got = all.atom_virials;
  const bool given = complete(worst, got, 9 * cluster.positions.size(), "virials") &&
                     complete(worst, all.atom_energies, cluster.positions.size(), "energies");
  if (!given) return worst.report(law, how.tolerance);
  const auto gradients = atom_energy_gradients(evaluate, cluster, how.step);
  for (int i = 0; i < cluster.n_atoms(); ++i) {
    const std::vector<double> want = pair_virial(cluster, gradients, i);
    for (int x = 0; x < 3; ++x)
      for (int y = x; y < 3; ++y)
        worst.see(std::abs(symmetric(got, 9 * static_cast<std::size_t>(i), x, y) - symmetric(want, 0, x, y)),
                  place("virial", i, 3 * x + y, 9));
  }
  return worst.report(law, how.tolerance);
}

}  // namespace kiln
