#pragma once

#include <algorithm>
#include <vector>

#include "base/diagnostics.h"

namespace kiln {

/// How often something is put in the place of what is at fault, so that the rest can be checked; another value each
/// time, beginning with the default.
constexpr int kTrials = 8;

/// Faults that `check(trial, Diagnostics&)` finds in every trial: they are there whatever is to stand in that place. A
/// trial for which it returns false says nothing; one alone is not enough.
template <class Check>
std::vector<Diagnostic> certain_faults(const Check& check) {
  std::vector<Diagnostic> certain;
  int n_trials = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    Diagnostics found;
    if (!check(trial, found)) continue;
    if (n_trials++ == 0) {
      certain = std::move(found.list);
      continue;
    }
    const auto is_gone = [&](const Diagnostic& fault) { return !says_the_same(found.list, fault); };
    certain.erase(std::remove_if(certain.begin(), certain.end(), is_gone), certain.end());
  }
  return n_trials > 1 ? certain : std::vector<Diagnostic>{};
}

}  // namespace kiln
