#include "checks.h"

// The laws of physics, as the library states them, through KIM.

namespace kim_check {
namespace {

using kiln::LawReport;

LawReport forces(Subject& s) { return check_forces(evaluator(s), s.crystal); }
LawReport virial(Subject& s) { return check_virial(evaluator(s), s.crystal); }
LawReport particle_energies(Subject& s) { return check_atom_energies(evaluator(s), s.crystal); }
LawReport particle_virials(Subject& s) { return check_atom_virials(evaluator(s), s.crystal); }

/// The first atoms of the crystal, as a cluster.
kiln::Structure fragment(const Subject& s, std::size_t n_atoms) {
  kiln::Structure cluster;
  cluster.atomic_numbers.assign(n_atoms, 1);
  cluster.positions.assign(s.crystal.positions.begin(), s.crystal.positions.begin() + n_atoms);
  return cluster;
}

LawReport particle_virials_of_pairs(Subject& s) { return check_atom_virials_of_pairs(evaluator(s), fragment(s, 8)); }

LawReport translation(Subject& s) { return check_translation(evaluator(s), s.crystal); }
LawReport rotation(Subject& s) { return check_rotation(evaluator(s), s.crystal); }
LawReport permutation(Subject& s) { return check_permutation(evaluator(s), s.crystal); }
LawReport periodic_images(Subject& s) { return check_periodic_images(evaluator(s), s.crystal); }

LawReport additivity(Subject& s) {
  return check_additivity(evaluator(s), fragment(s, 8), fragment(s, 3), s.model.influence_distance());
}
LawReport isolated_atoms(Subject& s) { return check_isolated_atoms(evaluator(s), 1, 2 * s.model.cutoff()); }

kiln::DimerScan scan_of(const Subject& s) {
  kiln::DimerScan scan;
  scan.cutoff = s.model.cutoff();
  return scan;
}
LawReport continuous(Subject& s) { return check_continuous_at_cutoff(evaluator(s), scan_of(s)); }
LawReport smooth(Subject& s) { return check_smooth_at_cutoff(evaluator(s), scan_of(s)); }

}  // namespace

std::vector<Check> law_checks() {
  return {
      {"forces", forces},
      {"virial", virial},
      {"particle_energies", particle_energies},
      {"particle_virials", particle_virials},
      {"particle_virials_of_pairs", particle_virials_of_pairs, true},
      {"translation", translation},
      {"rotation", rotation},
      {"permutation", permutation},
      {"periodic_images", periodic_images},
      {"additivity", additivity},
      {"isolated_atoms", isolated_atoms},
      {"continuous_at_cutoff", continuous},
      {"smooth_at_cutoff", smooth},
  };
}

}  // namespace kim_check
