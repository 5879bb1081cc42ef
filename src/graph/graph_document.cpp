#include "graph/graph_document.h"

#include <algorithm>
#include <map>

#include "base/files.h"
#include "base/source_text.h"
#include "base/yaml_limits.h"
#include "graph/yaml_forms.h"

namespace kiln {

namespace {

void refuse_twins(const Yaml& node, Diagnostics& faults);

void refuse_twin_keys(const Yaml& mapping, Diagnostics& faults) {
  std::map<std::string, SourcePos> seen;
  for (const auto& [key, value] : mapping.entries) {
    const auto [first, is_new] = seen.insert({key.text, key.where});
    if (!is_new)
      faults.error("duplicate-key", key.where,
                   "duplicate key '" + key.text + "', first given at " + place(first->second),
                   "a number and its text are one key; remove or rename one of them");
  }
}

/// But for entries of these names, which may have such keys.
void refuse_twins_but_in(const std::vector<std::string>& names, const Yaml& mapping, Diagnostics& faults) {
  refuse_twin_keys(mapping, faults);
  for (const auto& [key, value] : mapping.entries)
    if (std::find(names.begin(), names.end(), key.text) == names.end()) refuse_twins(value, faults);
}

void refuse_twins(const Yaml& node, Diagnostics& faults) {
  for (const Yaml& item : node.items) refuse_twins(item, faults);
  refuse_twins_but_in({}, node, faults);
}

void refuse_twins_in_graph(const Yaml& document, Diagnostics& faults) {
  refuse_twins_but_in({"model_layers", "model_outputs"}, document, faults);
  const Yaml* layers = document.find("model_layers");
  if (layers == nullptr) return;
  refuse_twin_keys(*layers, faults);
  for (const auto& [name, layer] : layers->entries) refuse_twins_but_in({"inputs", "output"}, layer, faults);
}

}  // namespace

bool asks_for_klay(const Yaml& document) {
  const Yaml* compat = document.find("compat");
  return compat != nullptr && compat->kind == Yaml::Kind::text && compat->text == "klay";
}

Yaml parse_graph_document(const std::string& content, const std::string& file_name, Diagnostics& faults) {
  Yaml document = parse_yaml(content, file_name, faults, TwinKeys::kept);
  refuse_twins_in_graph(document, faults);
  return document;
}

Yaml read_graph_document(const std::string& path, Diagnostics& faults) {
  return parse_graph_document(read_file(path, YamlLimits::file_bytes), path, faults);
}

}  // namespace kiln
