#include "graph/config_check.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/interpolation.h"
#include "base/numbers.h"
#include "base/stand_in.h"
#include "base/text.h"
#include "base/unresolved.h"
#include "graph/yaml_forms.h"

namespace kiln {

bool read_number(const Yaml& node, double& value) {
  if (node.is_number()) {
    value = node.real_value;
    return std::isfinite(value);
  }
  return node.kind == Yaml::Kind::text && read_real(node.text, value) && std::isfinite(value);
}

bool read_whole_number(const Yaml& node, std::int64_t& value) {
  if (node.kind == Yaml::Kind::integer) {
    value = node.int_value;
    return true;
  }
  return node.kind == Yaml::Kind::text && read_integer(node.text, value);
}

namespace {

/// A value that keeps its place in the file.
Yaml at(const Yaml& original, Yaml value) {
  value.where = original.where;
  return value;
}

std::string range_of(const ConfigEntry& entry) {
  const bool low = std::isfinite(entry.minimum), high = std::isfinite(entry.maximum);
  if (low && high) return "from " + shortest_text(entry.minimum) + " to " + shortest_text(entry.maximum);
  return low ? "at least " + shortest_text(entry.minimum) : "at most " + shortest_text(entry.maximum);
}

constexpr std::int64_t kLargestInteger = 1000000000;

/// What is wrong with a value; "" if nothing is.
using Reason = std::string;

Reason check_range(const ConfigEntry& entry, double value, const Yaml& node) {
  if (value >= entry.minimum && value <= entry.maximum) return "";
  return "must be " + range_of(entry) + ", not " + shown(node);
}

Reason check_integer(const ConfigEntry& entry, Yaml& node) {
  const auto least = static_cast<std::int64_t>(std::max<double>(entry.minimum, -kLargestInteger));
  const auto most = static_cast<std::int64_t>(std::min<double>(entry.maximum, kLargestInteger));
  std::int64_t value = 0;
  if (!read_whole_number(node, value) || value < least || value > most) {
    return "must be an integer from " + std::to_string(least) + " to " + std::to_string(most) + ", not " + shown(node);
  }
  node = at(node, yaml_integer(value));
  return "";
}

Reason check_real(const ConfigEntry& entry, Yaml& node) {
  double value = 0.0;
  if (!read_number(node, value)) return "must be a number, not " + shown(node);
  Reason reason = check_range(entry, value, node);
  node = at(node, yaml_real(value));
  return reason;
}

Reason check_boolean(Yaml& node) {
  if (node.kind == Yaml::Kind::boolean) return "";
  if (node.kind != Yaml::Kind::text || (node.text != "True" && node.text != "False")) {
    return "must be true or false, not " + shown(node);
  }
  node = at(node, yaml_boolean(node.text == "True"));
  return "";
}

Reason check_text(const ConfigEntry& entry, const Yaml& node) {
  if (node.kind != Yaml::Kind::text) return "must be text, not " + shown(node);
  const auto& allowed = entry.allowed;
  if (allowed.empty() || std::find(allowed.begin(), allowed.end(), node.text) != allowed.end()) return "";
  return "must be one of " + joined(allowed) + ", not " + shown(node);
}

Reason check_list(const ConfigEntry& entry, Yaml& node) {
  if (!node.is_sequence()) return "must be a list of numbers, not " + shown(node);
  Reason reasons;
  for (Yaml& item : node.items) {
    if (const Reason reason = check_real(entry, item); !reason.empty())
      reasons += (reasons.empty() ? "holds an entry that " : ", and one that ") + reason;
  }
  return reasons;
}

constexpr const char* kRadialForms = "must be exact or {tabulated: {knots: 128}}";

/// exact | tabulated | {tabulated: {knots: n}}.
Reason check_radial(Yaml& node, RadialChoice& radial) {
  if (node.kind == Yaml::Kind::text && node.text == "exact") return "";
  std::int64_t knots = 128;
  const Yaml* tabulated = node.is_mapping() && node.entries.size() == 1 ? node.find("tabulated") : nullptr;
  if (tabulated == nullptr && !(node.kind == Yaml::Kind::text && node.text == "tabulated")) {
    return std::string(kRadialForms) + ", not " + shown(node);
  }
  if (tabulated != nullptr && !tabulated->is_null()) {
    if (!tabulated->is_mapping()) return kRadialForms;
    for (const auto& [key, value] : tabulated->entries) {
      if (key.text != "knots") return "has an unknown key '" + key.text + "' under tabulated; there is only knots";
      if (!read_whole_number(value, knots)) return "takes a whole number of knots, not " + shown(value);
    }
  }
  if (knots < 6 || knots > 100000) return "takes 6 to 100000 knots, not " + std::to_string(knots);
  radial.n_knots = static_cast<int>(knots);
  Yaml inner = yaml_mapping(), outer = yaml_mapping();
  yaml_set(inner, "knots", yaml_integer(knots));
  yaml_set(outer, "tabulated", inner);
  node = at(node, outer);
  return "";
}

Reason check_irreps(Yaml& node, Irreps& irreps) {
  Reason reason;
  if (!read_irreps(node, irreps, reason)) return "is not a list of irreps: " + reason;
  auto& blocks = irreps.blocks;
  blocks.erase(std::remove_if(blocks.begin(), blocks.end(), [](const IrrepBlock& b) { return b.mul == 0; }),
               blocks.end());
  if (blocks.empty()) return "has no irreps: at least one is needed";
  node = at(node, yaml_irreps(irreps));
  return "";
}

Reason check_value(const ConfigEntry& entry, Config::Value& value) {
  if (is_missing(value.node)) return kIsMissing;
  switch (entry.type) {
    case ConfigType::integer:
      return check_integer(entry, value.node);
    case ConfigType::real:
      return check_real(entry, value.node);
    case ConfigType::boolean:
      return check_boolean(value.node);
    case ConfigType::text:
      return check_text(entry, value.node);
    case ConfigType::irreps:
      return check_irreps(value.node, value.irreps);
    case ConfigType::list:
      return check_list(entry, value.node);
    case ConfigType::values:
      return value.node.is_sequence() ? "" : "must be a list, not " + shown(value.node);
    case ConfigType::mapping:
      return value.node.is_mapping() ? "" : "must be a mapping, not " + shown(value.node);
    case ConfigType::radial:
      return check_radial(value.node, value.radial);
  }
  return "";
}

std::vector<std::string> keys_of(const LayerDeclaration& declaration) {
  std::vector<std::string> keys;
  for (const ConfigEntry& entry : declaration.config) keys.push_back(entry.name);
  return keys;
}

/// An explicit null is the same as a key left out (KLay: node_attr_block: null).
const Yaml* given_value(const Yaml& config, const std::string& key) {
  const Yaml* node = config.find(key);
  return node == nullptr || node->is_null() ? nullptr : node;
}

/// By key, the value that stands under another that is unknown; nullptr: that key is a guess, or one of several.
using MeantValues = std::map<std::string, const Yaml*>;

MeantValues values_meant(const Yaml& config, const std::vector<std::string>& keys) {
  MeantValues meant;
  for (const auto& [key, value] : config.entries) {
    if (std::find(keys.begin(), keys.end(), key.text) != keys.end()) continue;
    const std::string nearest = nearest_name(key.text, keys);
    if (nearest.empty()) continue;
    const bool is_certain = !value.is_null() && !misspelt_name(key.text, keys).empty();
    const auto [known, is_first] = meant.insert({nearest, is_certain ? &value : nullptr});
    if (!is_first) known->second = nullptr;
  }
  return meant;
}

}  // namespace

std::string fault_of_default(const ConfigEntry& entry) {
  if (entry.default_value.empty()) return "";
  Diagnostics faults;
  Config::Value value;
  value.node = parse_yaml(entry.default_value, "default", faults);
  return faults.has_errors() ? "is no YAML: " + faults.list.front().what : check_value(entry, value);
}

bool check_config(const std::string& layer, const SourcePos& layer_where, const LayerDeclaration& declaration,
                  const Yaml& config, Config& checked, Diagnostics& faults) {
  bool good = true;
  const auto error = [&](const char* code, const SourcePos& where, const std::string& what, const std::string& hint) {
    faults.error(code, where, "layer '" + layer + "' (" + declaration.name + "): " + what, hint);
    good = false;
  };
  checked.layer_where = layer_where;
  const std::vector<std::string> keys = keys_of(declaration);
  const MeantValues meant = values_meant(config, keys);
  for (const auto& [key, value] : config.entries) {
    if (std::find(keys.begin(), keys.end(), key.text) != keys.end()) continue;
    const std::string nearest = nearest_name(key.text, keys);
    error("unknown-config-key", key.where, "unknown config key '" + key.text + "'",
          !nearest.empty() ? "Did you mean '" + nearest + "'?"
          : keys.empty()   ? "it has no config"
                           : "known: " + joined(keys));
  }
  for (const ConfigEntry& entry : declaration.config) {
    const Yaml* node = given_value(config, entry.name);
    const auto unknown = meant.find(entry.name);
    const bool is_misspelt = unknown != meant.end();
    if (node == nullptr && is_misspelt) node = unknown->second;
    if (is_misspelt && (node == nullptr || node != unknown->second)) checked.at_fault.push_back(entry.name);
    if (node == nullptr && entry.required && !is_misspelt) {
      error("missing-config-key", layer_where, "config needs '" + entry.name + "'", entry.name + ": " + entry.doc);
      checked.at_fault.push_back(entry.name);
    }
    if (node == nullptr && entry.default_value.empty()) continue;
    Config::Value value;
    value.given = node != nullptr;
    value.node = node != nullptr ? *node : parse_yaml(entry.default_value, "default", faults);
    const Reason reason = check_value(entry, value);
    if (!reason.empty()) checked.at_fault.push_back(entry.name);
    if (!reason.empty() && is_unresolved(value.node)) {
      good = false;
    } else if (!reason.empty()) {
      error("bad-config-value", value.node.where, "'" + entry.name + "' " + reason, entry.doc);
    }
    checked.values.emplace_back(entry.name, std::move(value));
  }
  return good;
}

namespace {

/// As YAML text; "" where nothing may stand. No number is below what the entry allows.
std::string stand_in_text(const ConfigEntry& entry, int trial) {
  constexpr const char* kIrreps[kTrials] = {
      "1x0e",        "2x1o",        "8x0e + 8x1o", "16x0e + 16x1o + 16x2e",
      "4x0e + 4x1e", "3x0o + 3x1o", "64x0e",       "32x0e + 32x1o + 32x2e + 32x3o"};
  if (trial == 0 && !entry.default_value.empty()) return entry.default_value;
  const double least = std::isfinite(entry.minimum) ? entry.minimum : 1.0;
  switch (entry.type) {
    case ConfigType::integer:
    case ConfigType::real:
      return shortest_text(std::min(least + trial, entry.maximum));
    case ConfigType::boolean:
      return trial % 2 == 1 ? "true" : "false";
    case ConfigType::irreps:
      return kIrreps[trial];
    case ConfigType::list:
      return trial % 2 == 1 ? "[1.0, 2.0]" : "[1.0]";
    default:
      return entry.allowed.empty() ? entry.default_value : entry.allowed[trial % entry.allowed.size()];
  }
}

}  // namespace

std::optional<Config> config_with_stand_ins(const LayerDeclaration& declaration, const Config& config, int trial) {
  Config whole = config;
  whole.at_fault.clear();
  for (const ConfigEntry& entry : declaration.config) {
    if (!config.is_at_fault(entry.name)) continue;
    auto& values = whole.values;
    values.erase(std::remove_if(values.begin(), values.end(), [&](const auto& v) { return v.first == entry.name; }),
                 values.end());
    const std::string text = stand_in_text(entry, trial);
    if (text.empty()) return std::nullopt;
    Diagnostics faults;
    Config::Value value;
    value.node = parse_yaml(text, "default", faults);
    if (!check_value(entry, value).empty()) return std::nullopt;
    values.emplace_back(entry.name, std::move(value));
  }
  return whole;
}

}  // namespace kiln
