#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "engines/engine.h"
#include "train/adamw.h"
#include "train/flat_weights.h"
#include "train/metrics.h"
#include "train/options.h"

namespace kiln {

/// Errors and loss of a set, added up batch by batch.
struct SetSums {
  double loss = 0.0;  ///< each batch's loss times its number of structures
  Metrics metrics;

  double mean_loss() const { return metrics.n_structures ? loss / static_cast<double>(metrics.n_structures) : 0.0; }
};

/// Everything that changes while training: a checkpoint holds it, and a run continued from it does the same to the bit.
/// Order and learning rate are functions of (seed, epoch, batch).
struct LoopState {
  std::int64_t epoch = 0;       ///< completed ones
  std::int64_t batch = 0;       ///< completed ones of the present epoch
  std::vector<double> weights;  ///< latest, flat
  AdamW optimizer;
  SetSums training;                  ///< of the present epoch
  std::vector<double> best_weights;  ///< empty: none yet
  double best_metric = std::numeric_limits<double>::infinity();
  std::int64_t best_epoch = 0;
};

/// What one epoch gave.
struct EpochReport {
  std::int64_t epoch = 0;  ///< from 1
  double learning_rate = 0.0;
  SetSums training, validation;
  bool best = false;  ///< the best one so far
};

/// What the loop works on; `weights` holds the fixed ones and is overwritten with those that training changes.
struct LoopContext {
  LoopContext(TrainableEngine& e, const LoopOptions& o, const WeightLayout& l, Weights& w, const RunSet& t,
              const RunSet& v)
      : engine(e), options(o), layout(l), weights(w), training(t), validation(v) {}

  TrainableEngine& engine;
  const LoopOptions& options;
  const WeightLayout& layout;
  Weights& weights;
  const RunSet& training;
  const RunSet& validation;  ///< may be empty: then the training errors choose the best model
  double scale = 1.0;        ///< eV, of the loss
  std::uint64_t seed = 0;
  std::function<void(const EpochReport&)> on_epoch = [](const EpochReport&) {};
  std::function<void(std::int64_t)> on_batch = [](std::int64_t) {};  ///< number of structures of the batch
  std::function<void()> checkpoint = [] {};                          ///< the state is whole when this is called
  std::function<bool()> stop = [] { return false; };                 ///< true: write a checkpoint and return
};

std::int64_t batches_per_epoch(const LoopContext& context);

/// Trains from the state to the last epoch. Returns false if `stop` ended it. Throws Error of kind numerical, naming
/// file and frames, if a prediction, a gradient or a running statistic is not finite.
bool run_loop(LoopContext& context, LoopState& state);

}  // namespace kiln
