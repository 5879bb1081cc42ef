#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "engines/torch/torch_library.h"
#include "model/model_host.h"
#include "train/metrics.h"

namespace kiln {

/// What `kiln train` is asked for.
struct TrainRequest {
  std::string options_file;
  std::string output = "model.kiln";   ///< where the trained model is written, relative to the working directory
  std::string restart;                 ///< "" from scratch, a checkpoint's path, or "auto": the newest below outputs/
  std::vector<std::string> overrides;  ///< `a.b=c`, each replaces one option
  int n_threads = 1;                   ///< of the torch engine
  ModelHost host;                      ///< for graphs with torch functions or code from outside
  bool terminal = false;               ///< `log` is a terminal: draw a progress bar
};

/// What came out.
struct TrainResult {
  std::string model_file;
  std::string output_folder;  ///< outputs/YYYY-MM-DD/HH-MM-SS[.n]
  int n_epochs = 0;
  int best_epoch = 0;      ///< from 1; 0: the weights before the first epoch
  bool evaluated = false;  ///< final_eval
  Metrics training, validation, test;
};

/// The whole run: options, data, baseline, loop, checkpoints, model file. `open_torch` is called only if there is
/// something to train (num_epochs > 0). Throws Error: configuration (all option faults together, before any data are
/// read), data, numerical (a loss that is not finite, structures named), resources (stopped by SIGINT or SIGTERM after
/// the checkpoint is written).
TrainResult train(const TrainRequest& request, const std::function<std::shared_ptr<TorchLibrary>()>& open_torch,
                  std::ostream& log);

}  // namespace kiln
