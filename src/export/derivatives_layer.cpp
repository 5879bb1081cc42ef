#include "export/derivatives_layer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engines/torch/method_text.h"

namespace kiln {

namespace {

using Json = nlohmann::ordered_json;

bool differentiates(const CheckedGraph& graph) {
  return std::any_of(graph.layers.begin(), graph.layers.end(),
                     [](const CheckedLayer& layer) { return layer.declaration->category == Category::autograd; });
}

/// Does the graph give an energy that depends on the positions, and by edge vectors alone?
bool has_derivatives(const CheckedGraph& graph) {
  const LoweredGraph lowered = lower_graph(graph);
  if (lowered.energy_field < 0 || edge_sets_of_energy(lowered).empty()) return false;
  const auto energy = std::find_if(graph.outputs.begin(), graph.outputs.end(),
                                   [](const CheckedOutput& output) { return output.name == "energy"; });
  return geometry_reader(graph, energy->field) == nullptr;
}

std::string unused_name(const Json& layers, std::string name) {
  while (layers.contains(name)) name += "_";
  return name;
}

}  // namespace

Model with_derivatives(Model model) {
  const CheckedGraph graph = checked_graph_of(model);
  if (differentiates(graph) || !has_derivatives(graph)) return model;
  Json document = Json::parse(model.graph_json);
  Json& layers = document.at("model_layers");
  Json& outputs = document.at("model_outputs");
  const std::string name = unused_name(layers, "derivatives");
  layers[name] = {{"type", "Derivatives"}, {"inputs", {{"energy", outputs.at("energy")}}}};
  for (const char* derivative : {"forces", "virial"})
    if (!outputs.contains(derivative)) outputs[derivative] = name + "." + derivative;
  model.graph_json = document.dump();
  return model;
}

}  // namespace kiln
