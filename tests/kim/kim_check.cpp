// Checks a KIM model by the laws of physics and KIM's contract: kim_check MODEL SPECIES LATTICE_CONSTANT [CHECK …]
// A diamond crystal of the species, distorted, is the subject. Prints a line per check; exit status 1 if any failed.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <random>
#include <thread>
#include <utility>

#include "kim_model.h"

namespace kim_check {
namespace {

using Cell = std::array<Vec3, 3>;

struct Subject {
  std::string model_name;
  std::string symbol;
  KimModel model;
  Cell cell;                ///< of 2x2x2 diamond cells, slightly triclinic
  std::vector<Vec3> atoms;  ///< 64, distorted
  std::vector<int> species;
};

double largest = 0.0;  // what the current check measured, for its line

bool within(double error, double tolerance) {
  if (!(error <= largest)) largest = error;
  return error <= tolerance;
}

bool near(double got, double want, double tolerance) { return within(std::abs(got - want), tolerance); }

bool same_forces(const std::vector<Vec3>& a, const std::vector<Vec3>& b, double tolerance) {
  bool ok = a.size() == b.size();
  for (std::size_t i = 0; ok && i < a.size(); ++i) {
    for (int x = 0; x < 3; ++x) ok = near(a[i][x], b[i][x], tolerance) && ok;
  }
  return ok;
}

/// Forces on the atoms of the cell: ghosts' forces added to their owners.
std::vector<Vec3> folded_forces(const Particles& particles, const Answer& answer, int n_atoms) {
  std::vector<Vec3> forces(n_atoms, Vec3{0, 0, 0});
  for (int i = 0; i < particles.n(); ++i) {
    for (int x = 0; x < 3; ++x) forces[particles.owner[i]][x] += answer.forces[i][x];
  }
  return forces;
}

Particles crystal(const Subject& s, double extra = 0.0) {
  return with_ghosts(s.cell, s.atoms, s.species, s.model.influence_distance() + extra);
}

bool particle_energies(Subject& s) {
  const Particles p = crystal(s);
  const Answer a = s.model.compute(p);
  double sum = 0.0;
  bool ok = a.failed == 0;
  for (int i = 0; i < p.n(); ++i) {
    sum += a.particle_energy[i];
    if (!p.contributing[i]) ok = a.particle_energy[i] == 0.0 && ok;
  }
  return near(sum, a.energy, 1e-10 * (1 + std::abs(a.energy))) && ok;
}

double energy_moved(Subject& s, Particles p, int atom, int x, double step) {
  for (int i = 0; i < p.n(); ++i) {
    if (p.owner[i] == atom) p.positions[i][x] += step;
  }
  return s.model.compute(p, {0.0, false, true}).energy;
}

/// Fourth-order central differences.
bool forces(Subject& s) {
  const Particles p = crystal(s, 0.1);
  const auto f = folded_forces(p, s.model.compute(p), static_cast<int>(s.atoms.size()));
  const double h = 2e-3;
  bool ok = true;
  for (int atom = 0; atom < 64; atom += 13) {
    for (int x = 0; x < 3; ++x) {
      const double slope = (8 * (energy_moved(s, p, atom, x, h) - energy_moved(s, p, atom, x, -h)) -
                            (energy_moved(s, p, atom, x, 2 * h) - energy_moved(s, p, atom, x, -2 * h))) /
                           (12 * h);
      ok = near(f[atom][x], -slope, 1e-7) && ok;
    }
  }
  return ok;
}

constexpr int kVoigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};

double energy_strained(Subject& s, Particles p, int component, double strain) {
  const int a = kVoigt[component][0];
  const int b = kVoigt[component][1];
  for (Vec3& r : p.positions) {
    const Vec3 old = r;
    r[a] += 0.5 * strain * old[b];
    r[b] += 0.5 * strain * old[a];
  }
  return s.model.compute(p, {0.0, false, true}).energy;
}

/// partialVirial = dE/d(strain) = -sum f x = sum of the particle virials.
bool virial(Subject& s) {
  const Particles p = crystal(s, 0.3);
  const Answer answer = s.model.compute(p);
  const double h = 1e-4;
  bool ok = answer.failed == 0;
  for (int k = 0; k < 6; ++k) {
    const double slope = (8 * (energy_strained(s, p, k, h) - energy_strained(s, p, k, -h)) -
                          (energy_strained(s, p, k, 2 * h) - energy_strained(s, p, k, -2 * h))) /
                         (12 * h);
    double from_forces = 0.0;
    double from_particles = 0.0;
    for (int i = 0; i < p.n(); ++i) {
      from_forces -= 0.5 * (answer.forces[i][kVoigt[k][0]] * p.positions[i][kVoigt[k][1]] +
                            answer.forces[i][kVoigt[k][1]] * p.positions[i][kVoigt[k][0]]);
      from_particles += answer.particle_virial[i][k];
    }
    const double scale = 1 + std::abs(answer.virial[k]);
    ok = near(answer.virial[k], slope, 1e-7 * scale) && ok;
    ok = std::abs(answer.virial[k] - from_forces) <= 1e-10 * scale && ok;
    ok = std::abs(answer.virial[k] - from_particles) <= 1e-10 * scale && ok;
  }
  return ok;
}

/// Half of each edge's r ⊗ dE/dr goes to either end. With one message-passing step and one contributing particle, dE/dr
/// of its edge to j is the derivative by the position of j: by finite differences. (With more steps an edge has no
/// coordinates of its own.)
bool particle_virial_of_edges(Subject& s) {
  Particles p = cluster(s.atoms, s.species);
  for (int& c : p.contributing) c = 0;
  p.contributing[0] = 1;
  const Answer answer = s.model.compute(p);
  const double h = 2e-3;
  std::array<double, 6> of_receiver{};
  bool ok = answer.failed == 0;
  for (int j = 1; j < p.n(); ++j) {
    double d[3], g[3];
    for (int x = 0; x < 3; ++x) {
      const auto energy = [&](double step) {
        Particles q = p;
        q.positions[j][x] += step;
        return s.model.compute(q, {0.0, false, true}).energy;
      };
      d[x] = p.positions[j][x] - p.positions[0][x];
      g[x] = (8 * (energy(h) - energy(-h)) - (energy(2 * h) - energy(-2 * h))) / (12 * h);
    }
    for (int k = 0; k < 6; ++k) {
      const int a = kVoigt[k][0], b = kVoigt[k][1];
      const double half = 0.25 * (d[a] * g[b] + d[b] * g[a]);
      of_receiver[k] += half;
      ok = near(answer.particle_virial[j][k], half, 1e-7) && ok;
    }
  }
  for (int k = 0; k < 6; ++k) ok = near(answer.particle_virial[0][k], of_receiver[k], 1e-7) && ok;
  return ok;
}

bool permutation_and_lists(Subject& s) {
  const Particles p = crystal(s);
  const Answer plain = s.model.compute(p);
  Particles mixed;  // backwards: ghosts first
  for (int i = p.n() - 1; i >= 0; --i) {
    mixed.positions.push_back(p.positions[i]);
    mixed.species.push_back(p.species[i]);
    mixed.contributing.push_back(p.contributing[i]);
    mixed.owner.push_back(p.owner[i]);
  }
  const Answer other = s.model.compute(mixed, {0.0, true, false});
  bool ok = near(other.energy, plain.energy, 1e-10 * (1 + std::abs(plain.energy)));
  ok = same_forces(folded_forces(p, plain, 64), folded_forces(mixed, other, 64), 1e-10) && ok;
  for (int i = 0; i < p.n(); ++i)
    ok = near(other.particle_energy[p.n() - 1 - i], plain.particle_energy[i], 1e-10) && ok;
  return ok;
}

bool skin_and_extra_ghosts(Subject& s) {
  const Particles p = crystal(s);
  const Particles more = crystal(s, 2.0);
  const Answer plain = s.model.compute(p);
  const Answer other = s.model.compute(more, {2.0, false, false});
  const bool ok = near(other.energy, plain.energy, 1e-12 * (1 + std::abs(plain.energy)));
  return same_forces(folded_forces(p, plain, 64), folded_forces(more, other, 64),
                     1e-12 * (1 + std::abs(plain.energy))) &&
         ok;
}

Vec3 rotated(const Vec3& v) {  // by irrational angles about z, then x
  const double c = std::cos(std::sqrt(2.0)), t = std::sin(std::sqrt(2.0));
  const double d = std::cos(std::sqrt(3.0)), u = std::sin(std::sqrt(3.0));
  const Vec3 w{c * v[0] - t * v[1], t * v[0] + c * v[1], v[2]};
  return {w[0], d * w[1] - u * w[2], u * w[1] + d * w[2]};
}

bool moved_by(Subject& s, const std::function<Vec3(const Vec3&)>& place, const std::function<Vec3(const Vec3&)>& turn,
              double tolerance) {
  const Particles p = crystal(s);
  Particles q = p;
  for (Vec3& r : q.positions) r = place(r);
  const Answer a = s.model.compute(p);
  const Answer b = s.model.compute(q);
  std::vector<Vec3> want = a.forces;
  for (Vec3& f : want) f = turn(f);
  const bool ok = near(b.energy, a.energy, tolerance * (1 + std::abs(a.energy)));
  return same_forces(b.forces, want, tolerance) && ok;
}

bool rotation(Subject& s) { return moved_by(s, rotated, rotated, 1e-10); }
bool inversion(Subject& s) {
  const auto invert = [](const Vec3& v) { return Vec3{-v[0], -v[1], -v[2]}; };
  return moved_by(s, invert, invert, 1e-10);
}
bool translation(Subject& s) {
  return moved_by(
      s,
      [](const Vec3& v) {
        return Vec3{v[0] + 1000.0, v[1] - 300.0, v[2] + 7.0};
      },
      [](const Vec3& v) { return v; }, 1e-9);
}

bool one_and_two_atoms(Subject& s) {
  const int code = s.species[0];
  const Answer one = s.model.compute(cluster({{0, 0, 0}}, {code}));
  const Answer two = s.model.compute(cluster({{0, 0, 0}, {2 * s.model.cutoff(), 0, 0}}, {code, code}));
  bool ok = one.failed == 0 && two.failed == 0 && std::isfinite(one.energy) && two.energy == 2 * one.energy;
  for (const Vec3& f : two.forces) ok = f == Vec3{0, 0, 0} && ok;
  return ok;
}

/// Energy and slope of a dimer are continuous from 2.5 Å inside the cutoff to beyond it: per 1e-3 Å the slope departs
/// from its own trend by less than 1 % of its largest value. (The change itself says how steep the model is, not
/// whether it jumps.)
bool dimer_scan(Subject& s) {
  const int code = s.species[0];
  const auto at = [&](double r) { return s.model.compute(cluster({{0, 0, 0}, {r, 0, 0}}, {code, code})); };
  const double r_c = s.model.cutoff();
  const double inside = at(r_c * (1 - 1e-9)).energy;
  bool ok = near(at(r_c * (1 + 1e-9)).energy, inside, 1e-12 * (1 + std::abs(inside)));
  std::vector<double> slopes;
  for (double r = r_c - 2.5; r < r_c + 0.1; r += 1e-3) slopes.push_back(-at(r).forces[1][0]);
  double largest_slope = 0.0;
  for (double slope : slopes) largest_slope = std::max(largest_slope, std::abs(slope));
  for (std::size_t k = 2; k < slopes.size(); ++k) {
    ok = within(std::abs(slopes[k] - 2 * slopes[k - 1] + slopes[k - 2]), 0.01 * largest_slope) && ok;
  }
  return ok && largest_slope > 0.0;
}

/// Two halves of the atoms contributing, one after the other, add up to the whole.
bool partial_configurations(Subject& s) {
  const Particles p = crystal(s);
  const Answer whole = s.model.compute(p);
  double energy = 0.0;
  std::vector<Vec3> sum(64, Vec3{0, 0, 0});
  for (int half = 0; half < 2; ++half) {
    Particles q = p;
    for (int i = 0; i < 64; ++i) q.contributing[i] = i % 2 == half;
    const Answer a = s.model.compute(q);
    energy += a.energy;
    const auto f = folded_forces(q, a, 64);
    for (int i = 0; i < 64; ++i) {
      for (int x = 0; x < 3; ++x) sum[i][x] += f[i][x];
    }
  }
  const bool ok = near(energy, whole.energy, 1e-10 * (1 + std::abs(whole.energy)));
  return same_forces(sum, folded_forces(p, whole, 64), 1e-10) && ok;
}

bool unit_systems(Subject& s) {
  struct Case {
    Units units;
    double length, energy;  ///< sizes in Å, eV (CODATA 2018)
  };
  const Case cases[] = {
      {{KIM::LENGTH_UNIT::A, KIM::ENERGY_UNIT::kcal_mol}, 1.0, 0.04336410424180094},
      {{KIM::LENGTH_UNIT::m, KIM::ENERGY_UNIT::J}, 1e10, 6.241509074460763e18},
      {{KIM::LENGTH_UNIT::cm, KIM::ENERGY_UNIT::erg}, 1e8, 6.241509074460763e11},
      {{KIM::LENGTH_UNIT::Bohr, KIM::ENERGY_UNIT::Hartree}, 0.529177210903, 27.211386245988},
      {{KIM::LENGTH_UNIT::nm, KIM::ENERGY_UNIT::eV}, 10.0, 1.0},
  };
  const Particles p = crystal(s);
  const Answer want = s.model.compute(p);
  bool ok = true;
  for (const Case& c : cases) {
    KimModel other(s.model_name, c.units);
    if (!other.created() || !other.units_accepted()) return false;
    Particles q = p;
    for (Vec3& r : q.positions) {
      for (double& x : r) x /= c.length;
    }
    const Answer got = other.compute(q);
    ok = near(got.energy * c.energy, want.energy, 1e-9 * (1 + std::abs(want.energy))) && ok;
    ok = near(got.forces[5][1] * c.energy / c.length, want.forces[5][1], 1e-9) && ok;
    ok = near(got.virial[3] * c.energy, want.virial[3], 1e-9 * (1 + std::abs(want.virial[3]))) && ok;
  }
  return ok;
}

bool only_what_is_asked(Subject& s) {
  const Particles p = crystal(s);
  const Answer all = s.model.compute(p);
  const Answer energy = s.model.compute(p, {0.0, false, true});
  return energy.failed == 0 && energy.energy == all.energy && energy.virial[0] == 1e30;
}

bool nan_is_refused(Subject& s) {
  Particles p = crystal(s);
  p.positions[3][1] = std::numeric_limits<double>::quiet_NaN();
  return s.model.compute(p).failed != 0;
}

bool bad_species_is_refused(Subject& s) {
  Particles p = crystal(s);
  p.species[7] = 99;
  return s.model.compute(p).failed != 0;
}

bool nobody_contributes(Subject& s) {
  Particles p = cluster(s.atoms, s.species);
  for (int& c : p.contributing) c = 0;
  const Answer none = s.model.compute(p);
  bool ok = none.failed == 0 && none.energy == 0.0;
  for (const Vec3& f : none.forces) ok = f == Vec3{0, 0, 0} && ok;
  return ok;
}

/// Threads with models of their own agree bit for bit with one thread.
bool threads(Subject& s) {
  const Particles p = crystal(s);
  const Particles q = cluster(s.atoms, s.species);
  const double want[2] = {s.model.compute(p).energy, s.model.compute(q).energy};
  KimModel first(s.model_name), second(s.model_name);
  bool ok[2] = {true, true};
  const auto work = [&](KimModel& model, const Particles& particles, int k) {
    for (int repeat = 0; repeat < 10; ++repeat) ok[k] = model.compute(particles).energy == want[k] && ok[k];
  };
  std::thread other(work, std::ref(second), std::cref(q), 1);
  work(first, p, 0);
  other.join();
  return ok[0] && ok[1];
}

struct Check {
  const char* name;
  bool (*run)(Subject&);
  bool one_step_only = false;  ///< for models whose influence distance is their cutoff
};
constexpr Check kChecks[] = {
    {"particle_energies", particle_energies},
    {"forces", forces},
    {"virial", virial},
    {"particle_virial_of_edges", particle_virial_of_edges, true},
    {"permutation_and_lists", permutation_and_lists},
    {"skin_and_extra_ghosts", skin_and_extra_ghosts},
    {"rotation", rotation},
    {"inversion", inversion},
    {"translation", translation},
    {"one_and_two_atoms", one_and_two_atoms},
    {"dimer_scan", dimer_scan},
    {"partial_configurations", partial_configurations},
    {"unit_systems", unit_systems},
    {"only_what_is_asked", only_what_is_asked},
    {"nobody_contributes", nobody_contributes},
    {"threads", threads},
    {"nan_is_refused", nan_is_refused},
    {"bad_species_is_refused", bad_species_is_refused},
};

/// 2x2x2 diamond cells, sheared a little, every atom moved by up to 0.15 Å per axis; the same every time.
void make_crystal(Subject& s, double a) {
  s.cell = {Vec3{2 * a, 0, 0}, Vec3{0.3, 2 * a, 0}, Vec3{-0.2, 0.25, 2 * a}};
  const double basis[8][3] = {{0, 0, 0},       {0, .5, .5},     {.5, 0, .5},     {.5, .5, 0},
                              {.25, .25, .25}, {.25, .75, .75}, {.75, .25, .75}, {.75, .75, .25}};
  std::mt19937 random(7);
  const auto uniform = [&] { return 0.15 * (2.0 * (random() / 4294967296.0) - 1.0); };
  for (int cell = 0; cell < 8; ++cell) {
    for (const auto& b : basis) {
      const double f[3] = {(b[0] + (cell & 1)) / 2, (b[1] + ((cell >> 1) & 1)) / 2, (b[2] + (cell >> 2)) / 2};
      Vec3 r{uniform(), uniform(), uniform()};
      for (int x = 0; x < 3; ++x) r[x] += f[0] * s.cell[0][x] + f[1] * s.cell[1][x] + f[2] * s.cell[2][x];
      s.atoms.push_back(r);
    }
  }
}

int run(int argc, char** argv) {
  Subject s{argv[1], argv[2], KimModel(argv[1]), {}, {}, {}};
  if (!s.model.created()) {
    std::printf("cannot create model %s\n", argv[1]);
    return 1;
  }
  make_crystal(s, std::atof(argv[3]));
  s.species.assign(s.atoms.size(), s.model.species_code(s.symbol));
  if (s.species[0] < 0) {
    std::printf("%s does not support %s\n", argv[1], argv[2]);
    return 1;
  }
  int n_failed = 0;
  for (const Check& check : kChecks) {
    bool wanted = argc == 4;
    for (int k = 4; k < argc; ++k) wanted = wanted || check.name == std::string(argv[k]);
    if (!wanted || (check.one_step_only && s.model.influence_distance() > s.model.cutoff())) continue;
    largest = 0.0;
    const bool ok = check.run(s);
    std::printf("%-24s %s  %.2e\n", check.name, ok ? "ok    " : "FAILED", largest);
    std::fflush(stdout);
    n_failed += !ok;
  }
  return n_failed > 0;
}

}  // namespace
}  // namespace kim_check

int main(int argc, char** argv) {
  if (argc < 4) {
    std::printf("usage: kim_check MODEL SPECIES LATTICE_CONSTANT [CHECK ...]\n");
    return 2;
  }
  return kim_check::run(argc, argv);
}
