#include "graph/yaml_forms.h"

namespace kiln {

Yaml yaml_list() {
  Yaml list;
  list.kind = Yaml::Kind::sequence;
  return list;
}

std::string shown(const Yaml& node) {
  if (node.is_null()) return "null";
  if (node.is_mapping()) return "a mapping";
  return node.is_sequence() ? "a list" : "'" + node.text + "'";
}

SourcePos value_where(const Yaml& mapping, const std::string& key) {
  for (const auto& [name, value] : mapping.entries) {
    if (name.text == key) return value.is_null() ? name.where : value.where;
  }
  return mapping.where;
}

std::string place(const SourcePos& where) {
  return where.known() ? where.file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column)
                       : "the same document";
}

}  // namespace kiln
