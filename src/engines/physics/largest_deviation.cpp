#include "engines/physics/largest_deviation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kiln {

void LargestDeviation::see(double deviation, const std::string& at) {
  if (std::isnan(value) || deviation <= value) return;
  value = deviation;
  where = at;
}

LawReport LargestDeviation::report(const std::string& law, double tolerance) const {
  if (value < 0.0) return {law, NAN, tolerance, "nothing was compared"};
  return {law, value, tolerance, where};
}

std::string place(const std::string& name, int atom, int component, int width) {
  constexpr char kAxes[] = "xyz";
  std::string text = atom >= 0 ? fmt::format("{} of atom {}", name, atom) : name;
  if (width == 3) text += fmt::format(", {}", kAxes[component]);
  if (width == 9) text += fmt::format(", {}{}", kAxes[component / 3], kAxes[component % 3]);
  return text;
}

bool complete(LargestDeviation& worst, const std::vector<double>& values, std::size_t size, const std::string& name) {
  if (values.size() != size) worst.see(NAN, fmt::format("{}: {} numbers instead of {}", name, values.size(), size));
  return values.size() == size;
}

void see_all(LargestDeviation& worst, const std::vector<double>& got, const std::vector<double>& want, double scale,
             const std::string& name, int width) {
  if (!complete(worst, got, want.size(), name)) return;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const int k = static_cast<int>(i);
    worst.see(std::abs(got[i] - want[i]) / scale,
              width > 0 ? place(name, k / width, k % width, width) : place(name, -1, k, 9));
  }
}

double scale_of(const std::vector<double>& values) {
  double most = 0.0;
  for (const double value : values)
    if (std::isfinite(value)) most = std::max(most, std::abs(value));
  return 1.0 + most;
}

LawReport check_equal(const std::string& law, const Prediction& got, const Prediction& want, double tolerance) {
  LargestDeviation worst;
  worst.see(std::abs(got.energy - want.energy) / (1.0 + std::abs(want.energy)), "energy");
  see_all(worst, got.atom_energies, want.atom_energies, scale_of(want.atom_energies), "energy", 1);
  see_all(worst, got.forces, want.forces, 1.0, "force", 3);
  see_all(worst, got.virial, want.virial, scale_of(want.virial), "virial", 0);
  see_all(worst, got.atom_virials, want.atom_virials, scale_of(want.virial), "virial", 9);
  return worst.report(law, tolerance);
}

std::string to_string(const LawReport& report) {
  if (report.where.empty()) return report.law + (report.ok() ? ": holds" : ": does not hold");
  return fmt::format("{}: {:.1e} at {}; allowed are {:.1e}", report.law, report.deviation, report.where,
                     report.tolerance);
}

}  // namespace kiln
