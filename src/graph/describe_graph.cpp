#include "graph/describe_graph.h"

#include "base/numbers.h"
#include "base/text.h"
#include "graph/input_role.h"
#include "graph/locality.h"
#include "graph/text_table.h"
#include "graph/yaml_forms.h"

namespace kiln {

namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string angstrom(double length) { return length > 0 ? shortest_text(length) + " Å" : "unknown"; }

std::string type_name(const CheckedLayer& layer) {
  const std::string& type = layer.declaration->name;
  return layer.weight_owner == layer.name ? type : type + " (alias of " + layer.weight_owner + ")";
}

std::string inputs_table(const CheckedGraph& graph) {
  Rows rows = {{"input", "role", "field"}};
  for (const CheckedInput& input : graph.inputs) {
    FieldType type = graph.fields[input.field].type;
    type.meaning = Meaning::plain;
    rows.push_back({input.name, role_name(input.meaning), to_string(type)});
  }
  return text_table(rows);
}

std::string layers_table(const CheckedGraph& graph) {
  Rows rows = {{"layer", "type", "output", "hops"}};
  for (const CheckedLayer& layer : graph.layers) {
    const auto is_whole = [&](std::size_t port) { return port > 0 && layer.output_names[port].empty(); };
    std::size_t n_parts = 0;  // what turned out to be the whole again is no part
    for (std::size_t port = 0; port < layer.outputs.size(); ++port) n_parts += is_whole(port) ? 0 : 1;
    for (std::size_t port = 0; port < layer.outputs.size(); ++port) {
      if (is_whole(port)) continue;
      const std::string hops = std::to_string(layer.hops);
      const std::string output = to_string(graph.fields[layer.outputs[port]].type);
      if (n_parts == 1) {
        rows.push_back({layer.name, type_name(layer), output, hops});
      } else {
        const std::string& port_name = layer.output_names[port];
        rows.push_back({port_name.empty() ? "  (whole)" : "  ." + port_name, "", output, hops});
        if (port == 0) rows.insert(rows.end() - 1, {layer.name, type_name(layer), "", ""});
      }
    }
  }
  return text_table(rows);
}

std::string outputs_table(const CheckedGraph& graph) {
  Rows rows = {{"output", "field", "type", "hops"}};
  for (const CheckedOutput& output : graph.outputs) {
    const CheckedField& field = graph.fields[output.field];
    rows.push_back({output.name, field.name, to_string(field.type), std::to_string(output.hops)});
  }
  return text_table(rows);
}

std::string edges_table(const CheckedGraph& graph) {
  if (graph.edge_sets.empty()) return "";
  Rows rows = {{"edges", "cutoff", "positions", "shift"}};
  for (std::size_t s = 0; s < graph.edge_sets.size(); ++s) {
    const EdgeSet& set = graph.edge_sets[s];
    const GeometryInput& geometry = graph.geometry[s];
    const std::string parts = set.parts.empty() ? "" : " (holds " + joined(set.parts) + ")";
    rows.push_back({set.name + parts, angstrom(set.cutoff), geometry.positions, geometry.shift});
  }
  return text_table(rows) + "\n";
}

/// The first to be computed first.
std::string stages_table(const CheckedGraph& graph) {
  const std::vector<std::vector<std::string>> stages = stages_of(graph);
  if (stages.empty()) return "";
  Rows rows = {{"stage", "edges of", "layers"}};
  for (std::size_t k = stages.size(); k-- > 0;)
    rows.push_back({std::to_string(k),
                    k == 0 ? "owned atoms" : "owned atoms and " + std::to_string(k) + (k == 1 ? " hop" : " hops"),
                    joined(stages[k])});
  return text_table(rows) + "\n";
}

std::string distance_text(const CheckedGraph& graph) {
  if (!graph.global_layer.empty()) return "unbounded";
  if (graph.n_hops > 0 && graph.influence_distance <= 0) return "unknown";
  return shortest_text(graph.influence_distance) + " Å";
}

std::string locality(const CheckedGraph& graph) {
  const bool is_local = graph.global_layer.empty();
  const std::string hops = std::to_string(graph.n_hops) + (graph.n_hops == 1 ? " hop" : " hops");
  const std::string stages = std::to_string(graph.n_hops) + (graph.n_hops == 1 ? " stage" : " stages");
  return (is_local ? "local: " : "global: layer '" + graph.global_layer + "' needs all atoms; ") + hops +
         ", influence distance " + distance_text(graph) + ", " + stages + "\n";
}

/// Numbers and symbols; null: not known.
Yaml shape_node(const Shape& shape) {
  Yaml list = yaml_list();
  for (const Size& size : shape.sizes)
    list.items.push_back(size.known() ? yaml_integer(size.n) : size.symbol.empty() ? Yaml{} : yaml_text(size.symbol));
  return list;
}

Yaml type_node(const FieldType& type) {
  Yaml node = yaml_mapping();
  yaml_set(node, "level", yaml_text(to_string(type.level)));
  yaml_set(node, "dtype", yaml_text(type.dtype == DType::real ? "real" : "integer"));
  yaml_set(node, "meaning", yaml_text(to_string(type.meaning)));
  if (!type.irreps.blocks.empty()) yaml_set(node, "irreps", yaml_text(to_string(type.irreps)));
  if (const Shape shape = shape_of(type); shape.known) yaml_set(node, "shape", shape_node(shape));
  if (!type.unit.empty()) yaml_set(node, "unit", yaml_text(type.unit));
  return node;
}

Yaml library_layers_node(const GraphSpec& library) {
  Yaml list = yaml_list();
  for (const LayerSpec& layer : library.layers) {
    Yaml node = yaml_mapping();
    yaml_set(node, "name", yaml_text(layer.name));
    const bool is_alias = !layer.alias.empty();
    yaml_set(node, is_alias ? "alias" : "type", yaml_text(is_alias ? layer.alias : layer.type));
    list.items.push_back(node);
  }
  return list;
}

Yaml inputs_node(const CheckedGraph& graph) {
  Yaml list = yaml_list();
  for (const CheckedInput& input : graph.inputs) {
    Yaml node = yaml_mapping();
    yaml_set(node, "name", yaml_text(input.name));
    yaml_set(node, "role", yaml_text(role_name(input.meaning)));
    yaml_set(node, "type", type_node(graph.fields[input.field].type));
    list.items.push_back(node);
  }
  return list;
}

Yaml layers_node(const CheckedGraph& graph) {
  Yaml list = yaml_list();
  for (const CheckedLayer& layer : graph.layers) {
    Yaml node = yaml_mapping(), outputs = yaml_mapping();
    yaml_set(node, "name", yaml_text(layer.name));
    yaml_set(node, "type", yaml_text(layer.declaration->name));
    if (layer.weight_owner != layer.name) yaml_set(node, "alias", yaml_text(layer.weight_owner));
    for (std::size_t port = 0; port < layer.outputs.size(); ++port) {
      yaml_set(outputs, layer.output_names[port], type_node(graph.fields[layer.outputs[port]].type));
    }
    yaml_set(node, "outputs", outputs);
    yaml_set(node, "hops", yaml_integer(layer.hops));
    list.items.push_back(node);
  }
  return list;
}

Yaml outputs_node(const CheckedGraph& graph) {
  Yaml list = yaml_list();
  for (const CheckedOutput& output : graph.outputs) {
    Yaml node = yaml_mapping();
    yaml_set(node, "name", yaml_text(output.name));
    yaml_set(node, "field", yaml_text(graph.fields[output.field].name));
    yaml_set(node, "type", type_node(graph.fields[output.field].type));
    yaml_set(node, "hops", yaml_integer(output.hops));
    list.items.push_back(node);
  }
  return list;
}

Yaml edge_sets_node(const CheckedGraph& graph) {
  Yaml list = yaml_list();
  for (std::size_t s = 0; s < graph.edge_sets.size(); ++s) {
    Yaml node = yaml_mapping();
    yaml_set(node, "name", yaml_text(graph.edge_sets[s].name));
    yaml_set(node, "cutoff", yaml_real(graph.edge_sets[s].cutoff));
    if (!graph.edge_sets[s].parts.empty()) yaml_set(node, "parts", yaml_texts(graph.edge_sets[s].parts));
    yaml_set(node, "positions", yaml_text(graph.geometry[s].positions));
    yaml_set(node, "shift", yaml_text(graph.geometry[s].shift));
    list.items.push_back(node);
  }
  return list;
}

/// From stage 0 on.
Yaml stages_node(const CheckedGraph& graph) {
  Yaml list = yaml_list();
  for (const std::vector<std::string>& layers : stages_of(graph)) list.items.push_back(yaml_texts(layers));
  return list;
}

}  // namespace

std::string describe(const CheckedGraph& graph) {
  return inputs_table(graph) + "\n" + layers_table(graph) + "\n" + outputs_table(graph) + "\n" + edges_table(graph) +
         stages_table(graph) + locality(graph);
}

std::string describe_library(const GraphSpec& library) {
  Rows rows = {{"layer", "type"}};
  for (const LayerSpec& layer : library.layers)
    rows.push_back({layer.name, layer.alias.empty() ? layer.type : "alias of " + layer.alias});
  return text_table(rows) + "\na library of layers: nothing says what they read\n";
}

std::string describe_library_json(const GraphSpec& library) {
  Yaml node = yaml_mapping();
  yaml_set(node, "library", yaml_boolean(true));
  yaml_set(node, "layers", library_layers_node(library));
  return to_canonical_json(node);
}

std::string describe_json(const CheckedGraph& graph) {
  Yaml node = yaml_mapping();
  yaml_set(node, "inputs", inputs_node(graph));
  yaml_set(node, "layers", layers_node(graph));
  yaml_set(node, "outputs", outputs_node(graph));
  yaml_set(node, "edge_sets", edge_sets_node(graph));
  yaml_set(node, "hops", yaml_integer(graph.n_hops));
  yaml_set(node, "influence_distance", graph.global_layer.empty() ? yaml_real(graph.influence_distance) : Yaml{});
  yaml_set(node, "stages", stages_node(graph));
  yaml_set(node, "local", yaml_boolean(graph.global_layer.empty()));
  if (!graph.global_layer.empty()) yaml_set(node, "global_layer", yaml_text(graph.global_layer));
  return to_canonical_json(node);
}

}  // namespace kiln
