#include "graph/graph_spec.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/source_text.h"
#include "base/unresolved.h"
#include "graph/expand_templates.h"
#include "graph/graph_document.h"
#include "graph/klay_overwrites.h"
#include "graph/layer_spec.h"
#include "graph/misspelt_names.h"
#include "graph/yaml_forms.h"

namespace kiln {

bool is_identifier(const std::string& name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (name.empty() || !letter(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

void check_name(const std::string& what, const std::string& name, const SourcePos& where, Diagnostics& faults) {
  if (is_identifier(name)) return;
  faults.error("bad-name", where, what + " '" + name + "' is not a name",
               "names start with a letter or '_' and go on with letters, digits and '_'");
}

Reference reference_at(const Yaml& node) { return {node.text, node.where, node.written, node.handed_on}; }

namespace {

/// The section if it is a mapping; a fault if it is something else.
const Yaml* mapping_section(const Yaml& document, const std::string& name, Diagnostics& faults) {
  const Yaml* section = document.find(name);
  if (section == nullptr || section->is_mapping()) return section;
  faults.error("wrong-kind", value_where(document, name), "'" + name + "' must be a mapping, not " + shown(*section),
               name == "model_layers"    ? "write NAME: {type: TYPE, …} for each layer"
               : name == "model_outputs" ? "write NAME: LAYER for each output"
                                         : "write NAME: VALUE for each parameter");
  return nullptr;
}

/// Any text, but one that files, tables and messages can hold.
void check_output_name(const Yaml& key, Diagnostics& faults) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (!key.text.empty() && std::none_of(key.text.begin(), key.text.end(), is_control)) return;
  faults.error("bad-name", key.where, "an output's name must not be empty or contain control characters");
}

void check_sections(const Yaml& document, Diagnostics& faults) {
  const std::vector<std::string>& known = section_names();
  for (const auto& [key, value] : document.entries) {
    if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
    faults.warning("unknown-section", key.where, "unknown section '" + key.text + "' is ignored",
                   key.text == "model"
                       ? "files from before KLay had 'model_layers' have it: docs/language/compat-klay.md"
                       : did_you_mean(key.text, known));
  }
}

void parse_inputs(const Yaml& document, GraphSpec& graph, Diagnostics& faults) {
  const Yaml* section = document.find("model_inputs");
  if (section == nullptr) return;
  if (section->is_mapping()) {
    for (const auto& [key, value] : section->entries) graph.inputs.push_back({key.text, value, key.where});
  } else if (section->is_sequence()) {
    for (const Yaml& item : section->items) {
      if (item.kind == Yaml::Kind::text) {
        graph.inputs.push_back({item.text, Yaml{}, item.where});
      } else {
        faults.error("wrong-kind", item.where, "a model input must be a name, not " + shown(item), hint_for_name(item));
      }
    }
  } else {
    faults.error("wrong-kind", value_where(document, "model_inputs"),
                 "'model_inputs' must be a mapping or a list of names, not " + shown(*section),
                 "write NAME: {role: ROLE} or NAME: {shape: [N, 8]} for each input");
  }
  for (const InputSpec& input : graph.inputs) check_name("model input", input.name, input.where, faults);
}

void parse_layers(const Yaml& document, GraphSpec& graph, Diagnostics& faults) {
  const Yaml* section = document.find("model_layers");
  if (section == nullptr) {
    faults.error("missing-section", document.where, "there is no section 'model_layers'",
                 "a graph has model_inputs, model_layers and model_outputs");
    return;
  }
  section = mapping_section(document, "model_layers", faults);
  if (section == nullptr) return;
  for (const auto& [key, value] : section->entries) {
    const bool is_unknown = key.text.find(kUnknownLayer) != std::string::npos;
    if (!is_unknown) check_name("layer", key.text, key.where, faults);
    graph.layers.push_back(parse_layer(key, value, graph.compat_klay, faults));
  }
}

void parse_outputs(const Yaml& document, GraphSpec& graph, Diagnostics& faults) {
  const Yaml* section = mapping_section(document, "model_outputs", faults);
  if (section == nullptr) return;
  check_output_names(*section, faults);
  for (const auto& [key, value] : section->entries) {
    if (value.kind == Yaml::Kind::text) {
      check_output_name(key, faults);
      graph.outputs.push_back({key.text, reference_at(value), key.where});
    } else {
      faults.error("wrong-kind", value.where,
                   "output '" + key.text + "' must be a reference such as 'layer' or 'layer.port', not " + shown(value),
                   hint_for_name(value));
    }
  }
}

void parse_compat(const Yaml& document, GraphSpec& graph, Diagnostics& faults) {
  const Yaml* compat = document.find("compat");
  if (compat == nullptr) return;
  graph.compat_klay = asks_for_klay(document);
  if (!graph.compat_klay) {
    faults.error("bad-value", value_where(document, "compat"), "'compat' takes only 'klay', not " + shown(*compat));
  }
}

/// Calls `use` with every name that a reference may use, what it names and where.
template <class Use>
void for_each_name(const GraphSpec& graph, const Use& use) {
  for (const InputSpec& input : graph.inputs) use("model input", input.name, input.where);
  for (const LayerSpec& layer : graph.layers) use("layer", layer.name, layer.where);
  for (const LayerSpec& layer : graph.layers) {
    for (const OutputMapSpec& output : layer.output_map) use("output name", output.name, output.where);
  }
}

/// References begin with the names of two sections.
void check_section_names(const GraphSpec& graph, Diagnostics& faults) {
  for_each_name(graph, [&](const std::string& what, const std::string& name, const SourcePos& where) {
    if (name != "model_inputs" && name != "model_layers") return;
    const Yaml* section = graph.document.find(name);
    const std::string at = section == nullptr ? "" : "the section is at " + place(section->where) + "; ";
    faults.error("name-clash", where, what + " '" + name + "' has the name of a section", at + "rename it");
  });
}

/// Inputs, layers and names of output maps share one space of names.
void check_clashes(const GraphSpec& graph, Diagnostics& faults) {
  std::map<std::string, std::pair<std::string, SourcePos>> seen;
  for_each_name(graph, [&](const std::string& what, const std::string& name, const SourcePos& where) {
    const auto [first, is_new] = seen.insert({name, {what, where}});
    if (is_new || !is_identifier(name)) return;  // that it is no name is told
    const std::string& other = first->second.first;
    faults.error("name-clash", where,
                 what + " '" + name + "' has the name of " + (other == "output name" ? "another output" : "a " + other),
                 "'" + name + "' is also at " + place(first->second.second) + "; rename one of them");
  });
}

/// Weights belong to the layer that an alias calls.
void check_alias_weights(const GraphSpec& graph, Diagnostics& faults) {
  for (const LayerSpec& alias : graph.layers) {
    if (alias.alias.empty() || !alias.weights.where.known()) continue;
    const auto target = std::find_if(graph.layers.begin(), graph.layers.end(),
                                     [&](const LayerSpec& layer) { return layer.name == alias.alias; });
    const std::string at = target == graph.layers.end() ? "" : " at " + place(target->where);
    faults.error("alias-with-weights", alias.weights.where,
                 "layer '" + alias.name + "': an alias takes no 'freeze', 'init' or 'seed'",
                 "the weights are those of '" + alias.alias + "'" + at + "; write it there");
  }
}

/// More layers than any graph has are not made: what refers to them would be told again.
bool is_cut_off(const Diagnostics& templates) {
  return std::any_of(templates.list.begin(), templates.list.end(),
                     [](const Diagnostic& fault) { return fault.code == "too-large"; });
}

std::vector<Reference> block_outputs(const ReferenceTable& references) {
  std::vector<Reference> outputs;
  for (const auto& [block, its_outputs] : references.blocks()) {
    for (const auto& [name, source] : its_outputs) outputs.push_back(reference_at(source));
  }
  return outputs;
}

std::vector<Reference> handed_in(const ReferenceTable& references) {
  std::vector<Reference> all;
  for (const Yaml& given : references.handed_in()) {
    if (given.kind == Yaml::Kind::text) all.push_back(reference_at(given));
    for (const Yaml& item : given.items) all.push_back(reference_at(item));
  }
  return all;
}

}  // namespace

GraphSpec parse_graph(const Yaml& document, Diagnostics& faults, std::vector<Reference> block_outputs,
                      std::vector<Reference> handed_in) {
  GraphSpec graph;
  graph.document = document;
  graph.block_outputs = std::move(block_outputs);
  graph.handed_in = std::move(handed_in);
  if (!document.is_mapping()) {
    if (faults.has_errors()) return graph;  // what could not be read is no mapping, but that is not its fault
    faults.error("wrong-kind", document.where, "a graph must be a mapping, not " + shown(document),
                 "its sections are model_params, model_inputs, model_layers and model_outputs");
    return graph;
  }
  check_sections(document, faults);
  const Yaml* params = document.find("model_params");
  if (params != nullptr && !params->is_null()) mapping_section(document, "model_params", faults);
  parse_compat(document, graph, faults);
  parse_inputs(document, graph, faults);
  parse_layers(document, graph, faults);
  parse_outputs(document, graph, faults);
  check_alias_weights(graph, faults);
  check_section_names(graph, faults);
  if (graph.compat_klay)
    overwrite_as_klay(graph, faults);
  else
    check_clashes(graph, faults);
  return graph;
}

bool is_library(const GraphSpec& spec) {
  return spec.inputs.empty() && spec.outputs.empty() && spec.document.find("model_outputs") == nullptr;
}

std::string written_name(const std::map<std::string, std::string>& copies, const std::string& layer) {
  const auto copy = copies.find(layer);
  return copy == copies.end() ? layer : copy->second;
}

ErrorKind error_kind(const Diagnostics& faults) {
  const auto is_other = [](const Diagnostic& fault) {
    const bool of_file = fault.code == "cannot-include" || fault.code == "unreadable-code";
    return fault.severity == Severity::error && !of_file;
  };
  const bool unreadable = faults.has_errors() && std::none_of(faults.list.begin(), faults.list.end(), is_other);
  return unreadable ? ErrorKind::data : ErrorKind::configuration;
}

GraphSpec parse_graph_file(const std::string& path, Diagnostics& faults, const Environment& environment) {
  Yaml document = read_graph_document(path, faults);
  if (!asks_for_klay(document)) settle_misspelt_names(document, faults);
  resolve_interpolations(document, faults, environment);
  const Yaml read = document;  // with what the templates take away
  Diagnostics templates;
  ExpandedTemplates expanded = expand_templates(document, templates, environment);
  faults.add(templates.list);
  const ReferenceTable& references = expanded.vanished.references;
  GraphSpec graph = parse_graph(document, faults, block_outputs(references), handed_in(references));
  drop_faults_of_unresolved(read, faults);
  faults.tell_copies_once();
  if (is_cut_off(templates)) graph = {};
  graph.files = std::move(expanded.files);
  graph.shared_names = std::move(expanded.vanished.shared);
  graph.copies = std::move(expanded.vanished.copies);
  return graph;
}

}  // namespace kiln
