#include "train/csv.h"

#include <fmt/format.h>

namespace kiln {

std::string append_row(CsvTable& table, const std::vector<MetricColumn>& columns) {
  std::string names, units, values;
  for (const MetricColumn& c : columns) {
    const char* comma = &c == &columns.front() ? "" : ",";
    names += comma + c.name;
    units += comma + c.unit;
    values += fmt::format("{}{:.10g}", comma, c.value);
  }
  const std::string head = table.text.empty() ? names + "\n" + units + "\n" : "";
  table.text += head + values + "\n";
  return head + values + "\n";
}

}  // namespace kiln
