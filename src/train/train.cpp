#include "train/train.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "engines/native/native_engine.h"
#include "engines/torch/row_function_check.h"
#include "engines/torch/torch_text.h"
#include "kiln/version.h"
#include "model/foreign_code.h"
#include "model/model.h"
#include "train/baseline.h"
#include "train/check_trainable.h"
#include "train/checkpoint.h"
#include "train/csv.h"
#include "train/error_table.h"
#include "train/evaluation.h"
#include "train/log.h"
#include "train/loop.h"
#include "train/options_text.h"
#include "train/output_folder.h"
#include "train/progress.h"
#include "train/restart.h"
#include "train/run_data.h"
#include "train/stop_signal.h"

namespace kiln {
namespace {

using OpenTorch = std::function<std::shared_ptr<TorchLibrary>()>;

/// Options and model, both free of faults.
struct Plan {
  TrainOptions options;
  std::string source;  ///< of the model file, as it was when the run began
  CheckedGraph checked;
  LoweredGraph lowered;
  std::optional<Checkpoint> before;  ///< that the run goes on from
  std::uint64_t seed = 0;
};

void read_graph(Plan& plan, const ModelHost& host, Diagnostics& faults) {
  const TrainOptions& o = plan.options;
  if (o.model_file.empty()) return;
  try {
    plan.source = read_file(o.model_file);
    GraphSpec spec = parse_graph_file(o.model_file, faults, host.environment);
    if (faults.has_errors()) return;
    load_foreign_code(spec, host, plan.seed, faults);
    plan.checked = check_graph(spec, table_of(host.layers), faults);
  } catch (const Error& e) {
    const Diagnostic& first = e.diagnostics().front();
    faults.error("unreadable-model", first.where.known() ? first.where : o.model_where, first.what, first.hint);
  }
}

void lower(Plan& plan, Diagnostics& faults) {
  plan.lowered = lower_graph(plan.checked);
  if (plan.lowered.energy_field < 0)
    faults.error("no-energy", plan.options.model_where,
                 fmt::format("'{}' has no output 'energy'", plan.options.model_file),
                 "Training needs a potential: name the system's energy 'energy' in model_outputs.");
}

/// Every file that the run reads.
std::vector<std::string> input_files(const TrainRequest& request, const TrainOptions& o) {
  std::vector<std::string> files = {request.options_file, o.model_file,
                                    request.restart == "auto" ? newest_checkpoint() : request.restart};
  const auto add = [&](const std::string& file, const std::optional<IndexOptions>& indices) {
    files.push_back(file);
    if (indices) files.push_back(indices->file);
  };
  add(o.training_set.file, o.training_set.indices);
  for (const SubsetOptions* set : {&o.validation_set, &o.test_set}) {
    add("", set->indices);
    if (set->dataset) add(set->dataset->file, set->dataset->indices);
  }
  return files;
}

/// The model must not replace what it is made from.
void check_overwriting(const TrainRequest& request, const std::vector<std::string>& files, Diagnostics& faults) {
  for (const std::string& file : files) {
    std::error_code absent;
    if (file.empty() || !std::filesystem::equivalent(request.output, file, absent)) continue;
    faults.error("overwrites-input", SourcePos::whole_file(request.output),
                 fmt::format("the model '{}' would replace the input '{}'", request.output, file),
                 "Give another file with -o.");
    return;
  }
}

/// A run must not fail at its very end.
void check_output(const std::string& output, Diagnostics& faults) {
  try {
    require_writable(output);
  } catch (const Error& error) {
    faults.add(error.diagnostics());
  }
}

/// Everything that can be said before data are read is said at once.
Plan make_plan(const TrainRequest& request, RunLog& log) {
  Plan plan;
  Diagnostics faults;
  plan.options = read_options(request.options_file, request.overrides, faults, request.host.environment);
  check_output(request.output, faults);
  check_overwriting(request, input_files(request, plan.options), faults);
  if (!faults.has_errors()) {  // the weights of Python objects in the graph follow from the seed
    plan.before = open_checkpoint(request.restart, request.host, log);
    plan.seed = choose_seed(plan.options, plan.before, log);
  }
  Diagnostics graph_faults;
  read_graph(plan, request.host, graph_faults);
  faults.add(graph_faults.list);
  if (!faults.has_errors()) check_overwriting(request, files_of(plan.checked), faults);
  if (!faults.has_errors()) lower(plan, faults);
  if (!faults.has_errors()) check_trainable(plan.checked, plan.lowered, plan.options, faults);
  throw_if_errors(faults, error_kind(faults));
  for (const Diagnostic& d : faults.list) log.warning(to_string(d));
  return plan;
}

/// A run: what it was asked, what it works on, where it stands.
struct TrainingRun {
  const TrainRequest& request;
  RunLog& log;
  Plan plan;
  std::string folder;
  RunData data;
  Weights weights;
  double loss_scale = 1.0;
  TrainerState state;

  const TrainOptions& options() const { return plan.options; }
};

void report_differences(const TrainingRun& run, const RunRecord& before) {
  for (const std::string& text : differences(before, run.state.record))
    run.log.warning("restart: the run will not continue to the same bits; " + text);
}

void set_up_weights(TrainingRun& run) {
  run.weights = init_weights(run.plan.lowered, run.state.seed);
  std::vector<std::string> notes, warnings;
  const Baseline baseline = set_baseline(run.plan.lowered, run.data.training.samples, run.data.atomic_numbers,
                                         run.options().baseline, run.weights, notes, warnings);
  for (const std::string& text : notes) run.log.info(text);
  for (const std::string& text : warnings) run.log.warning(text);
  run.loss_scale = baseline.scale;
  run.state.layout = make_layout(run.plan.lowered, run.weights);
  run.log.info(fmt::format("{} weights to train", run.state.layout.n_trained));
}

/// The state of the checkpoint, or that of a fresh start.
void set_up_state(TrainingRun& run, const std::optional<Checkpoint>& checkpoint) {
  if (!checkpoint) {
    run.state.loop.weights = gather(run.state.layout, run.weights);
    return;
  }
  check_continuation(*checkpoint, run.options(), run.plan.checked.canonical_json, run.data, run.log);
  const TrainerState& before = checkpoint->state;
  if (!same(before.layout, run.state.layout))
    throw Error(ErrorKind::configuration, "other-model", "in the checkpoint other weights are trained",
                "Restart with the model file that the run began with.");
  run.state.loop = before.loop;
  run.state.csv = before.csv;
}

void write_restart_options(TrainingRun& run) {
  Yaml expanded = run.options().expanded;
  yaml_set(expanded, "seed", yaml_integer(static_cast<std::int64_t>(run.state.seed)));
  write_file_atomically(run.folder + "/options_restart.yaml", to_yaml_text(expanded));
}

const std::vector<double>& best_or_latest(const LoopState& loop) {
  return loop.best_weights.empty() ? loop.weights : loop.best_weights;
}

/// The two smallest structures that were not trained on.
std::vector<SelfTest> self_tests_of(const RunData& data) {
  const std::vector<Sample>& samples =
      data.validation.samples.empty() ? data.training.samples : data.validation.samples;
  std::vector<const Sample*> sorted;
  for (const Sample& s : samples) sorted.push_back(&s);
  std::stable_sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->n_atoms() < b->n_atoms(); });
  std::vector<SelfTest> tests;
  for (std::size_t k = 0; k < std::min<std::size_t>(2, sorted.size()); ++k) {
    tests.emplace_back();
    tests.back().structure = sorted[k]->structure;
  }
  return tests;
}

Model model_of(const TrainingRun& run) {
  Model model;
  model.graph_json = run.plan.checked.canonical_json;
  model.source_yaml = run.plan.source;
  model.foreign = run.plan.checked.foreign;
  model.copies = run.plan.checked.copies;
  model.layers = run.request.host.layers;
  model.atomic_numbers = run.data.atomic_numbers;
  model.precision = run.options().precision;
  model.weights = run.weights;
  scatter(run.state.layout, best_or_latest(run.state.loop), model.weights);
  model.self_tests = self_tests_of(run.data);
  model.provenance = {{"program", std::string("kiln ") + version() + " " + commit()},
                      {"best_epoch", std::to_string(run.state.loop.best_epoch)},
                      {"seed", std::to_string(run.state.seed)},
                      {"training", training_options_json(run.options())}};
  for (const auto& [file, checksum] : run.data.sha256) model.provenance.emplace_back("data " + file, checksum);
  return model;
}

void checkpoint(const TrainingRun& run) {
  write_file_atomically(run.folder + "/checkpoint.kiln", write_checkpoint(model_of(run), run.state, run.request.host));
}

std::vector<MetricColumn> epoch_columns(const EpochReport& r, bool mae) {
  std::vector<MetricColumn> columns = {{"epoch", "", static_cast<double>(r.epoch)},
                                       {"learning rate", "", r.learning_rate},
                                       {"training loss", "", r.training.mean_loss()}};
  const auto add = [&](const char* set, const SetSums& sums) {
    for (MetricColumn c : metric_columns(sums.metrics, mae)) {
      c.name = std::string(set) + " " + c.name;
      columns.push_back(c);
    }
  };
  add("training", r.training);
  if (!r.validation.metrics.n_structures) return columns;
  columns.push_back({"validation loss", "", r.validation.mean_loss()});
  add("validation", r.validation);
  return columns;
}

std::string epoch_line(const std::vector<MetricColumn>& columns, std::int64_t n_epochs, bool best,
                       const Progress& progress) {
  std::string line = fmt::format("epoch {:>{}}/{}", columns[0].value, std::to_string(n_epochs).size(), n_epochs);
  for (std::size_t k = 1; k < columns.size(); ++k)
    line += fmt::format(" | {} {:.5g}{}{}", columns[k].name, columns[k].value, columns[k].unit.empty() ? "" : " ",
                        columns[k].unit);
  return line + fmt::format(" | {:.0f} structures/s | ETA {}{}", progress.rate(), duration_text(progress.remaining()),
                            best ? " | best" : "");
}

/// Log and CSV of an epoch.
void report_epoch(TrainingRun& run, const EpochReport& r, const Progress& progress, std::ofstream& csv) {
  const LoopOptions& o = run.options().loop;
  if (r.epoch % o.log_interval != 0 && r.epoch != 1 && r.epoch != o.num_epochs) return;
  const std::vector<MetricColumn> columns = epoch_columns(r, o.log_mae);
  append(csv, run.folder + "/train.csv", append_row(run.state.csv, columns));
  run.log.info(epoch_line(columns, o.num_epochs, r.best, progress));
}

[[noreturn]] void fail_stopped(const TrainingRun& run) {
  throw Error(
      ErrorKind::resources, "stopped",
      fmt::format("stopped by {} in epoch {}", StopSignal::name(), run.state.loop.epoch + 1),
      fmt::format("The state is in '{0}/checkpoint.kiln'; go on with --restart {0}/checkpoint.kiln", run.folder));
}

void run_with(TrainingRun& run, TrainableEngine& engine) {
  const LoopOptions& o = run.options().loop;
  LoopState& state = run.state.loop;
  LoopContext context(engine, o, run.state.layout, run.weights, run.data.training, run.data.validation);
  context.scale = run.loss_scale;
  context.seed = run.state.seed;
  const std::int64_t n = static_cast<std::int64_t>(run.data.training.samples.size());
  Progress progress(state.epoch * n + std::min(n, state.batch * o.batch_size), o.num_epochs * n);
  std::ofstream csv(run.folder + "/train.csv", std::ios::app);
  context.on_epoch = [&](const EpochReport& r) { report_epoch(run, r, progress, csv); };
  context.on_batch = [&](std::int64_t n_structures) {
    progress.advance(n_structures);
    if (progress.due()) run.log.progress(progress.bar(state.epoch + 1, o.num_epochs));
  };
  context.checkpoint = [&] { checkpoint(run); };
  context.stop = StopSignal::received;
  const StopSignal guard;
  if (!run_loop(context, state)) fail_stopped(run);
}

/// The loop on the torch engine.
void optimize(TrainingRun& run, const OpenTorch& open_torch, const std::optional<Checkpoint>& before) {
  const std::shared_ptr<TorchLibrary> torch = open_torch();
  require_row_functions(run.plan.lowered, *torch);
  torch->set_threads(run.request.n_threads);
  torch->set_deterministic_seed(run.state.seed);
  run.state.record = make_record(run.request.n_threads, torch->description());
  run.log.info("engine: " + torch->description());
  if (before) report_differences(run, before->state.record);
  const auto engine = torch->make_engine(make_torch_program(run.plan.lowered, run.weights, run.options().precision));
  run_with(run, *engine);
}

void evaluate_all(const TrainingRun& run, const Model& model, TrainResult& result) {
  const auto engine = make_engine(run.plan.lowered, model.weights, model.precision, run.request.host);
  result.training = evaluate_samples(*engine, run.data.training.samples);
  result.validation = evaluate_samples(*engine, run.data.validation.samples);
  result.test = evaluate_samples(*engine, run.data.test.samples);
  result.evaluated = true;
  run.log.info("errors of the model\n" +
               error_table({{"training", result.training}, {"validation", result.validation}, {"test", result.test}}));
}

/// Writes the model, with the best weights, and says how good it is.
TrainResult finish(TrainingRun& run) {
  const LoopState& loop = run.state.loop;
  TrainResult result;
  result.model_file = run.request.output;
  result.output_folder = run.folder;
  result.n_epochs = static_cast<int>(loop.epoch);
  result.best_epoch = static_cast<int>(loop.best_epoch);
  const Model model = model_of(run);
  write_file_atomically(run.request.output, write_model(model, run.request.host));
  if (loop.best_epoch > 0) run.log.info(fmt::format("the model is that of epoch {}", loop.best_epoch));
  run.log.info(fmt::format("model: {}; everything else: {}", run.request.output, run.folder));
  if (run.options().final_eval) evaluate_all(run, model, result);
  return result;
}

void log_preamble(const TrainingRun& run) {
  run.log.info(fmt::format("kiln {} ({}), training '{}' with '{}'", version(), commit(), run.options().model_file,
                           run.request.options_file));
  run.log.info(fmt::format("output folder: {}; seed: {}", run.folder, run.state.seed));
}

TrainResult run_all(TrainingRun& run, const OpenTorch& open_torch) {
  const std::optional<Checkpoint>& before = run.plan.before;
  run.state.seed = run.plan.seed;
  run.folder = make_output_folder();
  run.log.open(run.folder + "/train.log");
  log_preamble(run);
  write_restart_options(run);
  run.data = load_run_data(run.options(), run.plan.lowered, run.state.seed, before ? &before->state : nullptr, run.log);
  write_indices(run.folder, run.data.split);
  run.state.split = run.data.split;
  run.state.data_sha256 = run.data.sha256;
  run.state.training_options = training_options_json(run.options());
  run.state.record = make_record(run.request.n_threads, "");
  set_up_weights(run);
  set_up_state(run, before);
  write_file_atomically(run.folder + "/train.csv", run.state.csv.text);
  checkpoint(run);  // from now on `--restart auto` finds this run and no older one
  if (run.state.loop.epoch < run.options().loop.num_epochs) optimize(run, open_torch, before);
  return finish(run);
}

}  // namespace

TrainResult train(const TrainRequest& request, const std::function<std::shared_ptr<TorchLibrary>()>& open_torch,
                  std::ostream& out) {
  RunLog log(out, request.terminal);
  TrainingRun run{request, log, make_plan(request, log), {}, {}, {}, 1.0, {}};
  try {
    return run_all(run, open_torch);
  } catch (const std::exception& e) {
    log.error(e.what());
    throw;
  }
}

}  // namespace kiln
