#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engines/engine.h"
#include "train/metrics.h"

namespace kiln {

/// Errors of an engine on structures, one at a time; forces and virials where the structures have them.
Metrics evaluate_samples(const Engine& engine, const std::vector<Sample>& samples);

/// The errors of several sets as a table: one row a set, RMSE and MAE of each quantity. Empty sets are left out.
std::string error_table(const std::vector<std::pair<std::string, Metrics>>& sets);

}  // namespace kiln
