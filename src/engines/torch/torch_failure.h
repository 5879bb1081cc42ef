#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace kiln {

/// What fails inside libtorch. The first line of the message names the layer and the reason; then comes all torch says.
/// Thrown by libkiln_torch, which links no libkiln: a type of headers alone.
struct TorchFailure : std::runtime_error {
  explicit TorchFailure(const std::string& message, std::string of_layer = {})
      : std::runtime_error(message), layer(std::move(of_layer)) {}

  std::string layer;  ///< "" where none is known
};

}  // namespace kiln
