#pragma once

#include "base/diagnostics.h"
#include "base/yaml.h"

namespace kiln {

/// Writes the short forms of options.yaml out: a set given as a file, `systems: file`, `loss: mse`, `forces: mse` in a
/// loss. What is wrong otherwise is left for the check.
void expand_shorthand(Yaml& root, Diagnostics& faults);

/// Replaces or adds what `a.b=c` names. The value is read as YAML.
void apply_override(Yaml& root, const std::string& text, Diagnostics& faults);

}  // namespace kiln
