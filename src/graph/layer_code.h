#pragma once

#include "base/plugin_code.h"
#include "graph/checked_graph.h"
#include "graph/infer_context.h"
#include "graph/lower_context.h"

namespace kiln {

// The two functions of a layer are called here, and what they made is looked at: those of plugins may do anything, and
// a slip in one of Kiln's own is told where it happens.

/// "layer 'clamped' (SoftClamp of the plugin 'soft_clamp.so')"
std::string described(const std::string& layer, const LayerDeclaration& declaration);

/// False if there is a fault; types without which nothing that follows can be checked are one. `n_edge_sets`: of the
/// graph.
bool call_infer(InferContext& context, const SourcePos& where, int n_edge_sets);

/// Throws Error of kind configuration, or internal for a layer of Kiln's own, with all that is wrong with the
/// operations, parameters and outputs that `lower` made.
void call_lower(const CheckedLayer& layer, LowerContext& context);

}  // namespace kiln
