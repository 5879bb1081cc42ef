#include "export/derivatives_layer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace kiln {

namespace {

using Json = nlohmann::ordered_json;

bool differentiates(const CheckedGraph& graph) {
  return std::any_of(graph.layers.begin(), graph.layers.end(),
                     [](const CheckedLayer& layer) { return layer.declaration->category == Category::autograd; });
}

std::string unused_name(const Json& layers, std::string name) {
  while (layers.contains(name)) name += "_";
  return name;
}

}  // namespace

Model with_derivatives(Model model) {
  const CheckedGraph graph = checked_graph_of(model);
  if (differentiates(graph) || lower_graph(graph).energy_field < 0) return model;
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
