#include "graph/repetition.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "graph/config_check.h"
#include "graph/layer_spec.h"
#include "graph/layer_weights.h"

namespace kiln {

namespace {

constexpr int kMaxCopies = 10000;

bool parse_count(const Yaml& body, const LayerFaults& faults, Repetition& repetition) {
  const Yaml& node = *body.find("repeat");
  std::int64_t n = 0;
  if (read_whole_number(node, n) && n >= 1 && n <= kMaxCopies) {
    repetition.n = static_cast<int>(n);
    return true;
  }
  faults.error("bad-repeat", value_where(body, "repeat"),
               "'repeat' must be a whole number from 1 to " + std::to_string(kMaxCopies) + ", not " + shown(node));
  return false;
}

/// What is wrong with it concerns weights, not what the copies give.
void parse_share(const Yaml& body, const LayerFaults& faults, Repetition& repetition) {
  const Yaml* share = body.find("share");
  if (share == nullptr) return;
  repetition.share = share->bool_value;
  if (share->kind == Yaml::Kind::boolean && !repetition.share && body.find("alias") != nullptr) {
    faults.error("alias-with-type", value_where(body, "share"), "an alias takes no 'share: false'",
                 "all its copies call the module of its target; remove 'share', or repeat a layer of its own");
    return;
  }
  if (share->kind == Yaml::Kind::boolean) return;
  faults.error("wrong-kind", value_where(body, "share"), "'share' must be true or false, not " + shown(*share),
               share->text == "true" || share->text == "false" ? "write it without quotes" : "");
}

/// `carry: port`, or `carry: {port: output, …}`.
bool read_carry(const Yaml& carry, Repetition& repetition) {
  if (carry.is_scalar() && !carry.is_null()) repetition.carry.push_back({carry, ""});
  for (const auto& [port, output] : carry.entries) {
    if (!output.is_scalar() || output.is_null()) return false;
    repetition.carry.push_back({port, output.text});
  }
  return !repetition.carry.empty();
}

/// The inputs of a layer, of which one may be carried.
std::vector<std::string> given_inputs(const Yaml& body) {
  std::vector<std::string> given;
  const Yaml* inputs = body.find("inputs");
  if (inputs == nullptr) return given;
  for (const auto& [port, source] : inputs->entries) given.push_back(port.text);
  return given;
}

bool parse_carry(const Yaml& body, const LayerFaults& faults, Repetition& repetition) {
  const Yaml* carry = body.find("carry");
  const std::vector<std::string> inputs = given_inputs(body);
  const std::string example = "carry: " + (inputs.empty() ? "INPUT" : inputs.front());
  if (carry == nullptr) {
    faults.error("missing-carry", body.find("repeat")->where, "'repeat' needs 'carry'",
                 "name the input that takes the output of the copy before" +
                     (inputs.size() > 1 ? ", one of " + joined(inputs) : "") + ": " + example);
    return false;
  }
  if (read_carry(*carry, repetition)) return true;
  faults.error("wrong-kind", value_where(body, "carry"),
               "'carry' must be an input, or a mapping from inputs to outputs, not " + shown(*carry),
               "write '" + example + "', or, of several outputs, 'carry: {INPUT: OUTPUT}'");
  return false;
}

/// Carried ports need something to begin with; those that have nothing are dropped.
bool keep_given_ports(const Yaml& body, const LayerFaults& faults, Repetition& repetition) {
  const Yaml* inputs = body.find("inputs");
  if (inputs != nullptr && !inputs->is_mapping() && !inputs->is_null()) return false;  // told of one copy
  const std::vector<std::string> given = given_inputs(body);
  bool good = true;
  for (const Repetition::Carry& carry : std::exchange(repetition.carry, {})) {
    if (std::find(given.begin(), given.end(), carry.port.text) != given.end()) {
      repetition.carry.push_back(carry);
      continue;
    }
    const std::string hint = did_you_mean(carry.port.text, given);
    faults.error("unknown-carry", carry.port.where, "carry: '" + carry.port.text + "' is not one of its inputs",
                 hint.empty() ? "'inputs' must give it the value that the first copy reads" : hint);
    good = false;
  }
  return good;
}

}  // namespace

std::optional<Repetition> parse_repetition(const Yaml& body, const LayerFaults& faults) {
  if (body.find("repeat") == nullptr) return std::nullopt;
  Repetition repetition;
  const bool has_count = parse_count(body, faults, repetition);
  parse_share(body, faults, repetition);
  const bool has_carry = parse_carry(body, faults, repetition) && keep_given_ports(body, faults, repetition);
  repetition.good = has_count && has_carry;
  return repetition;
}

std::string copy_name(const std::string& name, int k) { return name + "_" + std::to_string(k); }

Yaml inputs_of_copy(const Yaml& inputs, const std::string& name, const Repetition& repetition, int k) {
  Yaml copied = inputs;
  if (k == 0) return copied;
  for (const Repetition::Carry& carry : repetition.carry) {
    Yaml before = yaml_text(copy_name(name, k - 1) + (carry.output.empty() ? "" : "." + carry.output));
    before.where = carry.port.where;
    const std::string& port = carry.port.text;
    const std::string read = carry.output.empty()
                                 ? "'carry: " + port + "' reads the one output of the copy before, 'carry: {" + port +
                                       ": NAME}' one of several"
                                 : "'carry: " + port + "' reads '" + carry.output + "' of the copy before";
    before.where.via = read + (before.where.via.empty() ? "" : "; " + before.where.via);
    if (Yaml* carried = copied.find(port)) *carried = std::move(before);  // else it is told
  }
  return copied;
}

namespace {

bool is_of_repetition(const Yaml& key) { return key.text == "repeat" || key.text == "carry" || key.text == "share"; }

}  // namespace

Yaml layer_without_repetition(const Yaml& body) {
  Yaml layer = yaml_mapping();
  layer.where = body.where;
  for (const auto& [key, value] : body.entries)
    if (!is_of_repetition(key)) layer.entries.emplace_back(key, value);
  return layer;
}

Yaml copy_of_layer(const Yaml& body, const std::string& name, const Repetition& repetition, int k) {
  const std::vector<std::string> owned = {"type", "config", "freeze", "init", "seed"};
  const bool is_alias = repetition.share && k > 0;
  const auto has = [](const std::vector<std::string>& keys, const Yaml& key) {
    return std::find(keys.begin(), keys.end(), key.text) != keys.end();
  };
  Yaml copied = yaml_mapping();
  copied.where = body.where;
  for (const auto& [key, value] : body.entries) {
    if (!is_of_repetition(key) && !(is_alias && has(owned, key))) copied.entries.emplace_back(key, value);
  }
  if (is_alias) {
    Yaml first = yaml_text(copy_name(name, 0));
    first.where = body.where;
    yaml_set(copied, "alias", std::move(first));
  }
  Yaml* seed = copied.find("seed");
  if (seed != nullptr && k > 0) *seed = derived_seed(*seed, copy_name(name, k));
  if (Yaml* inputs = copied.find("inputs")) *inputs = inputs_of_copy(*inputs, name, repetition, k);
  if (Yaml* outputs = copied.find("output")) {
    for (auto& [key, output] : outputs->entries)
      if (is_identifier(output.text)) output.text = copy_name(output.text, k);
  }
  return copied;
}

void mark_copy(Yaml& node, int k) {
  node.where.copy = k;
  for (Yaml& item : node.items) mark_copy(item, k);
  for (auto& [key, value] : node.entries) {
    key.where.copy = k;
    mark_copy(value, k);
  }
}

}  // namespace kiln
