#pragma once

#include <vector>

#include "kiln/structure.h"

namespace kiln {

/// |V|, Å^3, where a stress means something: a cell with volume, periodic along all three vectors; else 0. A
/// left-handed cell has the same stress as its mirror image.
double stress_volume(const Structure& structure);

/// Stress -W / V, eV/Å^3, positive under tension; empty where it means nothing.
/// @param virial  [9], W = -dE/d(strain), eV
std::vector<double> stress_of(const Structure& structure, const std::vector<double>& virial);

}  // namespace kiln
