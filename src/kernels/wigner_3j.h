#pragma once

#include <vector>

namespace kiln {

/// One non-zero element of a real-basis 3j tensor C^{l1 l2 l3}; components count from 0 (m = -l).
struct CouplingTerm {
  int m1 = 0, m2 = 0, m3 = 0;
  double value = 0.0;
};

/// Real-basis Wigner 3j C^{l1 l2 l3}_{m1 m2 m3} as e3nn has it (docs/layers.md), sum of squares 1: the
/// non-zero elements, sorted by (m1, m2, m3). Empty unless |l1 - l2| <= l3 <= l1 + l2. Good to the last digit or two
/// for l <= 11.
std::vector<CouplingTerm> wigner_3j(int l1, int l2, int l3);

}  // namespace kiln
