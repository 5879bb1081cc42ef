#pragma once

#include <string>
#include <unordered_map>

#include "graph/graph_spec.h"

namespace kiln {

/// The name that KLay takes a reference for: without `model_inputs.`, or without its suffix.
std::string klay_source(const std::string& reference);

/// Places of inputs, layers and names of output maps in the order in which KLay comes to them: of two layers with one
/// place to write to, the later counts. A graph in which names clash may be in a circle; what is in one, or behind one,
/// is left out, and KLay refuses the graph.
///
/// KLay takes the names in generations: first those that wait for nothing, in the order in which the file mentions
/// them; then, again and again, those whose last source was in the generation before, in the order in which that one
/// meets them.
std::unordered_map<std::string, int> klay_order(const GraphSpec& graph);

}  // namespace kiln
