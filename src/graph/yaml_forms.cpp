#include "graph/yaml_forms.h"

#include <map>

#include "base/source_text.h"

namespace kiln {

Yaml yaml_list() {
  Yaml list;
  list.kind = Yaml::Kind::sequence;
  return list;
}

Yaml yaml_texts(const std::vector<std::string>& texts) {
  Yaml list = yaml_list();
  for (const std::string& text : texts) list.items.push_back(yaml_text(text));
  return list;
}

std::string shown(const Yaml& node) {
  if (node.is_null()) return "null";
  if (node.is_mapping()) return "a mapping";
  return node.is_sequence() ? "a list" : "'" + node.text + "'";
}

std::string hint_for_name(const Yaml& node, const std::string& other) {
  if (node.kind != Yaml::Kind::boolean) return other;
  return "YAML takes " + node.text + " for a boolean: if it is a name, write '" + node.text + "' in quotes";
}

SourcePos value_where(const Yaml& mapping, const std::string& key) {
  for (const auto& [name, value] : mapping.entries) {
    if (name.text == key) return value.is_null() ? name.where : value.where;
  }
  return mapping.where;
}

bool check_output_names(const Yaml& model_outputs, Diagnostics& faults) {
  bool good = true;
  std::map<std::string, SourcePos> seen;
  for (const auto& [name, source] : model_outputs.entries) {
    const auto [first, is_new] = seen.insert({name.text, name.where});
    if (is_new) continue;
    faults.error("name-clash", name.where, "output '" + name.text + "' has the name of another output",
                 "'" + name.text + "' is also at " + place(first->second) + "; rename one of them");
    good = false;
  }
  return good;
}

}  // namespace kiln
