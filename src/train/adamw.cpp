#include "train/adamw.h"

#include <cmath>

namespace kiln {

void adamw_update(AdamW& s, double learning_rate, Span<const double> gradient, Span<double> weights) {
  s.m.resize(weights.size(), 0.0);
  s.v.resize(weights.size(), 0.0);
  ++s.step;
  const double t = static_cast<double>(s.step);
  const double m_scale = 1.0 / (1.0 - std::pow(s.beta1, t)), v_scale = 1.0 / (1.0 - std::pow(s.beta2, t));
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const double g = gradient[k];
    s.m[k] = s.beta1 * s.m[k] + (1.0 - s.beta1) * g;
    s.v[k] = s.beta2 * s.v[k] + (1.0 - s.beta2) * g * g;
    const double direction = s.m[k] * m_scale / (std::sqrt(s.v[k] * v_scale) + s.epsilon);
    weights[k] -= learning_rate * (s.weight_decay * weights[k] + direction);
  }
}

double norm(Span<const double> gradient) {
  double sum = 0.0;
  for (double g : gradient) sum += g * g;
  return std::sqrt(sum);
}

double clip_norm(Span<double> gradient, double largest) {
  const double length = norm(gradient);
  if (largest > 0.0 && length > largest)
    for (double& g : gradient) g *= largest / length;
  return length;
}

}  // namespace kiln
