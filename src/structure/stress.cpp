#include "structure/stress.h"

#include <algorithm>
#include <cmath>

#include "structure/cell.h"

namespace kiln {

double stress_volume(const Structure& structure) {
  const auto& periodic = structure.periodic;
  const bool all = std::all_of(periodic.begin(), periodic.end(), [](bool along) { return along; });
  return all && has_volume(structure.cell) ? std::abs(signed_volume(structure.cell)) : 0.0;
}

std::vector<double> stress_of(const Structure& structure, const std::vector<double>& virial) {
  const double volume = stress_volume(structure);
  if (volume == 0.0) return {};
  std::vector<double> stress = virial;
  for (double& x : stress) x /= -volume;
  return stress;
}

}  // namespace kiln
