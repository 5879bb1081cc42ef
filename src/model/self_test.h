#pragma once

#include <vector>

#include "model/model.h"

namespace kiln {

/// Relative tolerance of the self-test: |difference| <= tolerance (1 + |value|), energy per atom.
double self_test_tolerance(Precision precision);

/// Two structures over all species, made up from the cutoff: a cluster and a slanted periodic cell. The trainer gives
/// better ones, from its data.
std::vector<Structure> self_test_structures(const std::vector<int>& atomic_numbers, double cutoff);

/// Fills energy, forces and virial of every self-test with what the native engine says.
void compute_self_tests(Model& model);

}  // namespace kiln
