#include "model/model_host.h"

#include "engines/native/native_engine.h"
#include "kiln/error.h"

namespace kiln {

namespace {

bool needs_torch(const LoweredGraph& graph, const Operation& operation) {
  const auto* function = std::get_if<RowFunction>(&operation.op);
  return std::holds_alternative<Call>(operation.op) || std::holds_alternative<Element>(operation.op) ||
         (function != nullptr && !why_not_native(graph, operation, *function).empty());
}

}  // namespace

std::string torch_layer(const LoweredGraph& graph) {
  for (const Operation& operation : graph.operations)
    if (needs_torch(graph, operation)) return operation.layer;
  return "";
}

std::unique_ptr<Engine> make_engine(const LoweredGraph& graph, const Weights& weights, Precision precision,
                                    const ModelHost& host) {
  const std::string layer = torch_layer(graph);
  if (layer.empty()) return make_native_engine(graph, weights, precision);
  if (host.make_engine) return host.make_engine(graph, weights, precision);
  throw Error(ErrorKind::configuration, "torch-only", "layer '" + layer + "' runs on the torch engine only",
              "use `kiln eval`, `kiln run` or an exported TorchScript file");
}

}  // namespace kiln
