#include "train/metrics.h"

#include <cmath>

#include "structure/stress.h"

namespace kiln {
namespace {

struct Quantity {
  const ErrorSums Metrics::*sums;
  const char *name, *unit;
};

constexpr double kMilli = 1e3;  // eV are shown as meV

const Quantity kQuantities[] = {
    {&Metrics::energy, "energy", "meV/atom"},
    {&Metrics::forces, "forces", "meV/Å"},
    {&Metrics::stress, "stress", "meV/Å^3"},
    {&Metrics::virial, "virial", "meV/atom"},
};

Span<const double> one(const double& x) { return {&x, 1}; }

}  // namespace

void ErrorSums::add(Span<const double> predicted, Span<const double> target, double divisor) {
  if (target.empty()) return;
  ++n_structures;
  count += static_cast<double>(target.size());
  for (std::size_t k = 0; k < target.size(); ++k) {
    const double error = (predicted[k] - target[k]) / divisor;
    squares += error * error;
    absolutes += std::abs(error);
  }
}

double ErrorSums::rmse() const { return any() ? std::sqrt(squares / count) : 0.0; }
double ErrorSums::mae() const { return any() ? absolutes / count : 0.0; }

void add_errors(const std::vector<const Sample*>& samples, const BatchPrediction& prediction, Metrics& metrics) {
  const Span<const double> forces(prediction.forces), virials(prediction.virials);
  std::size_t first = 0;  // of the structure's forces
  for (std::size_t s = 0; s < samples.size(); ++s) {
    const Sample& sample = *samples[s];
    const double n_atoms = sample.n_atoms();
    const std::size_t n_forces = 3 * static_cast<std::size_t>(sample.n_atoms());
    metrics.energy.add(one(prediction.energies[s]), one(sample.energy), n_atoms);
    if (!forces.empty()) metrics.forces.add(forces.subspan(first, n_forces), sample.forces);
    if (!virials.empty() && sample.stress_volume > 0.0)
      metrics.stress.add(virials.subspan(9 * s, 9), sample.virial, -sample.stress_volume);
    else if (!virials.empty())
      metrics.virial.add(virials.subspan(9 * s, 9), sample.virial, n_atoms);
    first += n_forces;
    ++metrics.n_structures;
  }
}

void add_errors(const Labels& labels, const Structure& structure, const Prediction& prediction, Metrics& metrics) {
  const double n_atoms = structure.n_atoms();
  if (structure.n_atoms() == 0) return;
  if (labels.energy) metrics.energy.add(one(prediction.energy), one(*labels.energy), n_atoms);
  metrics.forces.add(prediction.forces, labels.forces);
  const std::vector<double> stress = stress_of(structure, prediction.virial);
  if (!stress.empty()) metrics.stress.add(stress, labels.stress);
  metrics.virial.add(prediction.virial, labels.virial, n_atoms);
  ++metrics.n_structures;
}

std::vector<QuantityErrors> quantity_errors(const Metrics& metrics) {
  std::vector<QuantityErrors> errors;
  for (const Quantity& q : kQuantities) {
    const ErrorSums& sums = metrics.*q.sums;
    if (sums.any()) errors.push_back({q.name, q.unit, kMilli * sums.rmse(), kMilli * sums.mae(), sums.n_structures});
  }
  return errors;
}

std::vector<MetricColumn> metric_columns(const Metrics& metrics, bool mae) {
  std::vector<MetricColumn> columns;
  for (const QuantityErrors& q : quantity_errors(metrics)) {
    columns.push_back({std::string(q.name) + " RMSE", q.unit, q.rmse});
    if (mae) columns.push_back({std::string(q.name) + " MAE", q.unit, q.mae});
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
