#include "base/yaml.h"

#include "base/numbers.h"

namespace kiln {

const Yaml* Yaml::find(const std::string& key) const {
  for (const auto& [name, value] : entries) {
    if (name.text == key) return &value;
  }
  return nullptr;
}

Yaml* Yaml::find(const std::string& key) { return const_cast<Yaml*>(static_cast<const Yaml*>(this)->find(key)); }

Yaml yaml_text(std::string text) {
  Yaml node;
  node.kind = Yaml::Kind::text;
  node.text = std::move(text);
  node.quoted = true;
  return node;
}

Yaml yaml_integer(std::int64_t value) {
  Yaml node;
  node.kind = Yaml::Kind::integer;
  node.int_value = value;
  node.real_value = static_cast<double>(value);
  node.text = std::to_string(value);
  return node;
}

Yaml yaml_real(double value) {
  Yaml node;
  node.kind = Yaml::Kind::real;
  node.real_value = value;
  node.text = python_text(value);
  return node;
}

Yaml yaml_boolean(bool value) {
  Yaml node;
  node.kind = Yaml::Kind::boolean;
  node.bool_value = value;
  node.text = value ? "true" : "false";
  return node;
}

Yaml yaml_mapping() {
  Yaml node;
  node.kind = Yaml::Kind::mapping;
  return node;
}

void yaml_set(Yaml& mapping, const std::string& key, Yaml value) {
  if (Yaml* old = mapping.find(key)) {
    *old = std::move(value);
  } else {
    mapping.entries.emplace_back(yaml_text(key), std::move(value));
  }
}

}  // namespace kiln
