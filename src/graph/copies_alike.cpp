#include "graph/copies_alike.h"

#include <algorithm>
#include <iterator>

namespace kiln {

bool gives_alike(const Yaml& layer) {
  constexpr const char* kTypes[] = {"OneHotAtomEncoding", "AtomwiseLinear", "MACE_layer", "ScalarReadout",
                                    "PerSpeciesEnergy"};
  const Yaml* type = layer.find("type");
  return type != nullptr && std::find(std::begin(kTypes), std::end(kTypes), type->text) != std::end(kTypes);
}

bool gives_alike(const SubGraph& graph) {
  const auto& layers = graph.layers.entries;
  const auto& outputs = graph.outputs.entries;
  const auto is_alike = [](const auto& layer) {
    return layer.second.find("alias") != nullptr || gives_alike(layer.second);  // an alias of one of the others
  };
  const auto is_of_layer = [&](const auto& output) {
    return graph.layers.find(split_reference(output.second.text).first) != nullptr;
  };
  return std::all_of(layers.begin(), layers.end(), is_alike) &&
         std::all_of(outputs.begin(), outputs.end(), is_of_layer);
}

}  // namespace kiln
