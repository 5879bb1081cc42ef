#pragma once

#include <stdexcept>

namespace kiln {

/// What fails inside libtorch. The first line of the message names the layer and the reason; then comes all torch says.
/// Thrown by libkiln_torch, which links no libkiln: a type of headers alone.
struct TorchFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace kiln
