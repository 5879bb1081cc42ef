#pragma once

#include <cstdint>
#include <string>

#include "model/model.h"
#include "train/csv.h"
#include "train/flat_weights.h"
#include "train/loop.h"
#include "train/run_record.h"
#include "train/split.h"

namespace kiln {

inline constexpr int kTrainerVersion = 1;

/// What a run needs to go on from where it was, beside its options and data.
struct TrainerState {
  LoopState loop;
  WeightLayout layout;
  std::uint64_t seed = 0;
  Split split;
  RunRecord record;
  CsvTable csv;
  std::vector<std::pair<std::string, std::string>> data_sha256;  ///< file, checksum
  std::string training_options;  ///< canonical JSON of architecture.training, to see what changed
};

/// checkpoint.kiln: the model (with its best weights) and, beside it, `optimizer/*`, `random/*`, `trainer/*` and the
/// metadata string `trainer` (model/model_file.h). Numbers are stored as float64, so nothing is rounded.
std::string write_checkpoint(const Model& model, const TrainerState& state, const ModelHost& host = {});

struct Checkpoint {
  Model model;
  TrainerState state;
};

/// Throws Error of kind data: damaged, newer, or a model without the trainer's part.
Checkpoint read_checkpoint(const std::string& bytes, const std::string& name, const ModelHost& host = {});

}  // namespace kiln
