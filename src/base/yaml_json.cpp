#include <cmath>
#include <nlohmann/json.hpp>

#include "base/numbers.h"
#include "base/yaml.h"

namespace kiln {
namespace {

constexpr std::size_t kDeepest = 256;

/// Builds the tree as nlohmann's parser reads; returning false stops it.
struct TreeHandler : nlohmann::json_sax<nlohmann::json> {
  Yaml root;
  std::vector<Yaml*> open;  ///< containers that are being filled; vectors above them do not grow meanwhile
  std::string fault;

  bool stop(std::string what) {
    fault = std::move(what);
    return false;
  }

  Yaml* place() {
    if (open.empty()) return &root;
    Yaml& parent = *open.back();
    return parent.is_mapping() ? &parent.entries.back().second : &parent.items.emplace_back();
  }

  bool add(Yaml node) {
    *place() = std::move(node);
    return true;
  }

  bool start(Yaml::Kind kind) {
    if (open.size() == kDeepest) return stop("it is nested more than 256 deep");
    Yaml* node = place();
    node->kind = kind;
    open.push_back(node);
    return true;
  }

  bool end() {
    open.pop_back();
    return true;
  }

  bool key(string_t& name) override {
    if (open.back()->find(name)) return stop("key '" + name + "' stands twice");
    open.back()->entries.emplace_back(yaml_text(name), Yaml());
    return true;
  }

  bool number_float(number_float_t, const string_t& text) override {
    double value = 0.0;
    if (!read_real(text, value)) return stop("number " + text + " is out of range");
    Yaml node = yaml_real(value);
    node.text = text;
    return add(node);
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(INT64_MAX)) {
      return stop("integer " + std::to_string(value) + " does not fit into 64 bits");
    }
    return add(yaml_integer(static_cast<std::int64_t>(value)));
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    return stop(error.what());
  }

  bool null() override { return add(Yaml()); }
  bool boolean(bool value) override { return add(yaml_boolean(value)); }
  bool number_integer(number_integer_t value) override { return add(yaml_integer(value)); }
  bool string(string_t& text) override { return add(yaml_text(text)); }
  bool binary(binary_t&) override { return stop("binary data"); }
  bool start_object(std::size_t) override { return start(Yaml::Kind::mapping); }
  bool start_array(std::size_t) override { return start(Yaml::Kind::sequence); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
};

std::string json_string(const std::string& text) { return nlohmann::json(text).dump(); }

std::string json_real(const Yaml& node) {
  if (std::isfinite(node.real_value)) return python_text(node.real_value);
  throw Error(ErrorKind::configuration,
              {{Severity::error, "not-finite", node.where, "'" + node.text + "' cannot be stored in a model file",
                "Write a finite number."}});
}

void append_json(const Yaml& node, std::string& out);

void append_entries(const Yaml& node, std::string& out) {
  for (const auto& [key, value] : node.entries) {
    if (&key != &node.entries.front().first) out += ',';
    out += json_string(key.text) + ':';
    append_json(value, out);
  }
}

void append_items(const Yaml& node, std::string& out) {
  for (const Yaml& item : node.items) {
    if (&item != &node.items.front()) out += ',';
    append_json(item, out);
  }
}

void append_json(const Yaml& node, std::string& out) {
  switch (node.kind) {
    case Yaml::Kind::null:
      out += "null";
      return;
    case Yaml::Kind::boolean:
      out += node.bool_value ? "true" : "false";
      return;
    case Yaml::Kind::integer:
      out += std::to_string(node.int_value);
      return;
    case Yaml::Kind::real:
      out += json_real(node);
      return;
    case Yaml::Kind::text:
      out += json_string(node.text);
      return;
    case Yaml::Kind::sequence:
      out += '[', append_items(node, out), out += ']';
      return;
    case Yaml::Kind::mapping:
      out += '{', append_entries(node, out), out += '}';
      return;
  }
}

}  // namespace

Yaml parse_json_tree(const std::string& content) {
  TreeHandler handler;
  if (!nlohmann::json::sax_parse(content, &handler)) {
    throw Error(ErrorKind::data, "bad-json", "the JSON text cannot be read: " + handler.fault);
  }
  return std::move(handler.root);
}

std::string to_canonical_json(const Yaml& node) {
  std::string out;
  append_json(node, out);
  return out;
}

}  // namespace kiln
