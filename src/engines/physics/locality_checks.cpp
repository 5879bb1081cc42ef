#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engines/physics/largest_deviation.h"

namespace kiln {
namespace {

constexpr Request kEverything{true, true, true};

void append(std::vector<double>& to, const std::vector<double>& from) { to.insert(to.end(), from.begin(), from.end()); }

double extreme_x(const Structure& structure, double sign) {
  double extreme = -INFINITY;
  for (const auto& position : structure.positions) extreme = std::max(extreme, sign * position[0]);
  return sign * extreme;
}

/// b beside a along x, with the gap between the last atom of a and the first of b.
Structure side_by_side(const Structure& a, const Structure& b, double gap) {
  Structure both = a;
  const double shift = extreme_x(a, 1.0) + gap - extreme_x(b, -1.0);
  for (int i = 0; i < b.n_atoms(); ++i) {
    both.atomic_numbers.push_back(b.atomic_numbers[i]);
    both.positions.push_back({b.positions[i][0] + shift, b.positions[i][1], b.positions[i][2]});
  }
  return both;
}

Prediction joined(Prediction a, const Prediction& b) {
  a.energy += b.energy;
  append(a.atom_energies, b.atom_energies);
  append(a.forces, b.forces);
  append(a.atom_virials, b.atom_virials);
  for (std::size_t k = 0; k < std::min(a.virial.size(), b.virial.size()); ++k) a.virial[k] += b.virial[k];
  return a;
}

Structure atom_of(int atomic_number) {
  Structure atom;
  atom.atomic_numbers = {atomic_number};
  atom.positions = {{0.0, 0.0, 0.0}};
  return atom;
}

Structure dimer(const DimerScan& scan, double distance) {
  return side_by_side(atom_of(scan.atomic_numbers[0]), atom_of(scan.atomic_numbers[1]), distance);
}

}  // namespace

LawReport check_atom_energies(const Evaluate& evaluate, const Structure& structure, double tolerance) {
  const Prediction all = evaluate(structure, {false, false, false});
  LargestDeviation worst;
  if (!all.atom_energies.empty()) {
    const double sum = std::accumulate(all.atom_energies.begin(), all.atom_energies.end(), 0.0);
    worst.see(std::abs(sum - all.energy) / (1.0 + std::abs(all.energy)), "sum");
  }
  return worst.report("the atoms' energies add up to the energy", tolerance);
}

LawReport check_atom_virials(const Evaluate& evaluate, const Structure& structure, double tolerance) {
  const Prediction all = evaluate(structure, kEverything);
  LargestDeviation worst;
  std::vector<double> sum(9, 0.0);
  for (std::size_t i = 0; i < all.atom_virials.size(); ++i) sum[i % 9] += all.atom_virials[i];
  if (!all.atom_virials.empty()) see_all(worst, sum, all.virial, scale_of(all.virial), "virial", 0);
  return worst.report("the atoms' virials add up to the virial", tolerance);
}

LawReport check_additivity(const Evaluate& evaluate, const Structure& a, const Structure& b, double distance,
                           double tolerance) {
  const Prediction apart = joined(evaluate(a, kEverything), evaluate(b, kEverything));
  return check_equal("clusters far apart do not feel each other", evaluate(side_by_side(a, b, distance), kEverything),
                     apart, tolerance);
}

LawReport check_isolated_atoms(const Evaluate& evaluate, int atomic_number, double distance) {
  const Structure atom = atom_of(atomic_number);
  const Prediction one = evaluate(atom, kEverything);
  const Prediction two = evaluate(side_by_side(atom, atom, distance), kEverything);
  LargestDeviation worst;
  worst.see(std::abs(two.energy - 2.0 * one.energy), "energy of two atoms");
  see_all(worst, one.forces, std::vector<double>(3, 0.0), 1.0, "force", 3);
  see_all(worst, two.forces, std::vector<double>(6, 0.0), 1.0, "force", 3);
  see_all(worst, two.virial, std::vector<double>(9, 0.0), 1.0, "virial", 0);
  return worst.report("an atom alone has its energy and no force", 0.0);
}

LawReport check_continuous_at_cutoff(const Evaluate& evaluate, const DimerScan& scan, double tolerance) {
  const auto energy_at = [&](double r) { return evaluate(dimer(scan, r), {false, false, false}).energy; };
  LargestDeviation worst;
  worst.see(std::abs(energy_at(scan.cutoff * (1 + 1e-9)) - energy_at(scan.cutoff * (1 - 1e-9))),
            fmt::format("r = {:.3f} Å", scan.cutoff));
  return worst.report("the energy does not jump at the cutoff", tolerance);
}

LawReport check_smooth_at_cutoff(const Evaluate& evaluate, const DimerScan& scan, double tolerance) {
  const auto slope_at = [&](double r) {
    const std::vector<double> forces = evaluate(dimer(scan, r), {true, false, false}).forces;
    return forces.size() == 6 ? -forces[3] : NAN;
  };
  const int n_steps = static_cast<int>(std::lround((scan.inside + scan.outside) / scan.step));
  LargestDeviation change;
  double last = slope_at(scan.cutoff - scan.inside), largest = std::abs(last);
  for (int k = 1; k <= n_steps; ++k) {
    const double r = scan.cutoff - scan.inside + k * scan.step, slope = slope_at(r);
    change.see(std::abs(slope - last), fmt::format("r = {:.3f} Å", r));
    largest = std::max(largest, std::abs(slope));
    last = slope;
  }
  change.value /= largest;  // NaN if there is no interaction at all
  return change.report("the slope of a dimer's energy does not jump at the cutoff", tolerance);
}

}  // namespace kiln
