#pragma once

#include <cstdint>
#include <vector>

#include "kiln/span.h"

namespace kiln {

/// AdamW (Loshchilov and Hutter 2019): decoupled weight decay.
///   m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2,
///   x = x - rate (weight_decay x + (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon))
struct AdamW {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay = 0.0;
  std::int64_t step = 0;     ///< t, updates made
  std::vector<double> m, v;  ///< [n_weights]; empty before the first update
};

void adamw_update(AdamW& state, double learning_rate, Span<const double> gradient, Span<double> weights);

/// Euclidean norm of the whole gradient.
double norm(Span<const double> gradient);

/// Shortens the gradient to `largest` if it is longer (0: never). Returns the norm before.
double clip_norm(Span<double> gradient, double largest);

}  // namespace kiln
