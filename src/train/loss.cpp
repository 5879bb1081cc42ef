#include "train/loss.h"

#include <algorithm>
#include <cmath>

namespace kiln {
namespace {

/// l(x) and dl/dx.
struct PointLoss {
  double value, slope;
};

PointLoss point_loss(const LossTerm& term, double x) {
  const double sign = x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : 0.0;
  switch (term.type) {
    case LossType::mse:
      return {x * x, 2.0 * x};
    case LossType::mae:
      return {std::abs(x), std::isnan(x) ? x : sign};
    case LossType::huber:
      if (std::abs(x) > term.delta) return {term.delta * (std::abs(x) - 0.5 * term.delta), term.delta * sign};
      return {0.5 * x * x, x};
  }
  return {0.0, 0.0};
}

/// Adds weight * mean of l(error / unit) and its derivative; `count` entries share the mean.
struct Term {
  const LossTerm& options;
  double count;
  double& value;

  void add(double error, double unit, double& bar) const {
    const PointLoss l = point_loss(options, error / unit);
    value += options.weight * l.value / count;
    bar += options.weight * l.slope / (count * unit);
  }
};

double count_entries(const std::vector<const Sample*>& samples, std::vector<double> Sample::*target) {
  double count = 0.0;
  for (const Sample* s : samples) count += static_cast<double>((s->*target).size());
  return std::max(count, 1.0);
}

bool all_finite(const std::vector<double>& values, std::size_t first, std::size_t count) {
  for (std::size_t k = first; k < first + count; ++k)
    if (!std::isfinite(values[k])) return false;
  return true;
}

}  // namespace

BatchLoss batch_loss(const LossOptions& o, double scale, const std::vector<const Sample*>& samples,
                     const BatchPrediction& prediction) {
  BatchLoss loss;
  loss.energies_bar.assign(prediction.energies.size(), 0.0);
  loss.forces_bar.assign(prediction.forces.size(), 0.0);
  loss.virials_bar.assign(prediction.virials.size(), 0.0);
  const Term energy{o.energy, static_cast<double>(samples.size()), loss.value};
  const Term force{o.forces, count_entries(samples, &Sample::forces), loss.value};
  const Term virial{o.virial, count_entries(samples, &Sample::virial), loss.value};
  std::size_t f = 0;
  for (std::size_t s = 0; s < samples.size(); ++s) {
    const Sample& sample = *samples[s];
    const double unit = scale * sample.n_atoms();
    energy.add(prediction.energies[s] - sample.energy, unit, loss.energies_bar[s]);
    if (!prediction.forces.empty())
      for (std::size_t k = 0; k < sample.forces.size(); ++k)
        force.add(prediction.forces[f + k] - sample.forces[k], scale, loss.forces_bar[f + k]);
    if (!prediction.virials.empty())
      for (std::size_t k = 0; k < sample.virial.size(); ++k)
        virial.add(prediction.virials[9 * s + k] - sample.virial[k], unit, loss.virials_bar[9 * s + k]);
    f += 3 * static_cast<std::size_t>(sample.n_atoms());
  }
  return loss;
}

std::vector<const Sample*> not_finite(const std::vector<const Sample*>& samples, const BatchPrediction& prediction) {
  std::vector<const Sample*> bad;
  std::size_t f = 0;
  for (std::size_t s = 0; s < samples.size(); ++s) {
    const std::size_t n = 3 * static_cast<std::size_t>(samples[s]->n_atoms());
    const bool finite = std::isfinite(prediction.energies[s]) &&
                        (prediction.forces.empty() || all_finite(prediction.forces, f, n)) &&
                        (prediction.virials.empty() || all_finite(prediction.virials, 9 * s, 9));
    if (!finite) bad.push_back(samples[s]);
    f += n;
  }
  return bad;
}

bool needs_gradients(const LossOptions& o, const std::vector<Sample>& samples) {
  return std::any_of(samples.begin(), samples.end(), [&](const Sample& s) {
    return (o.forces.weight > 0.0 && !s.forces.empty()) || (o.virial.weight > 0.0 && !s.virial.empty());
  });
}

}  // namespace kiln
