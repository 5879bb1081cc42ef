#pragma once

#include "base/yaml.h"

namespace kiln {

/// Replaces every ${…} in the tree's scalars, as OmegaConf does: absolute and list-index references, chains,
/// whole-node references (a copy of the node), in-string (4.0 -> "4.0", true -> "True"), escape \${…}.
/// Relative (${.x}, ${..x}) and nested (${a.${k}}) references work too; resolvers (oc.env, …) are refused by name.
/// Faults name category, key path and position; the scalar then stays as written. A scalar that fails only because what
/// it refers to has failed is not reported again. Interpolated nodes keep the position of the reference, what a copied
/// node contains keeps its own. Keys are not interpolated.
void resolve_interpolations(Yaml& root, Diagnostics& faults);

}  // namespace kiln
