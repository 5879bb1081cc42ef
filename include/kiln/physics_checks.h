#pragma once

#include <functional>
#include <string>

#include "kiln/potential.h"

namespace kiln {

/// Whatever predicts: a Potential, an engine, a program behind a door. What it throws passes through the checks.
using Evaluate = std::function<Prediction(const Structure&, const Request&)>;

/// What one law measured.
struct LawReport {
  std::string law;         ///< "forces are minus the gradient of the energy"
  double deviation = 0.0;  ///< the largest; NaN if there was one, or if nothing could be compared
  double tolerance = 0.0;
  std::string where;  ///< of the largest deviation: "force of atom 3, y"; empty if the law is a yes or no

  bool ok() const { return deviation <= tolerance; }  ///< false for NaN
};

/// "forces are minus the gradient of the energy: 3.1e-09 at force of atom 3, y; allowed are 1e-07"
std::string to_string(const LawReport& report);

/// How derivatives are measured: by fourth-order central differences.
struct FiniteDifferences {
  double step = 2e-3;       ///< Å
  double strain = 2e-4;     ///< step of a strain: edges of 10 Å move by 2e-3 Å
  double tolerance = 1e-7;  ///< eV/Å of forces, eV of virials
  int every = 1;            ///< atoms 0, every, 2 every, … are moved: large structures need not move each one
};

/// df/dx at x = 0 up to O(step^4).
double central_difference(const std::function<double(double)>& f, double step);

/// All that two predictions hold. Deviations are absolute (eV, eV/Å), of energies and virials relative to 1 + |the
/// largest of them|. Arrays of different sizes deviate by NaN.
LawReport check_equal(const std::string& law, const Prediction& got, const Prediction& want, double tolerance);

// --- derivatives of the energy ---

/// F = -dE/dr, each component of the atoms moved.
LawReport check_forces(const Evaluate& evaluate, const Structure& structure, const FiniteDifferences& how = {});

/// W = -dE/d(strain), atoms and cell strained together: all nine components, shear among them.
LawReport check_virial(const Evaluate& evaluate, const Structure& structure, const FiniteDifferences& how = {});

// --- sums over atoms ---

/// The energies of the atoms add up to the energy. Relative to 1 + |energy|.
LawReport check_atom_energies(const Evaluate& evaluate, const Structure& structure, double tolerance = 1e-10);

/// The virials of the atoms add up to the virial. Relative to 1 + |largest component|.
LawReport check_atom_virials(const Evaluate& evaluate, const Structure& structure, double tolerance = 1e-10);

/// Half of each edge's -r_ij ⊗ dE/dr_ij goes to either end: W_i = -1/2 sum_j r_ij ⊗ (dE_i/dr_j - dE_j/dr_i), by finite
/// differences of the atoms' energies; its symmetric part, which every door has. Holds for atoms without periodic
/// images and a model of one message-passing step: with more, an edge has no coordinates of its own.
LawReport check_atom_virials_of_pairs(const Evaluate& evaluate, const Structure& cluster,
                                      const FiniteDifferences& how = {});

// --- symmetries: energies, forces and virials of the transformed structure are those transformed ---

LawReport check_translation(const Evaluate& evaluate, const Structure& structure, double tolerance = 1e-10);

/// By angles that map no lattice onto itself: a proper rotation, the inversion, and both together.
LawReport check_rotation(const Evaluate& evaluate, const Structure& structure, double tolerance = 1e-10);

/// The atoms in another order, the same every time.
LawReport check_permutation(const Evaluate& evaluate, const Structure& structure, double tolerance = 1e-10);

/// Atoms moved by cell vectors, each by others. For structures that are periodic somewhere.
LawReport check_periodic_images(const Evaluate& evaluate, const Structure& structure, double tolerance = 1e-10);

// --- locality ---

/// Two clusters with `distance` (Å, the influence distance or more) between them predict what each does alone.
LawReport check_additivity(const Evaluate& evaluate, const Structure& a, const Structure& b, double distance,
                           double tolerance = 1e-12);

/// One atom has no force and no virial, and two of them, `distance` apart, exactly twice its energy. Tolerance 0.
LawReport check_isolated_atoms(const Evaluate& evaluate, int atomic_number, double distance);

// --- the cutoff, passed by a dimer ---

struct DimerScan {
  int atomic_numbers[2] = {1, 1};
  double cutoff = 0.0;  ///< Å
  double inside = 1.5;  ///< Å; the window is cutoff - inside .. cutoff + outside
  double outside = 0.1;
  double step = 1e-3;
};

/// The energy does not jump at the cutoff: between the two distances cutoff (1 ± 1e-9). eV, absolute.
LawReport check_continuous_at_cutoff(const Evaluate& evaluate, const DimerScan& scan, double tolerance = 1e-12);

/// The slope of the energy, -F, changes from one step to the next by less than `tolerance` of its largest value in the
/// window. The window is where the interaction dies off: a tail c (r_c - r)^k changes by k step / inside, 0.3 % for k =
/// 5, and a kink by much of itself. Its 1.5 Å are about two half-waves, r_c / n, of the fastest of n usual radial
/// functions: room for a whole swing of the slope. Where a window cuts into a flank, there or at the repulsive core far
/// inside, the change says how steep the flank is and no longer whether the end is smooth. NaN if nothing interacts in
/// the window.
LawReport check_smooth_at_cutoff(const Evaluate& evaluate, const DimerScan& scan, double tolerance = 0.01);

}  // namespace kiln
