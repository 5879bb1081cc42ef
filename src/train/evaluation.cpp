#include "train/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engines/derivatives.h"

namespace kiln {
namespace {

constexpr int kNameWidth = 12;

/// Columns of all sets together, in the order in which they appear.
std::vector<MetricColumn> all_columns(const std::vector<std::pair<std::string, Metrics>>& sets) {
  std::vector<MetricColumn> all;
  for (const auto& set : sets)
    for (const MetricColumn& c : metric_columns(set.second, true))
      if (std::none_of(all.begin(), all.end(), [&](const MetricColumn& a) { return a.name == c.name; }))
        all.push_back(c);
  return all;
}

std::string title(const MetricColumn& c) { return fmt::format("{} [{}]", c.name, c.unit); }

std::string row_of(const std::string& name, const Metrics& metrics, const std::vector<MetricColumn>& columns) {
  std::map<std::string, double> values;
  for (const MetricColumn& c : metric_columns(metrics, true)) values[c.name] = c.value;
  std::string row = fmt::format("{:<{}}{:>10}", name, kNameWidth, metrics.n_structures);
  for (const MetricColumn& c : columns) {
    const std::size_t width = title(c).size() + 2;
    row +=
        values.count(c.name) ? fmt::format("{:>{}.5g}", values.at(c.name), width) : fmt::format("{:>{}}", "-", width);
  }
  return row;
}

}  // namespace

Metrics evaluate_samples(const Engine& engine, const std::vector<Sample>& samples) {
  Metrics metrics;
  const auto scratch = engine.make_scratch();
  for (const Sample& s : samples) {
    const bool gradients = !s.forces.empty() || !s.virial.empty();
    EngineOutput out;
    engine.evaluate(s.graph, gradients, *scratch, out);
    BatchPrediction p;
    p.energies = out.energies;
    if (gradients) {
      p.forces = forces_from_edges(s.graph, out);
      p.virials = virials_from_edges(s.graph, out);
    }
    add_errors({&s}, p, metrics);
  }
  return metrics;
}

std::string error_table(const std::vector<std::pair<std::string, Metrics>>& sets) {
  const std::vector<MetricColumn> columns = all_columns(sets);
  std::string table = fmt::format("{:<{}}{:>10}", "set", kNameWidth, "structures");
  for (const MetricColumn& c : columns) table += "  " + title(c);
  for (const auto& [name, metrics] : sets)
    if (metrics.n_structures) table += "\n" + row_of(name, metrics, columns);
  return table;
}

}  // namespace kiln
