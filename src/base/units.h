#pragma once

#include <string>

namespace kiln {

/// Factor that takes a number in `unit` to Kiln's: length Å, energy eV, force eV/Å, stress eV/Å^3. CODATA 2018.
/// Knows eV, meV, kcal/mol, kJ/mol, hartree, Ry; Å (angstrom, A), bohr, nm; products such as eV/A, GPa.
/// Throws Error of kind configuration listing what is known.
double energy_unit(const std::string& unit);
double length_unit(const std::string& unit);
double force_unit(const std::string& unit);
double stress_unit(const std::string& unit);

}  // namespace kiln
