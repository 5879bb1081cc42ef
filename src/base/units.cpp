#include "base/units.h"

#include <string_view>

#include "kiln/error.h"

namespace kiln {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

// CODATA 2018. e and N_A are exact.
constexpr double kElementaryCharge = 1.602176634e-19;                   // C
constexpr double kAvogadro = 6.02214076e23;                             // 1/mol
constexpr double kHartree = 27.211386245988;                            // eV
constexpr double kBohr = 0.529177210903;                                // Å
constexpr double kJoulePerMol = 1.0 / (kElementaryCharge * kAvogadro);  // eV
constexpr double kPascal = 1e-30 / kElementaryCharge;                   // eV/Å^3

constexpr Unit kEnergies[] = {{"eV", 1.0},
                              {"meV", 1e-3},
                              {"kcal/mol", 4184.0 * kJoulePerMol},
                              {"kJ/mol", 1000.0 * kJoulePerMol},
                              {"hartree", kHartree},
                              {"Hartree", kHartree},
                              {"Ha", kHartree},
                              {"Eh", kHartree},
                              {"Ry", kHartree / 2},
                              {"rydberg", kHartree / 2}};
constexpr Unit kLengths[] = {{"Å", 1.0},      {"angstrom", 1.0}, {"Angstrom", 1.0}, {"A", 1.0},  {"bohr", kBohr},
                             {"Bohr", kBohr}, {"a0", kBohr},     {"nm", 10.0},      {"pm", 0.01}};
constexpr Unit kStresses[] = {
    {"GPa", 1e9 * kPascal}, {"MPa", 1e6 * kPascal}, {"kbar", 1e8 * kPascal}, {"bar", 1e5 * kPascal}, {"Pa", kPascal}};

template <std::size_t n>
const Unit* find(const Unit (&units)[n], std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

template <std::size_t n>
std::string names(const Unit (&units)[n]) {
  std::string text;
  for (const Unit& unit : units) text += (text.empty() ? "" : ", ") + std::string(unit.name);
  return text;
}

[[noreturn]] void fail(const std::string& quantity, const std::string& unit, const std::string& known) {
  throw Error(ErrorKind::configuration, "unknown-unit", "'" + unit + "' is no unit of " + quantity, "Known: " + known);
}

/// Finds the split "energy/length-part" whose two sides are known; "kcal/mol/A" is split at the last such slash.
template <class ReadLength>
bool read_quotient(const std::string& unit, ReadLength length, double& factor) {
  for (std::size_t slash = unit.rfind('/'); slash != std::string::npos && slash > 0;
       slash = unit.rfind('/', slash - 1)) {
    const Unit* energy = find(kEnergies, unit.substr(0, slash));
    const double below = energy ? length(unit.substr(slash + 1)) : 0.0;
    if (below > 0.0) {
      factor = energy->factor / below;
      return true;
    }
  }
  return false;
}

double length_or_zero(const std::string& name) {
  const Unit* unit = find(kLengths, name);
  return unit ? unit->factor : 0.0;
}

double volume_or_zero(std::string name) {
  for (const std::string power : {"^3", "**3", "3", "³"}) {
    if (name.size() <= power.size() || name.compare(name.size() - power.size(), power.size(), power) != 0) continue;
    const double length = length_or_zero(name.substr(0, name.size() - power.size()));
    if (length > 0.0) return length * length * length;
  }
  return 0.0;
}

}  // namespace

double energy_unit(const std::string& unit) {
  const Unit* known = find(kEnergies, unit);
  if (!known) fail("energy", unit, names(kEnergies));
  return known->factor;
}

double length_unit(const std::string& unit) {
  const Unit* known = find(kLengths, unit);
  if (!known) fail("length", unit, names(kLengths));
  return known->factor;
}

double force_unit(const std::string& unit) {
  double factor = 0.0;
  if (read_quotient(unit, length_or_zero, factor)) return factor;
  fail("force", unit,
       "energy/length, such as eV/A or hartree/bohr; energies: " + names(kEnergies) + "; lengths: " + names(kLengths));
}

double stress_unit(const std::string& unit) {
  double factor = 0.0;
  if (const Unit* known = find(kStresses, unit)) return known->factor;
  if (read_quotient(unit, volume_or_zero, factor)) return factor;
  fail("stress", unit,
       names(kStresses) + ", energy/length^3, such as eV/A^3; energies: " + names(kEnergies) +
           "; lengths: " + names(kLengths));
}

}  // namespace kiln
