#pragma once

#include <string>

#include "base/diagnostics.h"
#include "operators/torch_target.h"

namespace kiln {

/// The layer's way of speaking of its target.
struct TargetFaults {
  const std::string& layer;
  const CallRequest& request;
  Diagnostics& faults;

  bool error(const char* code, const SourcePos& where, const std::string& what, const std::string& hint = {}) const {
    faults.error(code, where, "layer '" + layer + "': target '" + request.target + "' " + what, hint);
    return false;
  }
};

}  // namespace kiln
