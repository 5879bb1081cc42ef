#include "train/error_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace kiln {

std::string error_table(const std::vector<std::pair<std::string, Metrics>>& sets) {
  std::vector<std::pair<std::string, QuantityErrors>> rows;
  std::size_t width = 10;
  for (const auto& [set, metrics] : sets)
    for (const QuantityErrors& q : quantity_errors(metrics)) {
      rows.emplace_back(set.empty() ? q.name : set + " " + q.name, q);
      width = std::max(width, rows.back().first.size());
    }
  if (rows.empty()) return "";
  std::string text = fmt::format("{:<{}} {:>12} {:>12}  {:<10} {:>8}", "error", width, "MAE", "RMSE", "unit", "frames");
  for (const auto& [name, q] : rows)
    text +=
        fmt::format("\n{:<{}} {:>12.4f} {:>12.4f}  {:<10} {:>8}", name, width, q.mae, q.rmse, q.unit, q.n_structures);
  return text;
}

}  // namespace kiln
