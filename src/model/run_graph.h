#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/graph_inputs.h"

namespace kiln {

/// Outputs in file order. Reals are in the model's precision, but sums over atoms and edges (fields of a structure,
/// virials) in float64, whatever the engine.
using GraphOutputs = std::vector<std::pair<std::string, Tensor>>;

/// Throws Error of kind configuration (code unsupported-operator) naming the layer that the native engine cannot run.
void require_native(const LoweredGraph& graph, const Weights& weights, Precision precision);

/// The whole graph on the native engine, for one structure. Throws Error of kind configuration (code
/// unsupported-operator) naming the layer that it cannot run.
GraphOutputs run_native(const LoweredGraph& graph, const Weights& weights, Precision precision,
                        const GivenArrays& given);

/// The name of the model input that an output exposes; "" if something computes it. Such inputs pass through.
std::string exposed_input(const LoweredGraph& graph, const LoweredOutput& output);
Tensor pass_through(const Tensor& given, TensorDType real_dtype);

/// Of an output with real numbers.
TensorDType output_dtype(const LoweredGraph& graph, const LoweredOutput& output, Precision precision);

/// Numbers as a tensor of this real dtype.
Tensor real_tensor(std::vector<std::int64_t> shape, const std::vector<double>& values, TensorDType dtype);

}  // namespace kiln
