#include <algorithm>
#include <cmath>

#include "checks.h"

// What a KIM model must know about particles: ghosts, neighbor lists, who contributes.

namespace kim_check {
namespace {

using kiln::LawReport;

/// KIM's virial is -sum f x over contributing particles and ghosts.
LawReport virial_of_forces(Subject& s) {
  const Particles p = particles_of(s, s.crystal);
  const Answer answer = s.model.compute(p);
  kiln::Prediction got = folded(p, answer), want = got;
  want.virial.assign(9, 0.0);
  for (int i = 0; i < p.n(); ++i)
    for (int k = 0; k < 9; ++k)
      want.virial[k] +=
          0.5 * (answer.forces[i][k / 3] * p.positions[i][k % 3] + answer.forces[i][k % 3] * p.positions[i][k / 3]);
  return check_equal("the virial is the sum of the forces times the positions", got, want, 1e-10);
}

LawReport backwards(Subject& s) {
  const Particles p = particles_of(s, s.crystal);
  Particles mixed = p;  // ghosts first, neighbor lists reversed
  std::reverse(mixed.positions.begin(), mixed.positions.end());
  std::reverse(mixed.species.begin(), mixed.species.end());
  std::reverse(mixed.contributing.begin(), mixed.contributing.end());
  std::reverse(mixed.owner.begin(), mixed.owner.end());
  Options shuffle;
  shuffle.shuffle = true;
  return check_equal("the order of particles, ghosts and neighbors does not matter",
                     folded(mixed, s.model.compute(mixed, shuffle)), folded(p, s.model.compute(p)), 1e-10);
}

LawReport skin_and_extra_ghosts(Subject& s) {
  const Particles p = particles_of(s, s.crystal), more = particles_of(s, s.crystal, 2.0);
  Options skin;
  skin.skin = 2.0;
  return check_equal("neighbors and ghosts beyond the cutoff do not matter", folded(more, s.model.compute(more, skin)),
                     folded(p, s.model.compute(p)), 1e-12);
}

void add(std::vector<double>& sum, const std::vector<double>& part) {
  sum.resize(part.size(), 0.0);
  for (std::size_t i = 0; i < part.size(); ++i) sum[i] += part[i];
}

LawReport partial_configurations(Subject& s) {
  const Particles p = particles_of(s, s.crystal);
  kiln::Prediction sum;
  for (int half = 0; half < 2; ++half) {
    Particles q = p;
    for (int i = 0; i < p.n(); ++i) q.contributing[i] = p.contributing[i] && i % 2 == half;
    const kiln::Prediction part = folded(q, s.model.compute(q));
    sum.energy += part.energy;
    add(sum.atom_energies, part.atom_energies);
    add(sum.forces, part.forces);
    add(sum.virial, part.virial);
    add(sum.atom_virials, part.atom_virials);
  }
  return check_equal("two halves of the atoms contributing add up to the whole", sum, folded(p, s.model.compute(p)),
                     1e-10);
}

LawReport nobody_contributes(Subject& s) {
  Particles p = particles_of(s, s.crystal);
  for (int& c : p.contributing) c = 0;
  const Answer none = s.model.compute(p);
  bool ok = none.failed == 0 && none.energy == 0.0;
  for (const Vec3& f : none.forces) ok = f == Vec3{0, 0, 0} && ok;
  return verdict("without contributing particles there is neither energy nor force", ok);
}

}  // namespace

std::vector<Check> particle_checks() {
  return {
      {"virial_of_forces", virial_of_forces},           {"backwards", backwards},
      {"skin_and_extra_ghosts", skin_and_extra_ghosts}, {"partial_configurations", partial_configurations},
      {"nobody_contributes", nobody_contributes},
  };
}

}  // namespace kim_check
