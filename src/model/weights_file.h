#pragma once

#include <map>
#include <string>

#include "base/diagnostics.h"
#include "base/safetensors.h"
#include "graph/checked_graph.h"

namespace kiln {

/// Tensors of a safetensors file (of a `.kiln` file its weights alone) or of a torch state dict, told apart by how they
/// begin. Throws Error of kind data.
std::map<std::string, Tensor> read_weights_file(const std::string& path);

/// Puts the tensors where the graph's parameters are. Names: `<layer>.<parameter>`; also `<layer>.module.<parameter>`,
/// as KLay writes it, and an alias for the layer whose weights it uses, where both are equal. Faults: every parameter
/// that is missing, every name that is unknown, every shape that is wrong.
void assign_weights(const std::map<std::string, Tensor>& tensors, const CheckedGraph& graph,
                    const std::vector<ParameterSpec>& parameters, const std::string& file, Weights& weights,
                    Diagnostics& faults);

}  // namespace kiln
