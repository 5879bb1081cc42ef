#pragma once

#include <memory>

#include "cli/command.h"
#include "engines/torch/torch_library.h"

namespace kiln {

/// One per processor core.
int default_threads();

/// Opens libkiln_torch and sets what only a program may set for its whole process (engines/torch/torch_library.h); the
/// default number of threads.
std::shared_ptr<TorchLibrary> open_torch(const Context& context);

}  // namespace kiln
