#include "train/loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engines/derivatives.h"
#include "structure/atom_graph_builder.h"
#include "train/evaluation.h"
#include "train/loss.h"
#include "train/schedule.h"
#include "train/split.h"

namespace kiln {
namespace {

using Batch = std::vector<const Sample*>;

AtomGraph graph_of(const Batch& batch_samples) {
  std::vector<AtomGraph> graphs;
  graphs.reserve(batch_samples.size());
  for (const Sample* s : batch_samples) graphs.push_back(s->graph);
  return batch(Span<const AtomGraph>(graphs));
}

std::string frames_text(const Batch& samples) {
  std::vector<std::int64_t> frames;
  for (const Sample* s : samples) frames.push_back(s->frame);
  return fmt::format("{} {}", frames.size() == 1 ? "structure" : "structures", fmt::join(frames, ", "));
}

void require_finite(const Batch& samples, const BatchPrediction& p, const std::string& file, std::int64_t epoch) {
  const Batch bad = not_finite(samples, p);
  if (bad.empty()) return;
  throw Error(ErrorKind::numerical, "not-finite", SourcePos::whole_file(file),
              fmt::format("epoch {}: the loss is not finite; {}", epoch + 1, frames_text(bad)),
              "Look at these structures (atoms too close?), lower learning_rate, or set grad_clip_norm.");
}

void require_finite_gradient(double length, const Batch& samples, const std::string& file, std::int64_t epoch) {
  if (std::isfinite(length)) return;
  throw Error(
      ErrorKind::numerical, "not-finite", SourcePos::whole_file(file),
      fmt::format("epoch {}: the gradient of the loss is not finite; batch of {}", epoch + 1, frames_text(samples)),
      "Look at these structures (atoms too close?), or lower learning_rate.");
}

/// What was a number stays one: the variance over a single row is none.
void require_finite_statistics(const std::vector<double>& before, const std::vector<double>& now,
                               const WeightLayout& layout, const Batch& samples, const std::string& file,
                               std::int64_t epoch) {
  for (const WeightLayout::Part& part : layout.parts) {
    for (std::size_t k = part.first; k < part.first + part.size; ++k) {
      if (std::isfinite(now[k]) || !std::isfinite(before[k])) continue;
      throw Error(
          ErrorKind::numerical, "not-finite", SourcePos::whole_file(file),
          fmt::format("epoch {}: '{}' is not finite after the batch of {}", epoch + 1, part.name, frames_text(samples)),
          "Statistics over a batch need two rows at least: raise batch_size, or leave lone atoms out.");
    }
  }
}

/// One pass over the data of an epoch, seen as batches.
Batch batch_at(const std::vector<Sample>& samples, const std::vector<std::int64_t>& order, std::int64_t batch_size,
               std::int64_t index) {
  Batch batch_samples;
  const std::int64_t n = static_cast<std::int64_t>(samples.size());
  for (std::int64_t k = index * batch_size; k < std::min(n, (index + 1) * batch_size); ++k)
    batch_samples.push_back(&samples[static_cast<std::size_t>(order.empty() ? k : order[static_cast<std::size_t>(k)])]);
  return batch_samples;
}

std::int64_t count_batches(std::size_t n_samples, int batch_size) {
  return (static_cast<std::int64_t>(n_samples) + batch_size - 1) / batch_size;
}

void add_batch(SetSums& sums, const Batch& samples, const BatchPrediction& p, double loss) {
  sums.loss += loss * static_cast<double>(samples.size());
  add_errors(samples, p, sums.metrics);
}

struct Run {
  LoopContext& context;
  LoopState& state;
  CosineSchedule schedule;
  bool gradients = false;

  /// Loss, its gradient, one update.
  void train_batch(const Batch& samples) {
    const AtomGraph graph = graph_of(samples);
    EngineOutput out;
    context.engine.forward(graph, gradients, out);
    const BatchPrediction p = prediction_of(graph, out, gradients);
    require_finite(samples, p, context.training.file, state.epoch);
    const BatchLoss loss = batch_loss(context.options.loss, context.scale, samples, p);
    if (has_running()) read_running(samples);
    Weights gradient;
    context.engine.backward(loss.energies_bar, edge_adjoints(graph, loss), gradient);
    update(gather(context.layout, gradient), samples);
    add_batch(state.training, samples, p, loss.value);
  }

  std::vector<std::vector<double>> edge_adjoints(const AtomGraph& graph, const BatchLoss& loss) const {
    if (!gradients) return {};
    return edge_gradients_adjoint(graph, loss.forces_bar, loss.virials_bar);
  }

  void update(std::vector<double> gradient, const Batch& samples) {
    const std::size_t n = context.layout.n_trained;
    const double length = clip_norm(Span<double>(gradient.data(), n), context.options.grad_clip_norm);
    require_finite_gradient(length, samples, context.training.file, state.epoch);
    const double rate = learning_rate(schedule, state.optimizer.step);
    adamw_update(state.optimizer, rate, Span<const double>(gradient.data(), n), Span<double>(state.weights.data(), n));
    set_weights();
  }

  bool has_running() const { return context.layout.size > context.layout.n_trained; }

  /// The statistics that the forward of this batch has moved on.
  void read_running(const Batch& samples) {
    context.engine.read_running(context.weights);
    std::vector<double> now = gather(context.layout, context.weights);
    require_finite_statistics(state.weights, now, context.layout, samples, context.training.file, state.epoch);
    state.weights = std::move(now);
  }

  void set_weights() {
    scatter(context.layout, state.weights, context.weights);
    context.engine.set_weights(context.weights);
  }

  /// False if it was stopped on the way.
  bool validate(SetSums& sums) {
    const auto scratch = context.engine.make_scratch();
    for (std::int64_t b = 0; b < count_batches(context.validation.samples.size(), context.options.batch_size); ++b) {
      if (context.stop()) return false;
      const Batch samples = batch_at(context.validation.samples, {}, context.options.batch_size, b);
      const AtomGraph graph = graph_of(samples);
      EngineOutput out;
      context.engine.evaluate(graph, gradients, *scratch, out);
      const BatchPrediction p = prediction_of(graph, out, gradients);
      require_finite(samples, p, context.validation.file, state.epoch);
      add_batch(sums, samples, p, batch_loss(context.options.loss, context.scale, samples, p).value);
    }
    return true;
  }

  double metric_of(const SetSums& sums) const {
    if (context.options.best_model_metric == BestModelMetric::loss) return sums.mean_loss();
    return metric_product(sums.metrics, context.options.best_model_metric == BestModelMetric::mae_prod);
  }

  bool keep_if_best(const SetSums& sums) {
    const double metric = metric_of(sums);
    if (!(metric < state.best_metric)) return false;
    state.best_metric = metric;
    state.best_epoch = state.epoch + 1;
    state.best_weights = state.weights;
    return true;
  }

  /// False if it was stopped on the way.
  bool train_epoch() {
    const auto order = permutation(static_cast<std::int64_t>(context.training.samples.size()), context.seed,
                                   fmt::format("order/{}", state.epoch));
    const std::int64_t n_batches = batches_per_epoch(context);
    for (; state.batch < n_batches; ++state.batch) {
      if (context.stop()) return false;
      const Batch samples = batch_at(context.training.samples, order, context.options.batch_size, state.batch);
      train_batch(samples);
      context.on_batch(static_cast<std::int64_t>(samples.size()));
    }
    return true;
  }

  bool run_epoch() {
    EpochReport report;
    if (!train_epoch() || !validate(report.validation)) return false;
    report.epoch = state.epoch + 1;
    report.learning_rate = learning_rate(schedule, state.optimizer.step - 1);
    report.training = state.training;
    report.best = keep_if_best(context.validation.samples.empty() ? report.training : report.validation);
    state.training = {};
    state.batch = 0;
    ++state.epoch;
    context.on_epoch(report);
    return true;
  }
};

}  // namespace

std::int64_t batches_per_epoch(const LoopContext& context) {
  return count_batches(context.training.samples.size(), context.options.batch_size);
}

bool run_loop(LoopContext& context, LoopState& state) {
  const LoopOptions& o = context.options;
  Run run{
      context, state,
      make_schedule(o.learning_rate, o.min_learning_rate, o.warmup_fraction, o.num_epochs * batches_per_epoch(context)),
      needs_gradients(o.loss, context.training.samples)};
  state.optimizer.weight_decay = o.weight_decay;
  run.set_weights();
  while (state.epoch < o.num_epochs) {
    if (!run.run_epoch()) {
      context.checkpoint();
      return false;
    }
    if (state.epoch % o.checkpoint_interval == 0 || state.epoch == o.num_epochs) context.checkpoint();
  }
  return true;
}

}  // namespace kiln
