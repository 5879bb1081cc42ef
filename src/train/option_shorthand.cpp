#include "train/option_shorthand.h"

#include <fmt/format.h>

#include <algorithm>

namespace kiln {
namespace {

/// {key: value}, standing where the value stood.
Yaml wrapped(const std::string& key, Yaml value) {
  Yaml mapping = yaml_mapping();
  mapping.where = value.where;
  yaml_set(mapping, key, std::move(value));
  mapping.entries.back().first.where = mapping.where;
  return mapping;
}

/// Turns the text at `key` into {inner: text}.
void wrap_text(Yaml* mapping, const std::string& key, const std::string& inner) {
  if (!mapping || !mapping->is_mapping()) return;
  Yaml* value = mapping->find(key);
  if (value && value->kind == Yaml::Kind::text) *value = wrapped(inner, *value);
}

void expand_set(Yaml& root, const std::string& name, Diagnostics& faults) {
  Yaml* set = root.find(name);
  if (!set) return;
  if (set->is_sequence()) {
    faults.error("not-implemented", set->where, fmt::format("{}: several data sets are not implemented yet", name),
                 "Put all structures into one file.");
    *set = yaml_mapping();  // so that nothing else is said of it
    yaml_set(*set, "systems", wrapped("read_from", yaml_text("")));
    return;
  }
  wrap_text(&root, name, "systems");
  wrap_text(root.find(name), "systems", "read_from");
}

void expand_loss(Yaml& training) {
  Yaml* loss = training.find("loss");
  if (!loss) return;
  if (loss->kind == Yaml::Kind::text) {
    const Yaml type = wrapped("type", *loss);
    Yaml energy = type;
    yaml_set(energy, "forces", type);
    yaml_set(energy, "stress", type);
    *loss = wrapped("energy", std::move(energy));
    return;
  }
  wrap_text(loss, "energy", "type");
  if (!loss->is_mapping()) return;
  for (const char* name : {"forces", "stress", "virial"}) wrap_text(loss->find("energy"), name, "type");
}

Yaml* child(Yaml* node, const std::string& key) { return node && node->is_mapping() ? node->find(key) : nullptr; }

void mark_position(Yaml& node, const SourcePos& where) {
  node.where = where;
  for (Yaml& item : node.items) mark_position(item, where);
  for (auto& [key, value] : node.entries) {
    mark_position(key, where);
    mark_position(value, where);
  }
}

/// The mapping at `key`, made where there is none; nullptr if something else stands there.
Yaml* open_mapping(Yaml& mapping, const std::string& key, const SourcePos& where) {
  Yaml* found = mapping.find(key);
  if (!found || found->is_null()) {
    yaml_set(mapping, key, yaml_mapping());
    found = mapping.find(key);
    mark_position(*found, where);
  }
  return found->is_mapping() ? found : nullptr;
}

void set_at(Yaml& root, const std::string& path, Yaml value, const SourcePos& where, Diagnostics& faults) {
  Yaml* node = &root;
  std::size_t begin = 0;
  for (std::size_t dot; (dot = path.find('.', begin)) != std::string::npos; begin = dot + 1) {
    node = open_mapping(*node, path.substr(begin, dot - begin), where);
    if (!node) {
      faults.error("option-override", where, fmt::format("'{}' holds a value, not a mapping", path.substr(0, dot)),
                   "Replace it as a whole, or write it as a mapping in the file.");
      return;
    }
  }
  const std::string key = path.substr(begin);
  yaml_set(*node, key, std::move(value));
  for (auto& entry : node->entries)
    if (entry.first.text == key) entry.first.where = where;
}

}  // namespace

void expand_shorthand(Yaml& root, Diagnostics& faults) {
  if (!root.is_mapping()) return;
  for (const char* name : {"training_set", "validation_set", "test_set"}) expand_set(root, name, faults);
  if (Yaml* training = child(child(&root, "architecture"), "training")) {
    if (training->is_mapping()) expand_loss(*training);
  }
}

void apply_override(Yaml& root, const std::string& text, Diagnostics& faults) {
  SourcePos where;
  where.file = "-r " + text;
  where.line = where.column = 1;
  where.length = static_cast<int>(text.size());
  where.excerpt = text;
  const std::size_t equal = text.find('=');
  if (equal == 0 || equal == std::string::npos || text.front() == '.' || text[equal - 1] == '.' ||
      text.substr(0, equal).find("..") != std::string::npos) {
    faults.error("option-override", where, fmt::format("'{}' is not of the form a.b=value", text), "");
    return;
  }
  Yaml value = parse_yaml(text.substr(equal + 1), where.file, faults);
  mark_position(value, where);
  set_at(root, text.substr(0, equal), std::move(value), where, faults);
}

}  // namespace kiln
