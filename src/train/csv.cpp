#include "train/csv.h"

#include <fmt/format.h>

namespace kiln {

void append_row(CsvTable& table, const std::vector<MetricColumn>& columns) {
  std::string names, units, values;
  for (const MetricColumn& c : columns) {
    const char* comma = &c == &columns.front() ? "" : ",";
    names += comma + c.name;
    units += comma + c.unit;
    values += fmt::format("{}{:.10g}", comma, c.value);
  }
  if (table.text.empty()) table.text = names + "\n" + units + "\n";
  table.text += values + "\n";
}

}  // namespace kiln
