#pragma once

#include <string>

#include "model/model.h"

namespace kiln {

/// The weights alone as safetensors, `<layer>.<parameter>` in the model's precision: what `safetensors.torch.load_file`
/// and `load_state_dict` read.
std::string state_dict(const Model& model);

}  // namespace kiln
