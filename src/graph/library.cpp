#include "graph/library.h"

#include <algorithm>

#include "base/diagnostics.h"
#include "kiln/error.h"

namespace kiln {

namespace {

const LayerSpec& layer_named(const GraphSpec& library, const std::string& name) {
  const auto& layers = library.layers;
  const auto found = std::find_if(layers.begin(), layers.end(), [&](const LayerSpec& l) { return l.name == name; });
  if (found != layers.end()) return *found;
  std::vector<std::string> names;
  for (const LayerSpec& layer : layers) names.push_back(layer.name);
  throw Error(ErrorKind::configuration, "unknown-layer", "the library has no layer '" + name + "'",
              did_you_mean(name, names));
}

/// The layer at the end of a chain of aliases; a broken chain ends where it breaks.
const LayerSpec& owner_of(const GraphSpec& library, const LayerSpec& layer) {
  const LayerSpec* owner = &layer;
  for (std::size_t step = 0; !owner->alias.empty() && step < library.layers.size(); ++step)
    owner = &layer_named(library, owner->alias);
  return *owner;
}

void wire_inputs(const std::vector<InputSpec>& inputs, LayerSpec& layer) {
  layer.inputs.clear();
  for (const InputSpec& input : inputs) {
    PortSpec port;
    port.port = input.name;
    port.sources = {{"model_inputs." + input.name, input.where}};
    port.where = input.where;
    layer.inputs.push_back(std::move(port));
  }
}

std::vector<OutputSpec> outputs_of(const LayerSpec& layer, const std::string& name, const LayerTable& table) {
  const LayerDeclaration* declaration = table.find(layer.type);
  if (declaration == nullptr || declaration->outputs.size() < 2)
    return {{name, {layer.name, layer.where}, layer.where}};
  std::vector<OutputSpec> outputs;
  for (const std::string& port : declaration->output_names())
    outputs.push_back({port, {layer.name + "." + port, layer.where}, layer.where});
  return outputs;
}

}  // namespace

GraphSpec graph_of_layer(const GraphSpec& library, const std::string& name, const std::vector<InputSpec>& inputs,
                         const LayerTable& table) {
  GraphSpec graph;
  graph.document = library.document;
  graph.compat_klay = library.compat_klay;
  graph.foreign = library.foreign;
  graph.files = library.files;
  graph.inputs = inputs;
  LayerSpec layer = owner_of(library, layer_named(library, name));
  layer.output_map.clear();
  wire_inputs(inputs, layer);
  graph.outputs = outputs_of(layer, name, table);
  graph.layers = {std::move(layer)};
  return graph;
}

}  // namespace kiln
