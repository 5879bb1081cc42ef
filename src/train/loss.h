#pragma once

#include <vector>

#include "train/dataset.h"
#include "train/metrics.h"
#include "train/options.h"

namespace kiln {

/// Loss of a batch and its derivatives by what the engine says (x_bar = d(loss)/dx).
///   loss = w_E mean_s l(dE_s / (n_s scale)) + w_F mean l(dF / scale) + w_V mean l(dW / (n_s scale)),
/// l(x) = x^2 (mse), |x| (mae), or x^2/2 up to delta and delta (|x| - delta/2) beyond (huber). Means are over the
/// entries of the batch that have a target.
struct BatchLoss {
  double value = 0.0;
  std::vector<double> energies_bar;  ///< [n_structures]
  std::vector<double> forces_bar;    ///< [n_atoms, 3]; empty if there are no forces
  std::vector<double> virials_bar;   ///< [n_structures, 9]; empty if there are no virials
};

BatchLoss batch_loss(const LossOptions& options, double scale, const std::vector<const Sample*>& samples,
                     const BatchPrediction& prediction);

/// The structures of a batch whose part of the loss is not finite.
std::vector<const Sample*> not_finite(const std::vector<const Sample*>& samples, const BatchPrediction& prediction);

/// Whether the loss of these samples has anything to do with forces or virials.
bool needs_gradients(const LossOptions& options, const std::vector<Sample>& samples);

}  // namespace kiln
