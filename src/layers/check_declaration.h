#pragma once

#include "base/diagnostics.h"
#include "graph/layer_declaration.h"

namespace kiln {

/// Whether a declaration can be worked with, as far as that is seen without calling its functions: every fault, each
/// with `who` before it. For layers of plugins; Kiln's own are tested.
/// @param who  whose layer it is: "plugin 'soft_clamp.so': "
void check_declaration(const LayerDeclaration& layer, const std::string& who, const SourcePos& where,
                       Diagnostics& faults);

}  // namespace kiln
