#pragma once

#include <memory>

#include "cli/command.h"
#include "engines/torch/torch_library.h"

namespace kiln {

/// Opens libkiln_torch and sets what only a program may set for its whole process: malloc thresholds, ATen's vector
/// level, threads.
/// @param n_threads  0: one per processor core
std::shared_ptr<TorchLibrary> open_torch(const Context& context, int n_threads);

}  // namespace kiln
