#include <limits>
#include <thread>

#include "checks.h"

// What KIM asks of a model beyond physics: units, only the arguments asked for, errors as return codes, threads.

namespace kim_check {
namespace {

using kiln::LawReport;

struct UnitSystem {
  const char* name;
  Units units;
  double length, energy;  ///< sizes in Å, eV (CODATA 2018)
};

const UnitSystem kUnitSystems[] = {
    {"kcal/mol", {KIM::LENGTH_UNIT::A, KIM::ENERGY_UNIT::kcal_mol}, 1.0, 0.04336410424180094},
    {"SI", {KIM::LENGTH_UNIT::m, KIM::ENERGY_UNIT::J}, 1e10, 6.241509074460763e18},
    {"cgs", {KIM::LENGTH_UNIT::cm, KIM::ENERGY_UNIT::erg}, 1e8, 6.241509074460763e11},
    {"atomic units", {KIM::LENGTH_UNIT::Bohr, KIM::ENERGY_UNIT::Hartree}, 0.529177210903, 27.211386245988},
    {"nm", {KIM::LENGTH_UNIT::nm, KIM::ENERGY_UNIT::eV}, 10.0, 1.0},
};

void scale(std::vector<double>& values, double factor) {
  for (double& value : values) value *= factor;
}

kiln::Prediction in_metal_units(kiln::Prediction p, const UnitSystem& system) {
  p.energy *= system.energy;
  scale(p.atom_energies, system.energy);
  scale(p.forces, system.energy / system.length);
  scale(p.virial, system.energy);
  scale(p.atom_virials, system.energy);
  return p;
}

LawReport unit_systems(Subject& s) {
  const std::string law = "other units change the numbers only";
  const Particles p = particles_of(s, s.crystal);
  const kiln::Prediction want = folded(p, s.model.compute(p));
  LawReport worst = verdict(law, true);
  for (const UnitSystem& system : kUnitSystems) {
    KimModel other(s.model_name, system.units);
    if (!other.created() || !other.units_accepted()) return verdict(law + ", " + system.name, false);
    Particles q = p;
    for (Vec3& r : q.positions)
      for (double& x : r) x /= system.length;
    const LawReport report =
        check_equal(law + ", " + system.name, in_metal_units(folded(q, other.compute(q)), system), want, 1e-9);
    if (!report.ok()) return report;
    if (report.deviation >= worst.deviation) worst = report;
  }
  return worst;
}

LawReport only_what_is_asked(Subject& s) {
  const Particles p = particles_of(s, s.crystal);
  const Answer all = s.model.compute(p);
  Options energy_only;
  energy_only.outputs = Outputs::energy;
  const Answer energy = s.model.compute(p, energy_only);
  return verdict("only what is asked for is written",
                 energy.failed == 0 && energy.energy == all.energy && energy.virial[0] == kUntouched);
}

LawReport nan_is_refused(Subject& s) {
  Particles p = particles_of(s, s.crystal);
  p.positions[3][1] = std::numeric_limits<double>::quiet_NaN();
  return verdict("a position that is not a number is an error", s.model.compute(p).failed != 0);
}

LawReport bad_species_is_refused(Subject& s) {
  Particles p = particles_of(s, s.crystal);
  p.species[7] = 99;
  return verdict("an unknown species is an error", s.model.compute(p).failed != 0);
}

/// Threads with models of their own agree bit for bit with one thread.
LawReport threads(Subject& s) {
  const Particles p = particles_of(s, s.crystal);
  const Particles q = cluster(s.crystal.positions, p.species);
  const double want[2] = {s.model.compute(p).energy, s.model.compute(q).energy};
  KimModel first(s.model_name), second(s.model_name);
  bool ok[2] = {true, true};
  const auto work = [&](KimModel& model, const Particles& particles, int k) {
    for (int repeat = 0; repeat < 10; ++repeat) ok[k] = model.compute(particles).energy == want[k] && ok[k];
  };
  std::thread other(work, std::ref(second), std::cref(q), 1);
  work(first, p, 0);
  other.join();
  return verdict("two threads compute what one does", ok[0] && ok[1]);
}

}  // namespace

std::vector<Check> contract_checks() {
  return {
      {"unit_systems", unit_systems},
      {"only_what_is_asked", only_what_is_asked},
      {"nan_is_refused", nan_is_refused},
      {"bad_species_is_refused", bad_species_is_refused},
      {"threads", threads},
  };
}

}  // namespace kim_check
