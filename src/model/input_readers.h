#pragma once

#include <string>

#include "graph/checked_graph.h"
#include "model/graph_inputs.h"

namespace kiln {

/// "model input 'x'", with the name of the array in a file of several.
std::string described_input(const std::string& name, const GivenArray& given);

/// "port 'x' of layer 'elements' (graph.yaml:4:3)": who settles what the input must be, the first reader with declared
/// ports, else the first; "the graph" if nothing reads it.
std::string reader_of(const CheckedGraph& graph, const CheckedInput& input);

/// Does it have its role from its name alone, and no reader that asks for that?
bool has_role_by_name(const CheckedGraph& graph, const CheckedInput& input);

/// What the ports of a layer read, for a fault of the call: "port '0' reads the model input 'x' of x.npy: float64 (5,
/// 16)"; of what layers give the sizes that are known.
std::string described_ports(const CheckedGraph& graph, const CheckedLayer& layer, const GivenArrays& given);

}  // namespace kiln
