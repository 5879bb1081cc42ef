#pragma once

#include <string>
#include <vector>

#include "train/metrics.h"

namespace kiln {

/// train.csv: a row of names, a row of units, rows of values. The rows so far are kept as text, so that a continued run
/// can write those of the run before it.
struct CsvTable {
  std::string text;
};

/// Appends a row; the first one brings names and units with it. Returns what was appended.
std::string append_row(CsvTable& table, const std::vector<MetricColumn>& columns);

}  // namespace kiln
