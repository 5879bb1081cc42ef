#pragma once

#include <optional>
#include <string>

#include "train/checkpoint.h"
#include "train/log.h"
#include "train/run_data.h"

namespace kiln {

/// The checkpoint that `restart` names: a path, "auto" (the newest below outputs/; none if there is none), or "".
std::optional<Checkpoint> open_checkpoint(const std::string& restart, const ModelHost& host, RunLog& log);

/// A checkpoint goes on with its own seed; a different one in the options is warned about.
std::uint64_t choose_seed(const TrainOptions& options, const std::optional<Checkpoint>& checkpoint, RunLog& log);

/// Throws Error of kind configuration if the model or its precision is another one. Changed training options are warned
/// about.
void check_continuation(const Checkpoint& checkpoint, const TrainOptions& options, const std::string& graph_json,
                        const RunData& data, RunLog& log);

/// Canonical JSON of architecture.training.
std::string training_options_json(const TrainOptions& options);

}  // namespace kiln
