#pragma once

#include <vector>

#include "model/potential_graph.h"

namespace kiln {

/// Relative tolerance of the self-test: |difference| <= tolerance (1 + |value|), energy per atom.
double self_test_tolerance(Precision precision);

/// Two structures over all species, made up from the cutoff (Å): a cluster and a slanted periodic cell. For models
/// whose trainer gives none from its data.
std::vector<Structure> self_test_structures(const std::vector<int>& atomic_numbers, double cutoff);

/// What the model's engine says of every self-test's structure, in the model's precision.
std::vector<SelfTest> evaluate_self_tests(const Model& model, const PotentialGraph& graph, const ModelHost& host);

/// The largest |difference| / (1 + |value|) between two evaluations of the same structures; NaN if anything is NaN.
double largest_difference(const std::vector<SelfTest>& got, const std::vector<SelfTest>& want);

}  // namespace kiln
