#pragma once

#include <cstdint>

namespace kiln {

/// Warm-up and cosine. A function of the step alone, so there is nothing to save.
struct CosineSchedule {
  double learning_rate = 1e-3;
  double min_learning_rate = 0.0;
  std::int64_t n_steps = 1;   ///< of the whole run
  std::int64_t n_warmup = 0;  ///< steps in which the rate rises
};

CosineSchedule make_schedule(double learning_rate, double min_learning_rate, double warmup_fraction,
                             std::int64_t n_steps);

/// Rate of update `step` (from 0): rises linearly, never 0 in the first step, and reaches its largest value in step
/// n_warmup; then falls to the smallest, which would be that of step n_steps.
double learning_rate(const CosineSchedule& schedule, std::int64_t step);

}  // namespace kiln
