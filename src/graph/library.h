#pragma once

#include "graph/graph_spec.h"
#include "graph/layer_declaration.h"

namespace kiln {

/// One layer of a library (or of any graph) as a graph of its own, for programs that put layers together themselves:
/// every input is wired to the port of its name, and every output of the layer is an output under the port's name
/// (or, where there is one, the name that was asked for). Alias or not, the weights keep the name of the layer that
/// owns them. What is wrong with the layer is said by check_graph; a layer that the library does not have throws Error
/// of kind configuration.
/// @param inputs  name = port; value = what model_inputs would hold: {role: species}, {shape: [N, 16]}, …
GraphSpec graph_of_layer(const GraphSpec& library, const std::string& layer, const std::vector<InputSpec>& inputs,
                         const LayerTable& table);

}  // namespace kiln
