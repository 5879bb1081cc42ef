#include "train/options_text.h"

namespace kiln {
namespace {

void write(const Yaml& node, int indent, std::string& text);

/// JSON is YAML's flow style; what looks like an interpolation is escaped, for all of them are resolved.
std::string flow_text(const Yaml& node) {
  std::string json = to_canonical_json(node);
  for (std::size_t at = 0; (at = json.find("${", at)) != std::string::npos; at += 4) json.insert(at, "\\\\");
  return json;
}

void write_mapping(const Yaml& node, int indent, std::string& text) {
  for (const auto& [key, value] : node.entries) {
    text += std::string(static_cast<std::size_t>(indent), ' ') +
            to_canonical_json(key.kind == Yaml::Kind::text ? yaml_text(key.text) : key) + ":";
    if (value.is_mapping() && !value.entries.empty()) {
      text += "\n";
      write(value, indent + 2, text);
    } else {
      text += " ";
      write(value, indent + 2, text);
      text += "\n";
    }
  }
}

void write(const Yaml& node, int indent, std::string& text) {
  if (node.is_mapping() && !node.entries.empty())
    write_mapping(node, indent, text);
  else
    text += flow_text(node);
}

}  // namespace

std::string to_yaml_text(const Yaml& node) {
  std::string text;
  write(node, 0, text);
  return text;
}

}  // namespace kiln
