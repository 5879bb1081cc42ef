#pragma once

#include "base/plugin_code.h"
#include "graph/layer_declaration.h"
#include "graph/lower_context.h"

namespace kiln {

/// How far a lowered graph had come.
struct LoweredSizes {
  std::size_t fields = 0, operations = 0, parameters = 0;
};
LoweredSizes sizes_of(const LoweredGraph& graph);

/// What a layer's `lower` has appended since `before`, and its outputs: indices, names,
/// numbers of operands, sizes of parameters, and the types of the outputs; not the shapes of free tensors, nor what
/// operators mean by their operands.
void check_lowering(const LowerContext& context, const LayerDeclaration& declaration, const LoweredSizes& before,
                    const PluginCode& which, Diagnostics& faults);

}  // namespace kiln
