#include "train/metrics.h"

#include <cmath>

namespace kiln {
namespace {

struct Quantity {
  const ErrorSums Metrics::*sums;
  const char *rmse, *mae, *unit;
};

constexpr double kMilli = 1e3;  // eV are shown as meV

const Quantity kQuantities[] = {
    {&Metrics::energy, "energy RMSE (per atom)", "energy MAE (per atom)", "meV"},
    {&Metrics::forces, "forces RMSE", "forces MAE", "meV/A"},
    {&Metrics::stress, "stress RMSE", "stress MAE", "meV/A^3"},
    {&Metrics::virial, "virial RMSE (per atom)", "virial MAE (per atom)", "meV"},
};

void add_force_errors(const Sample& s, const std::vector<double>& forces, std::size_t first, Metrics& metrics) {
  for (std::size_t k = 0; k < s.forces.size(); ++k) metrics.forces.add(forces[first + k] - s.forces[k]);
}

void add_virial_errors(const Sample& s, const std::vector<double>& virials, std::size_t first, Metrics& metrics) {
  const bool stress = s.stress_volume > 0.0;
  for (std::size_t k = 0; k < s.virial.size(); ++k) {
    const double error = virials[first + k] - s.virial[k];
    if (stress)
      metrics.stress.add(error / s.stress_volume);
    else
      metrics.virial.add(error / s.n_atoms());
  }
}

}  // namespace

void ErrorSums::add(double error) {
  count += 1.0;
  squares += error * error;
  absolutes += std::abs(error);
}

double ErrorSums::rmse() const { return any() ? std::sqrt(squares / count) : 0.0; }
double ErrorSums::mae() const { return any() ? absolutes / count : 0.0; }

void add_errors(const std::vector<const Sample*>& samples, const BatchPrediction& prediction, Metrics& metrics) {
  std::size_t atom = 0;
  for (std::size_t s = 0; s < samples.size(); ++s) {
    const Sample& sample = *samples[s];
    metrics.energy.add((prediction.energies[s] - sample.energy) / sample.n_atoms());
    if (!prediction.forces.empty()) add_force_errors(sample, prediction.forces, 3 * atom, metrics);
    if (!prediction.virials.empty()) add_virial_errors(sample, prediction.virials, 9 * s, metrics);
    atom += static_cast<std::size_t>(sample.n_atoms());
    ++metrics.n_structures;
  }
}

std::vector<MetricColumn> metric_columns(const Metrics& metrics, bool mae) {
  std::vector<MetricColumn> columns;
  for (const Quantity& q : kQuantities) {
    const ErrorSums& sums = metrics.*q.sums;
    if (!sums.any()) continue;
    columns.push_back({q.rmse, q.unit, kMilli * sums.rmse()});
    if (mae) columns.push_back({q.mae, q.unit, kMilli * sums.mae()});
  }
  return columns;
}

double metric_product(const Metrics& metrics, bool mae) {
  double product = 1.0;
  for (const Quantity& q : kQuantities) {
    const ErrorSums& sums = metrics.*q.sums;
    if (sums.any()) product *= mae ? sums.mae() : sums.rmse();
  }
  return product;
}

}  // namespace kiln
