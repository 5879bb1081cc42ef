#include <set>

#include "graph/graph_checker.h"
#include "graph/liveness.h"

namespace kiln {

void warn_unused(GraphCheck& check) {
  const CheckedGraph& graph = check.graph;
  const bool reads_cell = gives_stress(graph);
  const LiveParts live = live_parts(graph);
  std::set<std::string> owners;  // of weights in use, by an alias perhaps
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    if (live.layers[i]) owners.insert(graph.layers[i].weight_owner);
  }
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const CheckedLayer& layer = graph.layers[i];
    if (live.layers[i] || owners.count(layer.name) != 0) continue;
    const bool alias = layer.weight_owner != layer.name;
    check.faults.warning(alias ? "dangling-alias" : "dangling-layer", layer.where,
                         std::string(alias ? "alias" : "layer") + " '" + layer.name + "' reaches no output");
  }
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    const InputSpec& input = check.spec.inputs[i];
    if (reads_cell && graph.inputs[i].meaning == Meaning::cell) continue;
    if (!live.fields[graph.inputs[i].field]) {
      check.faults.warning("unused-input", input.where, "model input '" + input.name + "' is not used");
    }
  }
}

}  // namespace kiln
