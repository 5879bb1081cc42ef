#include "train/option_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kiln {
namespace {

bool contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool all_integers(const Yaml& node) {
  return std::all_of(node.items.begin(), node.items.end(), [](const Yaml& i) { return i.kind == Yaml::Kind::integer; });
}

bool all_numbers(const Yaml& node) {
  return std::all_of(node.entries.begin(), node.entries.end(), [](const auto& e) { return e.second.is_number(); });
}

bool fits(const Yaml& node, unsigned kinds) {
  switch (node.kind) {
    case Yaml::Kind::integer:
      return kinds & (kInteger | kReal);
    case Yaml::Kind::real:
      return kinds & kReal;
    case Yaml::Kind::boolean:
      return kinds & kBoolean;
    case Yaml::Kind::text:
      return kinds & kText;
    case Yaml::Kind::sequence:
      return (kinds & kIntegers) && all_integers(node);
    case Yaml::Kind::mapping:
      return (kinds & kMapping) || ((kinds & kNumberTable) && all_numbers(node));
    case Yaml::Kind::null:
      return false;
  }
  return false;
}

std::string describe_kinds(unsigned kinds) {
  static const std::pair<unsigned, const char*> names[] = {{kInteger, "an integer"},
                                                           {kReal, "a number"},
                                                           {kBoolean, "true or false"},
                                                           {kText, "text"},
                                                           {kIntegers, "a list of integers"},
                                                           {kMapping, "a mapping"},
                                                           {kNumberTable, "a mapping to numbers"}};
  std::string text;
  for (const auto& [bit, name] : names)
    if (kinds & bit) text += (text.empty() ? "" : " or ") + std::string(name);
  return text;
}

std::string list(const std::vector<std::string>& texts) { return fmt::format("{}", fmt::join(texts, ", ")); }

std::string shown(const Yaml& node) {
  if (node.is_mapping()) return "a mapping";
  if (node.is_sequence()) return "a list";
  return "'" + node.text + "'";
}

std::string range_text(const Option& o) {
  if (o.minimum == kPositive) return "more than 0";
  if (o.maximum >= 1e9) return fmt::format("at least {}", o.minimum);
  return fmt::format("between {} and {}", o.minimum, o.maximum);
}

bool check_range(const Yaml& value, const Option& o, const std::string& path, Diagnostics& faults) {
  const double x = value.real_value;
  if (x >= o.minimum && x <= o.maximum) return true;  // NaN falls through
  faults.error("option-range", value.where, fmt::format("{}: {} is out of range", path, value.text),
               x > o.maximum ? fmt::format("It must be at most {}.", o.maximum) : "It must be " + range_text(o) + ".");
  return false;
}

bool check_text(const Yaml& value, const Option& o, const std::string& path, Diagnostics& faults) {
  if (o.allowed.empty() || contains(o.allowed, value.text)) return true;
  const std::string available = "Available: " + list(o.allowed) + ".";
  if (contains(o.known, value.text)) {
    faults.error("not-implemented", value.where, fmt::format("{}: '{}' is not implemented yet", path, value.text),
                 available);
    return false;
  }
  std::vector<std::string> candidates = o.allowed;
  candidates.insert(candidates.end(), o.known.begin(), o.known.end());
  const std::string guess = did_you_mean(value.text, candidates);
  faults.error("option-value", value.where, fmt::format("{}: unknown value '{}'", path, value.text),
               guess.empty() ? available : guess + " " + available);
  return false;
}

bool check_scalar(const Yaml& value, const Option& o, const std::string& path, Diagnostics& faults) {
  if (!fits(value, o.kinds)) {
    faults.error("option-type", value.where,
                 fmt::format("{}: {} where {} is expected", path, shown(value), describe_kinds(o.kinds)), o.doc);
    return false;
  }
  if (value.is_number()) return check_range(value, o, path, faults);
  return value.kind != Yaml::Kind::text || check_text(value, o, path, faults);
}

Yaml fallback_of(const Option& o, const SourcePos& where) {
  if (o.fallback.empty()) return Yaml();
  Diagnostics faults;
  Yaml node = parse_yaml(o.fallback, "default of " + o.name, faults);
  throw_if_errors(faults, ErrorKind::internal);
  node.where = where;
  return node;
}

/// A wrong value becomes the default, so that later checks do not stumble over it again.
void check_value(Yaml& value, const Option& o, const std::string& path, Diagnostics& faults) {
  if (!check_scalar(value, o, path, faults)) value = fallback_of(o, value.where);
  if (value.is_mapping() && o.children) check_options(value, *o.children(), path, faults);
}

std::vector<std::string> names_of(const OptionTable& table) {
  std::vector<std::string> names;
  for (const Option& o : table)
    if (o.implemented) names.push_back(o.name);
  return names;
}

void check_keys(const Yaml& mapping, const OptionTable& table, const std::string& prefix, Diagnostics& faults) {
  for (const auto& [key, value] : mapping.entries) {
    const auto o = std::find_if(table.begin(), table.end(), [&k = key](const Option& x) { return x.name == k.text; });
    if (o == table.end()) {
      const std::string guess = did_you_mean(key.text, names_of(table));
      faults.error("unknown-option", key.where, fmt::format("unknown option '{}{}'", prefix, key.text),
                   guess.empty() ? "Known here: " + list(names_of(table)) + "." : guess);
    } else if (!o->implemented) {
      faults.error("not-implemented", key.where, fmt::format("option '{}{}' is not implemented yet", prefix, key.text),
                   "It is a key of metatrain; remove it.");
    }
  }
}

void check_option(Yaml& mapping, const Option& o, const std::string& path, Diagnostics& faults) {
  Yaml* value = mapping.find(o.name);
  if (value && !value->is_null()) return check_value(*value, o, path, faults);
  if (o.required) {
    faults.error("missing-option", value ? value->where : mapping.where, fmt::format("option '{}' is missing", path),
                 o.doc);
  } else if (!o.fallback.empty()) {
    yaml_set(mapping, o.name, fallback_of(o, mapping.where));
    check_value(*mapping.find(o.name), o, path, faults);
  }
}

std::string describe_option(const Option& o) {
  std::string kind = o.allowed.empty() ? describe_kinds(o.kinds) : list(o.allowed);
  if (o.minimum > -1e300) kind += ", " + range_text(o);
  if (o.required) kind += "; required";
  if (!o.fallback.empty() && o.fallback != "{}") kind += "; default: " + o.fallback;
  return fmt::format("{} [{}]  {}", o.name, kind, o.doc);
}

}  // namespace

Option Option::needed() const {
  Option o = *this;
  o.required = true;
  return o;
}

Option Option::within(double least, double most) const {
  Option o = *this;
  o.minimum = least;
  o.maximum = most;
  return o;
}

Option Option::one_of(std::vector<std::string> texts, std::vector<std::string> refused) const {
  Option o = *this;
  o.allowed = std::move(texts);
  o.known = std::move(refused);
  return o;
}

Option Option::with(const OptionTable* (*table)()) const {
  Option o = *this;
  o.children = table;
  return o;
}

Option option(std::string name, unsigned kinds, std::string fallback, std::string doc) {
  Option o;
  o.name = std::move(name);
  o.kinds = kinds;
  o.fallback = std::move(fallback);
  o.doc = std::move(doc);
  return o;
}

Option not_implemented(std::string name) {
  Option o;
  o.name = std::move(name);
  o.implemented = false;
  return o;
}

void check_options(Yaml& mapping, const OptionTable& table, const std::string& path, Diagnostics& faults) {
  const std::string prefix = path.empty() ? "" : path + ".";
  check_keys(mapping, table, prefix, faults);
  for (const Option& o : table)
    if (o.implemented) check_option(mapping, o, prefix + o.name, faults);
}

const Yaml* find_option(const Yaml& root, const std::string& path) {
  const Yaml* node = &root;
  for (std::size_t begin = 0; node && begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    node = node->is_mapping() ? node->find(path.substr(begin, end - begin)) : nullptr;
    begin = end + 1;
  }
  return node && !node->is_null() ? node : nullptr;
}

std::string describe_options(const OptionTable& table, int indent) {
  std::string text;
  for (const Option& o : table) {
    if (!o.implemented) continue;
    text += std::string(static_cast<std::size_t>(indent), ' ') + describe_option(o) + "\n";
    if (o.children) text += describe_options(*o.children(), indent + 2);
  }
  return text;
}

}  // namespace kiln
