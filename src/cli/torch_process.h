#pragma once

#include <memory>

#include "cli/command.h"
#include "engines/torch/torch_library.h"

namespace kiln {

/// Opens libkiln_torch and sets what only a program may set for its whole process (engines/torch/torch_library.h); one
/// thread per processor core.
std::shared_ptr<TorchLibrary> open_torch(const Context& context);

}  // namespace kiln
