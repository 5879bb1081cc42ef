#pragma once

#include <string>

#include "base/diagnostics.h"

namespace kiln {

/// Faults of one layer, each beginning with its name.
struct LayerFaults {
  const std::string& layer;
  bool klay;  ///< `compat: klay`
  Diagnostics& faults;

  void error(const char* code, const SourcePos& where, const std::string& what, const std::string& hint = {}) const {
    faults.error(code, where, "layer '" + layer + "': " + what, hint);
  }
  void warning(const char* code, const SourcePos& where, const std::string& what, const std::string& hint = {}) const {
    faults.warning(code, where, "layer '" + layer + "': " + what, hint);
  }
  /// An output map of a layer with one output names the whole of it. `row`: the number that it says, "" if none.
  void single_output(const SourcePos& where, const std::string& name, const std::string& row) const {
    warning("single-output", where,
            "has one output: '" + name + "' is the whole of it" + (row.empty() ? "" : ", not its row " + row),
            "leave the output map out and write '" + layer + "' for '" + name + "'");
  }
  /// An error unless `compat: klay` asks for KLay's way of ignoring it.
  void ignored(const char* code, const SourcePos& where, const std::string& what, const std::string& hint) const {
    if (klay) {
      warning(code, where, what + "; ignored, as in KLay", hint);
    } else {
      error(code, where, what, hint);
    }
  }
};

}  // namespace kiln
