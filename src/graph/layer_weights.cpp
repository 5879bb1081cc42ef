#include "graph/layer_weights.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>

#include "base/rng.h"
#include "base/text.h"
#include "graph/config_check.h"
#include "graph/layer_declaration.h"
#include "graph/yaml_forms.h"

namespace kiln {

namespace {

using Init = ParameterSpec::Init;

/// How `init` names a distribution of one number, and what the number is.
struct InitForm {
  const char* name;
  Init init;
  const char* number;
  bool negative;
};
constexpr std::array<InitForm, 3> kForms = {{{"constant", Init::constant, "value", true},
                                             {"normal", Init::normal, "standard deviation", false},
                                             {"uniform", Init::uniform, "bound", false}}};
constexpr double kLargestValue = 1e300;

constexpr const char* kInitHint =
    "a parameter starts as zeros, ones, {constant: value}, {normal: standard deviation} or {uniform: bound}, such as "
    "init: {PARAMETER: zeros}";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Behind the number or {…} that begins at `i`; `i` if there is neither.
std::size_t end_of_number(const std::string& text, std::size_t i) {
  if (i < text.size() && text[i] == '{') return std::min(text.find('}', i), text.size() - 1) + 1;
  while (i < text.size() && is_digit(text[i])) ++i;
  return i;
}

/// `pattern` is `text` but for its {…}, each of which stands for a whole number, or for {…} in a text that is a
/// pattern.
bool matches(const std::string& pattern, const std::string& text) {
  std::size_t i = 0;
  for (std::size_t p = 0; p < pattern.size();) {
    if (pattern[p] != '{') {
      if (i == text.size() || text[i++] != pattern[p++]) return false;
      continue;
    }
    const std::size_t first = i;
    i = end_of_number(text, first);
    if (i == first) return false;
    p = end_of_number(pattern, p);
  }
  return i == text.size();
}

bool parse_name(const Yaml& node, const LayerFaults& faults, ParameterName& name) {
  name = {node.text, node.where};
  if (node.kind == Yaml::Kind::text && !node.text.empty()) return true;
  faults.error("wrong-kind", node.where, "freeze: " + shown(node) + " is not the name of a parameter");
  return false;
}

void parse_freeze(const Yaml& body, const LayerFaults& faults, LayerWeights& weights) {
  const Yaml* node = body.find("freeze");
  if (node == nullptr) return;
  if (node->kind == Yaml::Kind::boolean) {
    weights.freeze_all = node->bool_value;
  } else if (node->is_sequence()) {
    for (const Yaml& item : node->items) {
      ParameterName name;
      if (parse_name(item, faults, name)) weights.frozen.push_back(std::move(name));
    }
  } else {
    const bool is_word = node->text == "true" || node->text == "false";
    const bool is_name = node->kind == Yaml::Kind::text && !node->text.empty() && !is_word;
    faults.error("wrong-kind", value_where(body, "freeze"),
                 "'freeze' must be true, false or a list of parameters, not " + shown(*node),
                 is_name   ? "write freeze: [" + node->text + "]"
                 : is_word ? "write it without quotes"
                           : "write freeze: true for all of them");
  }
}

/// What is wrong with a value, and where.
struct InitFault {
  const Yaml* node = nullptr;
  std::string what, hint = kInitHint;
};

std::optional<InitFault> read_number(const InitForm& form, const Yaml& node, ParameterInit& init) {
  const std::string number = std::string("the ") + form.number + " of '" + form.name + "' must be ";
  init.init = form.init;
  init.value = node.real_value;
  if (!node.is_number() && !kiln::read_number(node, init.value))
    return InitFault{&node, number + "a number, not " + shown(node)};
  if (!(std::abs(init.value) < kLargestValue)) return InitFault{&node, number + "finite, not " + shown(node)};
  if (init.value >= 0.0 || form.negative) return std::nullopt;
  return InitFault{&node, number + "at least 0, not " + shown(node)};
}

bool is_form(const std::string& name) {
  return std::any_of(kForms.begin(), kForms.end(), [&](const InitForm& form) { return form.name == name; });
}

/// zeros, ones, {constant: v}, {normal: v}, {uniform: v}.
std::optional<InitFault> read_init(const Yaml& node, ParameterInit& init) {
  if (node.kind == Yaml::Kind::text && (node.text == "zeros" || node.text == "ones")) {
    init.value = node.text == "ones" ? 1.0 : 0.0;
    return std::nullopt;
  }
  if (node.is_number()) {
    const std::string& key = init.parameter.text;
    return InitFault{&node,
                     is_form(key) ? "this is a way to start, not a parameter" : "a number alone does not say how",
                     is_form(key) ? "write init: {PARAMETER: {" + key + ": " + node.text + "}}"
                                  : "write {constant: " + node.text + "}"};
  }
  if (!node.is_mapping()) return InitFault{&node, "cannot start as " + shown(node)};
  if (node.entries.size() != 1)
    return InitFault{&node, "one way to start is needed, not " + std::to_string(node.entries.size())};
  const auto& [name, value] = node.entries.front();
  std::vector<std::string> known;
  for (const InitForm& form : kForms) {
    if (form.name == name.text) return read_number(form, value, init);
    known.push_back(form.name);
  }
  InitFault fault{&name, "there is no way to start named '" + name.text + "'"};
  if (const std::string guess = did_you_mean(name.text, known); !guess.empty()) fault.hint = guess;
  return fault;
}

void parse_init(const Yaml& body, const LayerFaults& faults, LayerWeights& weights) {
  const Yaml* node = body.find("init");
  if (node == nullptr) return;
  if (!node->is_mapping()) {
    faults.error("wrong-kind", value_where(body, "init"),
                 "'init' must be a mapping from parameters to how they start, not " + shown(*node), kInitHint);
    return;
  }
  for (const auto& [key, value] : node->entries) {
    ParameterInit init;
    init.parameter = {key.text, key.where};
    if (const std::optional<InitFault> fault = read_init(value, init))
      faults.error("bad-init", fault->node->is_null() ? key.where : fault->node->where,
                   "init: '" + key.text + "': " + fault->what, fault->hint);
    if (!is_form(key.text)) weights.init.push_back(std::move(init));  // else that it is no parameter is told
  }
}

std::vector<const ParameterName*> names_in(const LayerWeights& weights) {
  std::vector<const ParameterName*> names;
  for (const ParameterName& name : weights.frozen) names.push_back(&name);
  for (const ParameterInit& init : weights.init) names.push_back(&init.parameter);
  return names;
}

void unknown(const ParameterName& name, const std::vector<std::string>& known, const LayerFaults& faults) {
  std::string hint = did_you_mean(name.text, known);
  if (hint.empty()) hint = known.empty() ? "it has no parameters" : "it has " + joined(known);
  faults.error("unknown-parameter", name.where, "has no parameter '" + name.text + "'", hint);
}

}  // namespace

std::optional<std::uint64_t> parse_seed(const Yaml& body, const LayerFaults& faults) {
  const Yaml* node = body.find("seed");
  if (node == nullptr) return std::nullopt;
  std::int64_t seed = 0;
  if (read_whole_number(*node, seed) && seed >= 0) return static_cast<std::uint64_t>(seed);
  faults.error("wrong-kind", value_where(body, "seed"),
               "'seed' must be a whole number from 0 to 2^63 - 1, not " + shown(*node));
  return std::nullopt;
}

LayerWeights parse_layer_weights(const Yaml& body, const LayerFaults& faults) {
  LayerWeights weights;
  for (const auto& [key, value] : body.entries) {
    if ((key.text == "freeze" || key.text == "init" || key.text == "seed") && !weights.where.known())
      weights.where = key.where;
  }
  parse_freeze(body, faults, weights);
  parse_init(body, faults, weights);
  weights.seed = parse_seed(body, faults);
  return weights;
}

bool is_parameter_name(const std::string& name) {
  const auto belongs = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.' || c == '{' || c == '}'; };
  const std::string inside = "." + name + ".";
  return std::all_of(name.begin(), name.end(), belongs) && inside.find("..") == std::string::npos;
}

bool declares_parameter(const LayerDeclaration& declaration, const std::string& name) {
  return std::any_of(declaration.parameters.begin(), declaration.parameters.end(),
                     [&](const auto& parameter) { return parameter.name == name || matches(parameter.name, name); });
}

void check_layer_weights(const LayerWeights& weights, const LayerDeclaration& declaration, const LayerFaults& faults) {
  if (declaration.any_ports) return;  // its parameters follow from its config and inputs
  std::vector<std::string> declared;
  for (const ParameterDeclaration& parameter : declaration.parameters) declared.push_back(parameter.name);
  for (const ParameterName* name : names_in(weights)) {
    if (!declares_parameter(declaration, name->text)) unknown(*name, declared, faults);
  }
  for (const ParameterInit& init : weights.init) {
    for (const ConfigEntry& entry : declaration.config) {
      if (entry.name != init.parameter.text) continue;
      faults.error("init-of-config", init.parameter.where,
                   "init: the values of '" + entry.name + "' are given by 'config'",
                   "write them there: config: {" + entry.name + ": …}");
    }
  }
}

void check_layer_weights(const LayerWeights& weights, const std::vector<std::string>& own, const LayerFaults& faults) {
  for (const ParameterName* name : names_in(weights)) {
    const bool found = std::any_of(own.begin(), own.end(),
                                   [&](const std::string& parameter) { return matches(name->text, parameter); });
    if (!found) unknown(*name, own, faults);
  }
  if (weights.where.known() && own.empty() && names_in(weights).empty())
    faults.warning("no-weights", weights.where, "has no weights that 'freeze' or 'seed' could tell of");
}

void apply_layer_weights(const LayerWeights& weights, ParameterSpec& parameter) {
  const std::string name = own_name(parameter);
  const auto means = [&](const ParameterName& given) { return matches(given.text, name); };
  parameter.frozen = weights.freeze_all || std::any_of(weights.frozen.begin(), weights.frozen.end(), means);
  if (parameter.frozen) parameter.trainable = false;
  parameter.seed = weights.seed;
  for (const ParameterInit& init : weights.init) {
    if (!means(init.parameter)) continue;
    if (parameter.init == Init::torch_uniform || parameter.init == Init::torch_normal)
      parameter.displaced = {parameter.init, parameter.value};
    parameter.init = init.init;
    parameter.value = init.value;
  }
}

std::uint64_t torch_seed(const std::optional<std::uint64_t>& own, const std::string& layer, std::uint64_t run_seed) {
  return own ? *own : Rng(run_seed, "weights/" + layer).next();
}

Yaml derived_seed(const Yaml& seed, const std::string& layer) {
  std::int64_t given = 0;
  if (!read_whole_number(seed, given) || given < 0) return seed;
  constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();  // torch takes the lowest 32 bits
  const std::uint64_t made = torch_seed(std::nullopt, layer, static_cast<std::uint64_t>(given)) & largest;
  Yaml derived = yaml_integer(static_cast<std::int64_t>(made));
  derived.where = seed.where;
  return derived;
}

void write_layer_weights(const LayerWeights& weights, Yaml& body) {
  if (weights.freeze_all) {
    yaml_set(body, "freeze", yaml_boolean(true));
  } else if (!weights.frozen.empty()) {
    Yaml names = yaml_list();
    for (const ParameterName& name : weights.frozen) names.items.push_back(yaml_text(name.text));
    yaml_set(body, "freeze", std::move(names));
  }
  Yaml init = yaml_mapping();
  for (const ParameterInit& given : weights.init) {
    const auto form =
        std::find_if(kForms.begin(), kForms.end(), [&](const InitForm& f) { return f.init == given.init; });
    Yaml how = yaml_mapping();
    yaml_set(how, form->name, yaml_real(given.value));
    yaml_set(init, given.parameter.text, std::move(how));
  }
  if (!init.entries.empty()) yaml_set(body, "init", std::move(init));
  if (weights.seed) yaml_set(body, "seed", yaml_integer(static_cast<std::int64_t>(*weights.seed)));
}

}  // namespace kiln
