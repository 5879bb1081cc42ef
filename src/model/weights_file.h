#pragma once

#include <map>
#include <string>

#include "base/diagnostics.h"
#include "base/safetensors.h"
#include "graph/checked_graph.h"

namespace kiln {

/// Tensors of a safetensors file, of a torch state dict or the weights of a `.kiln` file (its checksum and version are
/// checked, older ones upgraded), told apart by how they begin; where that is lost, by the file's ending. Throws Error
/// of kind data.
std::map<std::string, Tensor> read_weights_file(const std::string& path);

/// Puts the tensors where the graph's parameters are. Names: `<layer>.<parameter>`; also `<layer>.module.<parameter>`,
/// as KLay writes it, an alias for the layer whose weights it uses, where both are equal, the name in the file of what
/// is repeated with one set of weights, and the names of an exported TorchScript module, whose tables are passed over.
/// Faults: every parameter that is missing, every name that is unknown, every shape that is wrong. Numbers that are not
/// finite are a warning.
void assign_weights(const std::map<std::string, Tensor>& tensors, const CheckedGraph& graph,
                    const std::vector<ParameterSpec>& parameters, const std::string& file, Weights& weights,
                    Diagnostics& faults);

/// Both, for a file that a user names: throws Error of kind data for its faults, warnings stay in `faults`.
void load_weights(const std::string& path, const CheckedGraph& graph, const std::vector<ParameterSpec>& parameters,
                  Weights& weights, Diagnostics& faults);

}  // namespace kiln
