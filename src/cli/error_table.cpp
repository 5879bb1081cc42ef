#include "cli/error_table.h"

#include <fmt/format.h>

#include <cmath>

namespace kiln {

namespace {

std::vector<const ErrorSum*> rows_of(const ErrorTable& table) {
  std::vector<const ErrorSum*> rows;
  for (const ErrorSum* row : {&table.energy, &table.forces, &table.stress, &table.virial})
    if (row->n_values > 0) rows.push_back(row);
  return rows;
}

std::vector<double> per_atom(std::vector<double> values, int n_atoms) {
  for (double& x : values) x /= n_atoms;
  return values;
}

}  // namespace

void ErrorSum::add(const std::vector<double>& got, const std::vector<double>& want) {
  if (want.empty() || got.empty()) return;
  ++n_frames;
  n_values += want.size();
  for (std::size_t i = 0; i < want.size(); ++i) {
    const double difference = got.at(i) - want[i];
    absolute += std::abs(difference);
    square += difference * difference;
  }
}

double ErrorSum::rmse() const { return factor * std::sqrt(square / static_cast<double>(n_values)); }

void ErrorTable::add(const Prediction& prediction, const std::vector<double>& stress_of_frame,
                     const ReferenceValues& reference, int n_atoms) {
  if (n_atoms == 0) return;
  if (reference.energy) energy.add({prediction.energy / n_atoms}, {*reference.energy / n_atoms});
  forces.add(prediction.forces, reference.forces);
  stress.add(stress_of_frame, reference.stress);
  virial.add(per_atom(prediction.virial, n_atoms), per_atom(reference.virial, n_atoms));
}

std::string to_string(const ErrorTable& table) {
  const auto rows = rows_of(table);
  if (rows.empty()) return "";
  std::string text = fmt::format("{:<10} {:>12} {:>12}  {:<10} {:>8}\n", "error", "MAE", "RMSE", "unit", "frames");
  for (const ErrorSum* row : rows)
    text += fmt::format("{:<10} {:>12.4f} {:>12.4f}  {:<10} {:>8}\n", row->name, row->mae(), row->rmse(), row->unit,
                        row->n_frames);
  return text;
}

nlohmann::ordered_json to_json(const ErrorTable& table) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const ErrorSum* row : rows_of(table))
    json[row->name] = {{"mae", row->mae()}, {"rmse", row->rmse()}, {"unit", row->unit}, {"frames", row->n_frames}};
  return json;
}

}  // namespace kiln
