#include "units.h"

namespace kiln_driver {
namespace {

template <class Unit>
struct UnitSize {
  Unit unit;
  double size;
};

template <class Unit, std::size_t n>
bool find_size(const UnitSize<Unit> (&table)[n], Unit unit, double& size) {
  for (const auto& row : table) {
    if (row.unit == unit) {
      size = row.size;
      return true;
    }
  }
  return false;
}

bool length_size(KIM::LengthUnit unit, double& size) {
  const UnitSize<KIM::LengthUnit> table[] = {
      {KIM::LENGTH_UNIT::unused, 1.0}, {KIM::LENGTH_UNIT::A, 1.0},  {KIM::LENGTH_UNIT::Bohr, 0.529177210903},
      {KIM::LENGTH_UNIT::cm, 1e8},     {KIM::LENGTH_UNIT::m, 1e10}, {KIM::LENGTH_UNIT::nm, 10.0},
  };
  return find_size(table, unit, size);
}

bool energy_size(KIM::EnergyUnit unit, double& size) {
  constexpr double kJoule = 1.0 / 1.602176634e-19;  // eV
  constexpr double kAvogadro = 6.02214076e23;
  const UnitSize<KIM::EnergyUnit> table[] = {
      {KIM::ENERGY_UNIT::unused, 1.0},
      {KIM::ENERGY_UNIT::eV, 1.0},
      {KIM::ENERGY_UNIT::J, kJoule},
      {KIM::ENERGY_UNIT::erg, kJoule * 1e-7},
      {KIM::ENERGY_UNIT::Hartree, 27.211386245988},
      {KIM::ENERGY_UNIT::kcal_mol, 4184.0 * kJoule / kAvogadro},
      {KIM::ENERGY_UNIT::amu_A2_per_ps2, 1.66053906660e-27 * 1e4 * kJoule},
  };
  return find_size(table, unit, size);
}

}  // namespace

bool read_units(KIM::LengthUnit length, KIM::EnergyUnit energy, DriverModel& model) {
  return length_size(length, model.length_unit) && energy_size(energy, model.energy_unit);
}

}  // namespace kiln_driver
