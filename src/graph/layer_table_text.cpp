#include "graph/layer_table_text.h"

#include <algorithm>
#include <cmath>

#include "base/numbers.h"
#include "base/text.h"
#include "graph/text_table.h"
#include "graph/yaml_forms.h"

namespace kiln {

namespace {

using Rows = std::vector<std::vector<std::string>>;

/// "key" if required, "key=default", "[key]" if it is inferred.
std::string short_form(const ConfigEntry& entry) {
  if (entry.required) return entry.name;
  return entry.default_value.empty() ? "[" + entry.name + "]" : entry.name + "=" + entry.default_value;
}

std::string config_line(const LayerDeclaration& layer) {
  std::vector<std::string> keys;
  for (const ConfigEntry& entry : layer.config) keys.push_back(short_form(entry));
  return keys.empty() ? "none" : joined(keys);
}

std::string ports_line(const std::vector<PortDeclaration>& ports) {
  std::vector<std::string> names;
  for (const PortDeclaration& port : ports) {
    const std::string name = port.list ? port.name + "…" : port.name;
    names.push_back(port.optional ? "[" + name + "]" : name);
  }
  return joined(names);
}

std::string indented(const std::string& text) {
  std::string result;
  for (std::size_t first = 0; first < text.size();) {
    const std::size_t end = std::min(text.find('\n', first), text.size());
    result += "  " + text.substr(first, end - first) + "\n";
    first = end + 1;
  }
  return result;
}

std::string config_section(const LayerDeclaration& layer) {
  if (layer.config.empty()) return "config: none\n";
  Rows rows = {{"key", "type", "default", "allowed", "meaning"}};
  for (const ConfigEntry& entry : layer.config) {
    rows.push_back({entry.name, to_string(entry.type), default_of(entry), allowed_values(entry), entry.doc});
  }
  return "config:\n" + indented(text_table(rows));
}

std::string ports_section(const std::string& title, const std::vector<PortDeclaration>& ports, bool any) {
  if (any) return title + ": those of the target\n";
  Rows rows = {{"port", "meaning"}};
  for (const PortDeclaration& port : ports) rows.push_back({port.name, meaning_of(port)});
  return title + ":\n" + indented(text_table(rows));
}

std::string parameters_section(const LayerDeclaration& layer) {
  if (layer.any_ports) return "parameters: those of the module, by its own names\n";
  if (layer.parameters.empty()) return "parameters: none\n";
  Rows rows = {{"parameter", "shape", "meaning"}};
  for (const ParameterDeclaration& p : layer.parameters) rows.push_back({p.name, p.shape, p.doc});
  return "parameters:\n" + indented(text_table(rows));
}

Yaml config_node(const ConfigEntry& entry) {
  Yaml node = yaml_mapping();
  yaml_set(node, "name", yaml_text(entry.name));
  yaml_set(node, "type", yaml_text(to_string(entry.type)));
  yaml_set(node, "required", yaml_boolean(entry.required));
  if (!entry.default_value.empty()) yaml_set(node, "default", yaml_text(entry.default_value));
  if (std::isfinite(entry.minimum)) yaml_set(node, "minimum", yaml_real(entry.minimum));
  if (std::isfinite(entry.maximum)) yaml_set(node, "maximum", yaml_real(entry.maximum));
  if (!entry.allowed.empty()) yaml_set(node, "allowed", yaml_texts(entry.allowed));
  yaml_set(node, "doc", yaml_text(entry.doc));
  return node;
}

Yaml port_node(const PortDeclaration& port) {
  Yaml node = yaml_mapping();
  yaml_set(node, "name", yaml_text(port.name));
  yaml_set(node, "optional", yaml_boolean(port.optional));
  yaml_set(node, "list", yaml_boolean(port.list));
  if (!port.synonyms.empty()) yaml_set(node, "synonyms", yaml_texts(port.synonyms));
  yaml_set(node, "doc", yaml_text(port.doc));
  return node;
}

Yaml parameter_node(const ParameterDeclaration& parameter) {
  Yaml node = yaml_mapping();
  yaml_set(node, "name", yaml_text(parameter.name));
  yaml_set(node, "shape", yaml_text(parameter.shape));
  yaml_set(node, "doc", yaml_text(parameter.doc));
  return node;
}

Yaml layer_node(const LayerDeclaration& layer) {
  Yaml node = yaml_mapping(), config = yaml_list(), inputs = yaml_list(), outputs = yaml_list();
  Yaml parameters = yaml_list();
  for (const ConfigEntry& entry : layer.config) config.items.push_back(config_node(entry));
  for (const PortDeclaration& port : layer.inputs) inputs.items.push_back(port_node(port));
  for (const PortDeclaration& port : layer.outputs) outputs.items.push_back(port_node(port));
  for (const ParameterDeclaration& p : layer.parameters) parameters.items.push_back(parameter_node(p));
  yaml_set(node, "name", yaml_text(layer.name));
  yaml_set(node, "synonyms", yaml_texts(layer.synonyms));
  yaml_set(node, "category", yaml_text(to_string(layer.category)));
  yaml_set(node, "doc", yaml_text(layer.doc));
  yaml_set(node, "formula", yaml_text(layer.formula));
  yaml_set(node, "config", config);
  yaml_set(node, "inputs", inputs);
  yaml_set(node, "outputs", outputs);
  yaml_set(node, "parameters", parameters);
  if (!layer.plugin.empty()) yaml_set(node, "plugin", yaml_text(layer.plugin));
  return node;
}

}  // namespace

std::string allowed_values(const ConfigEntry& entry) {
  if (!entry.allowed.empty()) return joined(entry.allowed);
  std::string text;
  if (std::isfinite(entry.minimum)) text = ">= " + shortest_text(entry.minimum);
  if (std::isfinite(entry.maximum)) text += (text.empty() ? "<= " : ", <= ") + shortest_text(entry.maximum);
  return text;
}

std::string default_of(const ConfigEntry& entry) {
  if (entry.required) return "required";
  return entry.default_value.empty() ? "inferred" : entry.default_value;
}

std::string meaning_of(const PortDeclaration& port) {
  std::string text = port.doc;
  if (port.optional) text += " (optional)";
  if (!port.synonyms.empty()) text += " (deprecated name: " + joined(port.synonyms) + ")";
  return text;
}

std::string to_string(ConfigType type) {
  switch (type) {
    case ConfigType::integer:
      return "integer";
    case ConfigType::real:
      return "real";
    case ConfigType::boolean:
      return "boolean";
    case ConfigType::text:
      return "text";
    case ConfigType::irreps:
      return "irreps";
    case ConfigType::list:
      return "list of reals";
    case ConfigType::values:
      return "list";
    case ConfigType::mapping:
      return "mapping";
    case ConfigType::radial:
      return "radial";
  }
  return "";
}

std::string describe_layers(const LayerTable& table) {
  Rows rows = {{"layer", "category", "inputs", "outputs", "config"}};
  for (int i = 0; i < table.size; ++i) {
    const LayerDeclaration& layer = *table.begin[i];
    std::string name = layer.name;
    if (!layer.synonyms.empty()) name += " (" + joined(layer.synonyms) + ")";
    rows.push_back(
        {name, to_string(layer.category), ports_line(layer.inputs), ports_line(layer.outputs), config_line(layer)});
  }
  return text_table(rows);
}

std::string describe_layers_json(const LayerTable& table) {
  Yaml list = yaml_list(), node = yaml_mapping();
  for (int i = 0; i < table.size; ++i) list.items.push_back(layer_node(*table.begin[i]));
  yaml_set(node, "layers", list);
  return to_canonical_json(node);
}

std::string describe_layer(const LayerDeclaration& layer) {
  std::string text = layer.name + " (" + to_string(layer.category) + ")\n" + indented(layer.doc);
  if (!layer.synonyms.empty()) text += indented("also named " + joined(layer.synonyms));
  if (!layer.plugin.empty()) text += indented("of the plugin " + layer.plugin);
  text += "\n" + indented(layer.formula) + "\n" + config_section(layer);
  return text + ports_section("inputs", layer.inputs, layer.any_ports) +
         ports_section("outputs", layer.outputs, layer.any_ports) + parameters_section(layer);
}

}  // namespace kiln
