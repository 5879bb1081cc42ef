#include "train/restart.h"

#include <fmt/format.h>

#include <random>

#include "base/files.h"
#include "train/output_folder.h"

namespace kiln {
namespace {

const Yaml* value_of(const Yaml& mapping, const std::string& key) {
  return mapping.is_mapping() ? mapping.find(key) : nullptr;
}

std::string shown(const Yaml* value) { return value ? to_canonical_json(*value) : "absent"; }

void warn_changes(const Yaml& before, const Yaml& now, RunLog& log) {
  for (const auto& entry : now.entries) {
    const std::string old_text = shown(value_of(before, entry.first.text)), new_text = shown(&entry.second);
    if (old_text != new_text)
      log.warning(fmt::format(
          "architecture.training.{} was {} in the checkpoint, is {} now: the run goes on with the new value",
          entry.first.text, old_text, new_text));
  }
}

int bits(Precision precision) { return precision == Precision::f32 ? 32 : 64; }

void check_precision(Precision before, const TrainOptions& options) {
  if (before == options.precision) return;
  const Yaml* now = find_option(options.expanded, "base_precision");
  throw Error(ErrorKind::configuration,
              {{Severity::error, "other-precision", now != nullptr ? now->where : SourcePos{},
                fmt::format("base_precision is {}, but the checkpoint was trained with {}", bits(options.precision),
                            bits(before)),
                fmt::format("Set base_precision: {}, or start from scratch.", bits(before))}});
}

}  // namespace

std::optional<Checkpoint> open_checkpoint(const std::string& restart, const ModelHost& host, RunLog& log) {
  if (restart.empty()) return std::nullopt;
  const std::string path = restart == "auto" ? newest_checkpoint() : restart;
  if (path.empty()) {
    log.info("restart: there is no outputs/*/*/checkpoint.kiln; starting from scratch");
    return std::nullopt;
  }
  Checkpoint checkpoint = read_checkpoint(read_file(path), path, host);
  log.info(fmt::format("restart: from '{}', after epoch {} and {} batches", path, checkpoint.state.loop.epoch,
                       checkpoint.state.loop.batch));
  return checkpoint;
}

std::uint64_t choose_seed(const TrainOptions& options, const std::optional<Checkpoint>& checkpoint, RunLog& log) {
  if (checkpoint) {
    const std::uint64_t seed = checkpoint->state.seed;
    if (options.seed && *options.seed != seed)
      log.warning(fmt::format("seed: the checkpoint's {} is kept, not {}: splits and order go on as they were", seed,
                              *options.seed));
    return seed;
  }
  if (options.seed) return *options.seed;
  return std::random_device()();
}

std::string training_options_json(const TrainOptions& options) {
  return to_canonical_json(*find_option(options.expanded, "architecture.training"));
}

void check_continuation(const Checkpoint& checkpoint, const TrainOptions& options, const std::string& graph_json,
                        const RunData& data, RunLog& log) {
  if (checkpoint.model.graph_json != graph_json || checkpoint.model.atomic_numbers != data.atomic_numbers)
    throw Error(ErrorKind::configuration, {{Severity::error, "other-model", options.model_where,
                                            "the checkpoint is of another model: graph or species differ",
                                            "Restart with the model file and the elements that the run began with."}});
  check_precision(checkpoint.model.precision, options);
  warn_changes(parse_json_tree(checkpoint.state.training_options),
               *find_option(options.expanded, "architecture.training"), log);
}

}  // namespace kiln
