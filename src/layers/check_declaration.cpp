#include "layers/check_declaration.h"

#include <set>

#include "base/numbers.h"
#include "base/source_text.h"
#include "graph/config_check.h"
#include "graph/layer_spec.h"

namespace kiln {

namespace {

using Names = std::vector<std::string>;

struct DeclarationCheck {
  const LayerDeclaration& layer;
  std::string who;
  const SourcePos& where;
  Diagnostics& faults;

  void error(const char* code, const std::string& what) const {
    faults.error(code, where, who + "its layer '" + layer.name + "' " + what);
  }
  void bad(const std::string& what) const { error("bad-declaration", what); }
};

/// Every name once, and such that a file can hold it.
void check_names(const DeclarationCheck& check, const Names& names, const std::string& among) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!is_identifier(name)) check.bad("has among its " + among + " '" + name + "', but '" + name + "' is no name");
    if (!seen.insert(name).second) check.bad("is ambiguous: '" + name + "' stands twice among its " + among);
  }
}

void check_parts(const DeclarationCheck& check) {
  const LayerDeclaration& layer = check.layer;
  const auto needs = [&](bool there, const char* what) {
    if (!there) check.error("incomplete-layer", std::string("needs ") + what);
  };
  needs(!layer.name.empty(), "a name");
  needs(layer.infer != nullptr, "'infer'");
  needs(layer.lower != nullptr, "'lower'");
  needs(!layer.outputs.empty() || layer.any_ports, "an output");
  if (to_string(layer.category).empty())
    check.bad("has the category " + std::to_string(static_cast<int>(layer.category)) + ", which does not exist");
  if (layer.receiver_row < -1 || layer.receiver_row > 1)
    check.bad("has receiver_row " + std::to_string(layer.receiver_row) + ", not 0, 1 or -1 for none");
}

void check_layer_names(const DeclarationCheck& check) {
  Names names = check.layer.synonyms;
  if (!check.layer.name.empty()) names.push_back(check.layer.name);
  check_names(check, names, "names");
}

void check_ports(const DeclarationCheck& check) {
  Names inputs;
  for (const PortDeclaration& port : check.layer.inputs) {
    inputs.push_back(port.name);
    inputs.insert(inputs.end(), port.synonyms.begin(), port.synonyms.end());
  }
  check_names(check, inputs, "inputs");
  check_names(check, check.layer.output_names(), "outputs");
}

bool is_known(ConfigType type) { return type >= ConfigType::integer && type <= ConfigType::radial; }

void check_entry(const DeclarationCheck& check, const ConfigEntry& entry) {
  const std::string key = "has a config key '" + entry.name + "' ";
  if (!is_known(entry.type)) check.bad(key + "of the type " + std::to_string(static_cast<int>(entry.type)));
  if (!(entry.minimum <= entry.maximum))
    check.bad(key + "from " + shortest_text(entry.minimum) + " to " + shortest_text(entry.maximum));
  if (entry.required && !entry.default_value.empty()) check.bad(key + "that is required and has a default");
}

void check_config_keys(const DeclarationCheck& check) {
  Names keys;
  for (const ConfigEntry& entry : check.layer.config) {
    keys.push_back(entry.name);
    check_entry(check, entry);
    if (!is_known(entry.type) || entry.required) continue;
    if (const std::string fault = fault_of_default(entry); !fault.empty())
      check.bad("has a config key '" + entry.name + "' whose default " + fault);
  }
  check_names(check, keys, "config keys");
}

void check_parameters(const DeclarationCheck& check) {
  std::set<std::string> seen;
  for (const ParameterDeclaration& parameter : check.layer.parameters) {
    const std::string& name = parameter.name;
    if (!is_parameter_name(name)) check.bad("has among its parameters '" + name + "', but '" + name + "' is no name");
    if (!seen.insert(name).second) check.bad("is ambiguous: '" + name + "' stands twice among its parameters");
    const std::string& shape = parameter.shape;
    if (shape.size() < 2 || shape.front() != '[' || shape.back() != ']')
      check.bad("has a parameter '" + name + "' of the shape '" + shape + "': shapes are written as [n, 4]");
  }
}

/// What is printed, on pages and as JSON.
void check_texts(const DeclarationCheck& check) {
  const LayerDeclaration& layer = check.layer;
  Names texts = {layer.doc, layer.formula};
  const auto add_docs = [&](const auto& things) {
    for (const auto& thing : things) texts.push_back(thing.doc);
  };
  add_docs(layer.inputs);
  add_docs(layer.outputs);
  add_docs(layer.config);
  add_docs(layer.parameters);
  for (const std::string& text : texts) {
    if (find_bad_byte(text) != std::string::npos)
      check.bad("has a description that is no UTF-8, or has control characters");
  }
}

}  // namespace

void check_declaration(const LayerDeclaration& layer, const std::string& who, const SourcePos& where,
                       Diagnostics& faults) {
  const DeclarationCheck check{layer, who, where, faults};
  check_parts(check);
  check_layer_names(check);
  check_ports(check);
  check_config_keys(check);
  check_parameters(check);
  check_texts(check);
}

}  // namespace kiln
