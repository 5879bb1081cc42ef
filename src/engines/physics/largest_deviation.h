#pragma once

#include <string>
#include <vector>

#include "kiln/physics_checks.h"

namespace kiln {

/// Collects what a law measures. NaN counts as larger than any number and stays.
struct LargestDeviation {
  double value = -1.0;  ///< below zero: nothing was compared yet
  std::string where;

  void see(double deviation, const std::string& at);
  LawReport report(const std::string& law, double tolerance) const;
};

/// Every component of two arrays with `width` numbers per atom (0: not of atoms), differences divided by `scale`.
void see_all(LargestDeviation& worst, const std::vector<double>& got, const std::vector<double>& want, double scale,
             const std::string& name, int width);

/// True if there are `size` values; otherwise the deviation is NaN.
bool complete(LargestDeviation& worst, const std::vector<double>& values, std::size_t size, const std::string& name);

/// "force of atom 3, y"; `component` counts x, y, z or xx, xy, xz, yx, …
std::string place(const std::string& name, int atom, int component, int width);

/// 1 + the largest magnitude; infinite numbers and NaN are the comparison's business.
double scale_of(const std::vector<double>& values);

}  // namespace kiln
