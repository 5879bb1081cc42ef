#pragma once

#include "base/yaml.h"

namespace kiln {

/// Replaces every ${…} in the tree's scalars, as OmegaConf does: absolute and list-index references, chains,
/// whole-node references (a copy of the node), in-string (4.0 -> "4.0", true -> "True"), escape \${…}.
/// Faults name category, key path and position. Interpolated nodes keep the position of the reference.
void resolve_interpolations(Yaml& root, Diagnostics& faults);

}  // namespace kiln
