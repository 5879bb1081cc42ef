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

  /// "the torch engine failed in layer 'a': …"
  std::string first_line() const {
    const std::string message = what();
    return message.substr(0, message.find('\n'));
  }

  std::string layer;           ///< "" where none is known
  bool out_of_memory = false;  ///< a matter of the machine, not of the numbers
};

}  // namespace kiln
