#pragma once

#include <map>
#include <string>

#include "base/safetensors.h"

namespace kiln {

/// Tensors of a file that Python wrote with `torch.save(module.state_dict(), path)`; names of nested dictionaries are
/// joined by dots, and of a checkpoint with an entry `state_dict` that entry is read. No torch, and nothing is
/// executed: of pickle's language only what dictionaries of tensors need is understood, everything else is refused.
/// Throws Error of kind data.
std::map<std::string, Tensor> read_torch_state_dict(const std::string& bytes, const std::string& file_name);

}  // namespace kiln
