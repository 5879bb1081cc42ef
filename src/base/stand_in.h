#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "base/diagnostics.h"

namespace kiln {

/// What is put in the place of something at fault, so that the rest can be checked: two choices as unlike as can be.
enum class StandIn { one, another };

/// Faults that `check(StandIn, Diagnostics&)` finds with either: they are there whatever is to stand in that place.
/// None where it returns false, because nothing may stand there.
template <class Check>
std::vector<Diagnostic> certain_faults(const Check& check) {
  std::array<Diagnostics, 2> found;
  if (!check(StandIn::one, found[0]) || !check(StandIn::another, found[1])) return {};
  std::vector<Diagnostic> certain;
  for (const Diagnostic& fault : found[0].list) {
    const auto is_same = [&](const Diagnostic& other) { return other.code == fault.code && other.what == fault.what; };
    if (std::any_of(found[1].list.begin(), found[1].list.end(), is_same)) certain.push_back(fault);
  }
  return certain;
}

}  // namespace kiln
