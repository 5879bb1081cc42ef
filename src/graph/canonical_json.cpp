#include <map>

#include "base/numbers.h"
#include "graph/graph_checker.h"
#include "graph/not_finite.h"
#include "graph/yaml_forms.h"

namespace kiln {

namespace {

Yaml size_node(const std::string& text) {
  std::int64_t size = 0;
  return read_integer(text, size) ? yaml_integer(size) : yaml_text(text);
}

Yaml input_node(const CheckedInput& input, const InputRole& role) {
  if (is_shaped_by_comment(role)) return yaml_text(to_string(role.type.shape));
  Yaml node = yaml_mapping();
  yaml_set(node, "role", yaml_text(role_name(input.meaning)));
  if (input.cutoff > 0) yaml_set(node, "cutoff", yaml_real(input.cutoff));
  if (role.half) yaml_set(node, "storage", yaml_text("half"));
  if (role.receiver >= 0) {
    yaml_set(node, "directed", yaml_boolean(true));
    yaml_set(node, "receiver", yaml_integer(role.receiver));
  }
  if ((role.is_number || !role.shape.empty()) && role.type.open) {
    Yaml shape = yaml_list();
    for (const std::string& size : role.shape) shape.items.push_back(size_node(size));
    yaml_set(node, "shape", shape);
  }
  return node;
}

std::string reference_to(const GraphCheck& check, int field) {
  const CheckedField& f = check.graph.fields[field];
  return f.layer < 0 ? "model_inputs." + f.name : f.name;
}

Yaml port_node(const GraphCheck& check, const CheckedLayer& layer, std::size_t port) {
  const std::vector<int>& fields = layer.inputs[port];
  const bool is_list = layer.declaration->any_ports ? layer.input_lists[port] : fields.size() > 1;
  if (!is_list) return yaml_text(reference_to(check, fields[0]));
  Yaml list = yaml_list();
  for (int field : fields) list.items.push_back(yaml_text(reference_to(check, field)));
  return list;
}

/// Values in the order of the declaration.
Yaml config_node(const CheckedLayer& layer) {
  Yaml node = yaml_mapping();
  for (const ConfigEntry& entry : layer.declaration->config) {
    if (!layer.config.has(entry.name)) continue;
    const Yaml& value = layer.config.node(entry.name);
    yaml_set(node, entry.name, layer.declaration->any_ports ? not_finite_as_texts(value) : value);
  }
  return node;
}

/// Elements and rows that keep the name of their output map: those of `compat: klay`, which reads such maps in its own
/// way.
Yaml output_node(const GraphCheck& check, const CheckedLayer& layer) {
  Yaml node = yaml_mapping();
  for (std::size_t port = 0; port < layer.outputs.size(); ++port) {
    const std::string &key = layer.output_names[port], &name = check.graph.fields[layer.outputs[port]].name;
    if (name != layer.name && name != layer.name + "." + key) yaml_set(node, key, yaml_text(name));
  }
  return node;
}

Yaml layer_node(const GraphCheck& check, const CheckedLayer& layer) {
  Yaml node = yaml_mapping();
  if (layer.weight_owner != layer.name) {
    yaml_set(node, "alias", yaml_text(layer.weight_owner));
  } else {
    yaml_set(node, "type", yaml_text(layer.declaration->name));
    yaml_set(node, "config", config_node(layer));
    write_layer_weights(layer.weights, node);
  }
  Yaml inputs = yaml_mapping();
  for (std::size_t port = 0; port < layer.inputs.size(); ++port) {
    if (!layer.inputs[port].empty()) yaml_set(inputs, layer.input_names[port], port_node(check, layer, port));
  }
  yaml_set(node, "inputs", inputs);
  const Yaml output = output_node(check, layer);
  if (!output.entries.empty()) yaml_set(node, "output", output);
  return node;
}

}  // namespace

std::string canonical_json(const GraphCheck& check) {
  Yaml inputs = yaml_mapping(), layers = yaml_mapping(), outputs = yaml_mapping(), document = yaml_mapping();
  for (std::size_t i = 0; i < check.graph.inputs.size(); ++i) {
    yaml_set(inputs, check.graph.inputs[i].name, input_node(check.graph.inputs[i], check.roles[i]));
  }
  std::map<std::string, const CheckedLayer*> checked;
  for (const CheckedLayer& layer : check.graph.layers) checked[layer.name] = &layer;
  bool klay = false;
  for (const LayerSpec& spec : check.spec.layers) {  // in file order; no name comes twice
    layers.entries.emplace_back(yaml_text(spec.name), layer_node(check, *checked.at(spec.name)));
    klay = klay || layers.entries.back().second.find("output") != nullptr;
  }
  for (const CheckedOutput& output : check.graph.outputs) {
    yaml_set(outputs, output.name, yaml_text(reference_to(check, output.field)));
  }
  if (klay) yaml_set(document, "compat", yaml_text("klay"));
  yaml_set(document, "model_inputs", std::move(inputs));
  yaml_set(document, "model_layers", std::move(layers));
  yaml_set(document, "model_outputs", std::move(outputs));
  return to_canonical_json(document);
}

}  // namespace kiln
