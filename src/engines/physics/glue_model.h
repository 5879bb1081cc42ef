#pragma once

#include <cmath>

#include "kiln/physics_checks.h"

namespace kiln::test {

/// A potential in closed form that obeys every law, and its faults by name:
///   E_i = z_i (0.1 + rho_i + 0.2 rho_i^2),  rho_i = sum_j z_j w(r_ij),  w(r) = (1 - r / r_c)^5 below r_c = 3 Å
struct GlueModel {
  double cutoff = 3.0;       ///< Å
  double anisotropy = 0.0;   ///< w is multiplied by 1 + anisotropy x^2: even under inversion
  double kink = 0.0;         ///< added to w below r_c: kink * (r_c - r)
  double jump = 0.0;         ///< added to w below r_c
  bool whole_edges = false;  ///< all of an edge's virial goes to the atom whose energy it is

  Prediction operator()(const Structure& structure, const Request& request) const;

 private:
  struct Pair {
    int i, j;
    double r[3];
    double w, gradient[3];
  };
  std::vector<Pair> pairs_of(const Structure& structure) const;
  Pair pair_of(int i, int j, const double (&r)[3]) const;
};

inline GlueModel::Pair GlueModel::pair_of(int i, int j, const double (&r)[3]) const {
  Pair pair{i, j, {r[0], r[1], r[2]}, 0.0, {}};
  const double length = std::hypot(r[0], r[1], r[2]), x = 1.0 - length / cutoff, bent = 1.0 + anisotropy * r[0] * r[0];
  const double w = std::pow(x, 5) + kink * (cutoff - length) + jump;
  const double slope = -5.0 * std::pow(x, 4) / cutoff - kink;
  pair.w = w * bent;
  for (int k = 0; k < 3; ++k) pair.gradient[k] = bent * slope * r[k] / length;
  pair.gradient[0] += w * 2.0 * anisotropy * r[0];
  return pair;
}

/// Images up to four cells away: enough for cells of more than a quarter of the cutoff.
inline std::vector<GlueModel::Pair> GlueModel::pairs_of(const Structure& s) const {
  std::vector<Pair> pairs;
  const int n[3] = {s.periodic[0] ? 4 : 0, s.periodic[1] ? 4 : 0, s.periodic[2] ? 4 : 0};
  for (int i = 0; i < s.n_atoms(); ++i)
    for (int j = 0; j < s.n_atoms(); ++j)
      for (int a = -n[0]; a <= n[0]; ++a)
        for (int b = -n[1]; b <= n[1]; ++b)
          for (int c = -n[2]; c <= n[2]; ++c) {
            double r[3];
            for (int k = 0; k < 3; ++k)
              r[k] = s.positions[j][k] - s.positions[i][k] + a * s.cell[k] + b * s.cell[3 + k] + c * s.cell[6 + k];
            const double length = std::hypot(r[0], r[1], r[2]);
            if (length > 0.0 && length < cutoff) pairs.push_back(pair_of(i, j, r));
          }
  return pairs;
}

inline Prediction GlueModel::operator()(const Structure& s, const Request& request) const {
  const std::size_t n = s.positions.size();
  const std::vector<Pair> pairs = pairs_of(s);
  std::vector<double> rho(n, 0.0);
  for (const Pair& pair : pairs) rho[pair.i] += s.atomic_numbers[pair.j] * pair.w;
  Prediction p;
  for (std::size_t i = 0; i < n; ++i) {
    p.atom_energies.push_back(s.atomic_numbers[i] * (0.1 + rho[i] + 0.2 * rho[i] * rho[i]));
    p.energy += p.atom_energies.back();
  }
  p.forces.assign(request.forces ? 3 * n : 0, 0.0);
  p.virial.assign(request.virial ? 9 : 0, 0.0);
  p.atom_virials.assign(request.atom_virials ? 9 * n : 0, 0.0);
  for (const Pair& pair : pairs) {
    const double strength = s.atomic_numbers[pair.i] * (1.0 + 0.4 * rho[pair.i]) * s.atomic_numbers[pair.j];
    for (int x = 0; x < 3; ++x) {
      const double g = strength * pair.gradient[x];
      if (request.forces) p.forces[3 * pair.i + x] += g, p.forces[3 * pair.j + x] -= g;
      for (int y = 0; y < 3; ++y) {
        const double w = -pair.r[y] * g;
        if (request.virial) p.virial[3 * y + x] += w;
        if (request.atom_virials) p.atom_virials[9 * pair.i + 3 * y + x] += whole_edges ? w : 0.5 * w;
        if (request.atom_virials && !whole_edges) p.atom_virials[9 * pair.j + 3 * y + x] += 0.5 * w;
      }
    }
  }
  return p;
}

}  // namespace kiln::test
