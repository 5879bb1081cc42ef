#pragma once

#include <string>
#include <utility>
#include <vector>

#include "train/metrics.h"

namespace kiln {

/// MAE, RMSE, unit and number of frames of each quantity of each set, one a line after a line of headings, without a
/// line end; "" if there is none. A set without a name stands for everything there is.
std::string error_table(const std::vector<std::pair<std::string, Metrics>>& sets);

}  // namespace kiln
