#pragma once

#include <string>
#include <vector>

#include "graph/lowered_graph.h"
#include "train/checkpoint.h"
#include "train/dataset.h"
#include "train/log.h"
#include "train/split.h"

namespace kiln {

/// All data of a run, with graphs.
struct RunData {
  RunSet training, validation, test;
  Split split;                                              ///< frames of each set in its own file
  std::vector<int> atomic_numbers;                          ///< species -> atomic number
  std::vector<std::pair<std::string, std::string>> sha256;  ///< file, checksum
};

/// Reads, splits (or takes the split of a checkpoint, whose data must be the same), finds the species and builds the
/// graphs. Throws Error of kind data; of kind configuration if the model's number of species is not that of the data.
/// @param before  the checkpoint's; nullptr: a fresh run
RunData load_run_data(const TrainOptions& options, const LoweredGraph& graph, std::uint64_t seed,
                      const TrainerState* before, RunLog& log);

}  // namespace kiln
