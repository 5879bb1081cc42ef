#include "train/schedule.h"

#include <algorithm>
#include <cmath>

namespace kiln {

CosineSchedule make_schedule(double rate, double min_rate, double warmup_fraction, std::int64_t n_steps) {
  CosineSchedule s{rate, min_rate, n_steps, 0};
  s.n_warmup = static_cast<std::int64_t>(std::llround(warmup_fraction * static_cast<double>(n_steps)));
  return s;
}

double learning_rate(const CosineSchedule& s, std::int64_t step) {
  if (step < s.n_warmup) return s.learning_rate * static_cast<double>(step + 1) / static_cast<double>(s.n_warmup + 1);
  const double length = static_cast<double>(std::max<std::int64_t>(s.n_steps - s.n_warmup, 1));
  const double x = std::min(static_cast<double>(step - s.n_warmup) / length, 1.0);
  return s.min_learning_rate + 0.5 * (s.learning_rate - s.min_learning_rate) * (1.0 + std::cos(M_PI * x));
}

}  // namespace kiln
