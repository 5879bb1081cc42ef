#include "graph/layer_spec.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/numbers.h"
#include "base/source_text.h"
#include "base/text.h"
#include "base/unresolved.h"
#include "graph/layer_faults.h"
#include "graph/misspelt_names.h"
#include "graph/reference_table.h"
#include "graph/yaml_forms.h"

namespace kiln {

namespace {

/// None of a template is left when layers are parsed.
constexpr std::size_t kTemplateKeys = 5;

bool is_own_key(const std::string& key) {
  return std::find(layer_keys().begin(), layer_keys().end() - kTemplateKeys, key) != layer_keys().end() - kTemplateKeys;
}

/// The key that a template's needs beside it.
std::string partner_of(const std::string& template_key) {
  if (template_key == "params") return "include";
  return template_key == "carry" || template_key == "share" ? "repeat" : "";
}

void check_keys(const Yaml& body, const LayerFaults& faults) {
  for (const auto& [key, value] : body.entries) {
    if (is_own_key(key.text)) continue;
    if (const std::string partner = partner_of(key.text); !partner.empty()) {
      faults.ignored("unknown-key", key.where, "'" + key.text + "' goes with '" + partner + "'",
                     "add '" + partner + "' or remove '" + key.text + "'");
      continue;
    }
    std::string hint = did_you_mean(key.text, layer_keys());
    if (key.text == "outputs" && body.find("output") != nullptr)
      hint = "the layer has an 'output' already: write all entries there";
    if (hint.empty()) hint = "a layer has " + joined(layer_keys());
    faults.ignored("unknown-key", key.where, "unknown key '" + key.text + "'", hint);
  }
}

/// The text under `key`; a fault if it is something else.
bool text_value(const Yaml& body, const std::string& key, const LayerFaults& faults, std::string& text,
                SourcePos& where) {
  const Yaml* node = body.find(key);
  if (node == nullptr) return false;
  where = value_where(body, key);
  if (node->kind != Yaml::Kind::text) {
    faults.error("wrong-kind", where, "'" + key + "' must be a name, not " + shown(*node),
                 hint_for_name(*node, key == "alias" ? "write the name of the layer whose module is called"
                                                     : "`kiln layers` lists the types"));
    return false;
  }
  text = node->text;
  if (text.empty())
    faults.error(
        "wrong-kind", where, "'" + key + "' must be a name, not an empty text",
        key == "alias" ? "write the name of the layer whose module is called" : "`kiln layers` lists the types");
  return true;
}

bool parse_source(const Yaml& node, const std::string& port, const LayerFaults& faults, PortSpec& spec) {
  if (node.kind == Yaml::Kind::text && !node.text.empty()) {
    spec.sources.push_back(reference_at(node));
    return true;
  }
  faults.error("wrong-kind", node.where, "input '" + port + "' must be a reference, not " + shown(node),
               hint_for_name(node, "write a name such as 'layer', 'layer.port' or 'model_inputs.x'"));
  return false;
}

/// Numbers that are not text, as KLay takes them for ports: true is 1.
bool klay_port(const Yaml& key, const LayerFaults& faults, std::string& name) {
  if (key.kind == Yaml::Kind::boolean) {
    name = key.bool_value ? "1" : "0";
    faults.warning("bad-port", key.where, shown(key) + " is port " + name + ", as in KLay", "write " + name);
    return true;
  }
  if (key.kind != Yaml::Kind::integer) return false;
  name = std::to_string(key.int_value);
  faults.warning("bad-port", key.where, name + " is a positional port, as in KLay: the least number comes first",
                 "number the ports from 0");
  return true;
}

/// Ports are names or whole numbers from 0 on, quoted or not.
bool port_name(const Yaml& key, const LayerFaults& faults, std::string& name) {
  name = key.text;
  std::int64_t number = 0;
  const bool is_text = key.kind == Yaml::Kind::text && !name.empty(), is_number = read_integer(name, number);
  if (is_text && is_digits(name) && is_number) name = std::to_string(number);
  if (key.kind == Yaml::Kind::integer && key.int_value >= 0) {
    name = std::to_string(key.int_value);
    return true;
  }
  if (is_text && !(is_number && number < 0)) return true;
  if (faults.klay && klay_port(key, faults, name)) return true;
  faults.error("bad-port", key.where, shown(key) + " is not a port", "ports are names, or numbers counting from 0");
  return false;
}

/// One, or those of a list: none if one of them is at fault, which is told; the others are looked for.
void parse_sources(const Yaml& value, const LayerFaults& faults, PortSpec& spec, std::vector<Reference>& unplaced) {
  bool good = true;
  spec.is_list = value.is_sequence();
  if (spec.is_list) {
    for (const Yaml& item : value.items) good = parse_source(item, spec.port, faults, spec) && good;
    if (value.items.empty()) faults.error("wrong-kind", value.where, "input '" + spec.port + "' is an empty list");
  } else {
    good = parse_source(value, spec.port, faults, spec);
  }
  if (good) return;
  unplaced.insert(unplaced.end(), spec.sources.begin(), spec.sources.end());
  spec.sources.clear();
}

void parse_ports(const Yaml& inputs, const LayerFaults& faults, LayerSpec& layer) {
  layer.inputs_known = !inputs.incomplete;
  std::map<std::string, SourcePos> seen;
  for (const auto& [key, value] : inputs.entries) {
    PortSpec spec;
    spec.where = key.where;
    bool is_port = !is_unresolved(key) && port_name(key, faults, spec.port);
    if (!is_port) spec.port = key.text;
    const auto first = seen.find(spec.port);
    if (is_port && first != seen.end() && !faults.klay) {  // what KLay takes of them is settled later
      faults.error("duplicate-port", key.where, "port " + spec.port + " stands twice, first at " + place(first->second),
                   "0 and '0' are the same port");
      is_port = false;
    }
    if (is_port) seen.insert({spec.port, key.where});
    parse_sources(value, faults, spec, layer.unplaced);
    layer.inputs_known = layer.inputs_known && is_port;
    if (is_port)
      layer.inputs.push_back(std::move(spec));
    else
      layer.unplaced.insert(layer.unplaced.end(), spec.sources.begin(), spec.sources.end());
  }
}

bool is_output_name(const Yaml& name) { return name.kind == Yaml::Kind::text && is_identifier(name.text); }

void parse_output_map(const Yaml& output, const LayerFaults& faults, std::vector<OutputMapSpec>& names) {
  for (const auto& [key, value] : output.entries) {
    if (key.kind != Yaml::Kind::integer && key.kind != Yaml::Kind::text) {
      faults.error("bad-port", key.where, "output: " + shown(key) + " is not an index or the name of a port");
      continue;
    }
    const std::string index = key.kind == Yaml::Kind::integer ? std::to_string(key.int_value) : key.text;
    check_output_name(value, faults);
    if (is_output_name(value))
      names.push_back({index, value.text, value.where});
    else if (!faults.klay)
      names.push_back({index, kUnknownLayer, value.where});  // is there such an output?
  }
}

std::string mapping_hint(const std::string& key) {
  if (key == "inputs") return "write inputs: {PORT: LAYER, …}; ports are names, or numbers counting from 0";
  return key == "output" ? "write output: {PORT: NAME, …}" : "write " + key + ": {KEY: VALUE, …}";
}

/// The mapping under `key`, or nullptr: left out, null, or of the wrong kind (a fault, and `known` is false).
const Yaml* mapping_value(const Yaml& body, const std::string& key, const LayerFaults& faults, bool& known) {
  const Yaml* node = body.find(key);
  if (node == nullptr || node->is_null()) return nullptr;
  known = node->is_mapping();
  if (node->is_mapping()) return node;
  faults.error("wrong-kind", node->where, "'" + key + "' must be a mapping, not " + shown(*node), mapping_hint(key));
  return nullptr;
}

void parse_kind(const Yaml& body, LayerSpec& layer, const LayerFaults& faults) {
  const bool has_alias = body.find("alias") != nullptr;
  text_value(body, "type", faults, layer.type, layer.type_where);
  text_value(body, "alias", faults, layer.alias, layer.alias_where);
  if (!has_alias && body.find("type") == nullptr && !body.incomplete) {
    faults.error("missing-type", layer.where, "has neither 'type' nor 'alias'", "`kiln layers` lists the types");
  }
  layer.weights = parse_layer_weights(body, faults);
  if (!has_alias) return;
  for (const char* key : {"type", "config"}) {
    if (body.find(key) != nullptr) {
      faults.ignored("alias-with-type", value_where(body, key), std::string("an alias takes no '") + key + "'",
                     "it calls the module of its target; remove '" + std::string(key) + "' or 'alias'");
    }
  }
  layer.type.clear();
}

}  // namespace

void check_output_name(const Yaml& name, const LayerFaults& faults) {
  if (is_output_name(name)) return;
  faults.error("bad-name", name.where, "output: " + shown(name) + " is not a name",
               hint_for_name(name, "names start with a letter or '_' and go on with letters, digits and '_'"));
}

LayerSpec parse_layer(const Yaml& name, const Yaml& body, bool klay, Diagnostics& all_faults) {
  LayerSpec layer;
  layer.name = name.text;
  layer.where = name.where;
  layer.config = yaml_mapping();
  layer.config.where = name.where;
  const LayerFaults faults{layer.name, klay, all_faults};
  if (!body.is_mapping()) {
    faults.error("wrong-kind", body.is_null() ? name.where : body.where,
                 "must be a mapping with 'type' or 'alias', not " + shown(body),
                 "write '" + layer.name + ": {type: TYPE, inputs: {…}}'; `kiln layers` lists the types");
    return layer;
  }
  check_keys(body, faults);
  parse_kind(body, layer, faults);
  const bool is_alias = body.find("alias") != nullptr;  // whose config is told, or ignored
  const Yaml* config = is_alias ? nullptr : mapping_value(body, "config", faults, layer.config_known);
  if (config != nullptr) layer.config = *config;
  const Yaml* inputs = mapping_value(body, "inputs", faults, layer.inputs_known);
  if (inputs != nullptr) parse_ports(*inputs, faults, layer);
  bool outputs_known = true;
  const Yaml* output = mapping_value(body, "output", faults, outputs_known);
  if (output != nullptr) parse_output_map(*output, faults, layer.output_map);
  return layer;
}

}  // namespace kiln
