#pragma once

#include <algorithm>
#include <vector>

#include "base/diagnostics.h"

namespace kiln {

/// How often something is put in the place of what is at fault, so that the rest can be checked; other values, as many
/// as there are, beginning with the default.
constexpr int kTrials = 8;

/// The faults that all of several trials find: they are there whatever is to stand in that place. One trial alone says
/// nothing.
inline std::vector<Diagnostic> certain_among(const std::vector<std::vector<Diagnostic>>& trials) {
  std::vector<Diagnostic> certain;
  if (trials.size() < 2) return certain;
  for (const Diagnostic& fault : trials[0]) {
    const auto finds = [&](const std::vector<Diagnostic>& found) { return says_the_same(found, fault); };
    if (std::all_of(trials.begin(), trials.end(), finds) && !says_the_same(certain, fault)) certain.push_back(fault);
  }
  return certain;
}

/// Faults that `check(trial, Diagnostics&)` certainly finds. A trial for which it returns false says nothing.
template <class Check>
std::vector<Diagnostic> certain_faults(const Check& check) {
  std::vector<std::vector<Diagnostic>> trials;
  for (int trial = 0; trial < kTrials; ++trial) {
    Diagnostics found;
    if (check(trial, found)) trials.push_back(std::move(found.list));
  }
  return certain_among(trials);
}

}  // namespace kiln
