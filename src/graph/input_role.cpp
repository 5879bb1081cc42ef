#include "graph/input_role.h"

#include <algorithm>

#include "graph/config_check.h"
#include "graph/layer_spec.h"
#include "graph/yaml_forms.h"

namespace kiln {

namespace {

struct Role {
  const char* name;
  Meaning meaning;
};
constexpr Role kRoles[] = {{"species", Meaning::species},     {"atomic_numbers", Meaning::atomic_numbers},
                           {"positions", Meaning::positions}, {"edges", Meaning::edge_index},
                           {"shift", Meaning::shift},         {"structure", Meaning::structure},
                           {"cell", Meaning::cell},           {"free", Meaning::plain}};

constexpr Role kNames[] = {
    {"species", Meaning::species},         {"z", Meaning::species},       {"atomic_numbers", Meaning::atomic_numbers},
    {"coords", Meaning::positions},        {"pos", Meaning::positions},   {"positions", Meaning::positions},
    {"contributions", Meaning::structure}, {"batch", Meaning::structure}, {"cell", Meaning::cell}};

Meaning meaning_by_name(const std::string& name) {
  for (const Role& role : kNames) {
    if (name == role.name) return role.meaning;
  }
  if (name.rfind("edge_index", 0) == 0) return Meaning::edge_index;
  if (name.rfind("shift", 0) == 0) return Meaning::shift;
  return Meaning::plain;
}

FieldType type_of(Meaning meaning) {
  FieldType type;
  type.meaning = meaning;
  switch (meaning) {
    case Meaning::species:
    case Meaning::atomic_numbers:
    case Meaning::structure:
      type.dtype = DType::integer;
      break;
    case Meaning::positions:
      type.irreps = {{{1, {1, -1}}}};
      type.unit = "Å";
      break;
    case Meaning::edge_index:
      type.level = Level::edge;
      type.dtype = DType::integer;
      break;
    case Meaning::shift:
      type.level = Level::edge;
      type.irreps = {{{1, {1, -1}}}};
      type.unit = "Å";
      break;
    case Meaning::cell:
      type.level = Level::system;
      type.unit = "Å";
      break;
    default:
      type.level = Level::free;
      type.open = true;
      type.guessed_real = true;
  }
  return type;
}

/// Faults of one model input.
struct InputFaults {
  const std::string& name;
  Diagnostics& faults;

  void error(const char* code, const SourcePos& where, const std::string& what, const std::string& hint = {}) const {
    faults.error(code, where, "model input '" + name + "': " + what, hint);
  }
};

void read_role(const Yaml& node, InputRole& role, const InputFaults& faults) {
  std::vector<std::string> names;
  for (const Role& known : kRoles) {
    names.push_back(known.name);
    if (node.kind == Yaml::Kind::text && node.text == known.name) {
      role.type = type_of(known.meaning);
      role.role_given = true;
      return;
    }
  }
  std::string hint = did_you_mean(node.text, names);
  if (hint.empty()) hint = "roles: species, atomic_numbers, positions, edges, shift, structure, cell, free";
  role.in_doubt = true;
  faults.error("unknown-role", node.where, "unknown role '" + node.text + "'", hint);
}

bool is_size_or_symbol(const Yaml& item) {
  std::int64_t size = 0;
  return (read_whole_number(item, size) && size > 0) || (item.kind == Yaml::Kind::text && is_identifier(item.text));
}

/// Sizes and symbols; empty if something else stands among them.
std::vector<std::string> words_of_shape(const Yaml& node) {
  std::vector<std::string> words;
  if (!std::all_of(node.items.begin(), node.items.end(), is_size_or_symbol)) return words;
  for (const Yaml& item : node.items) words.push_back(item.text);
  return words;
}

void read_shape(const Yaml& node, InputRole& role, const InputFaults& faults) {
  role.shape_given = true;
  role.shape_where = node.where;
  role.shape = words_of_shape(node);
  role.is_number = node.is_sequence() && node.items.empty();
  role.in_doubt =
      role.in_doubt || !node.is_sequence() || !std::all_of(node.items.begin(), node.items.end(), is_size_or_symbol);
  if (!node.is_sequence())
    faults.error("bad-shape", node.where, "'shape' must be a list of sizes and symbols such as [N, 16]");
  for (const Yaml& item : node.items) {
    if (!is_size_or_symbol(item))
      faults.error("bad-shape", item.where, shown(item) + " in 'shape' is neither a size nor a symbol",
                   "sizes are whole numbers from 1 on, symbols are names: [N, 16]");
  }
}

void read_edge_keys(const std::string& key, const Yaml& node, InputRole& role, const InputFaults& faults) {
  if (role.type.meaning != Meaning::edge_index) {
    role.in_doubt = true;  // perhaps these are edges
    faults.error("unknown-key", node.where, "'" + key + "' belongs to the role edges");
  } else if (key == "cutoff") {
    role.cutoff_where = node.where;
    if (read_number(node, role.cutoff) && role.cutoff > 0) return;
    role.cutoff = 0.0;
    faults.error("bad-value", node.where, "'cutoff' must be a positive number, Å");
  } else if (key == "storage") {
    role.half = node.text == "half";
    if (node.text == "full" || role.half) return;
    faults.error("bad-value", node.where, "'storage' must be full or half, not '" + node.text + "'");
  } else if (key == "directed") {
    if (node.kind == Yaml::Kind::boolean) return;
    faults.error("bad-value", node.where, "'directed' must be true or false, not '" + node.text + "'");
  } else if (std::int64_t row = 0; read_whole_number(node, row) && (row == 0 || row == 1)) {
    role.receiver = static_cast<int>(row);
  } else {
    faults.error("bad-value", node.where, "'receiver' must be the row 0 or 1, not '" + node.text + "'");
  }
}

void read_direction(const Yaml& value, InputRole& role, const InputFaults& faults) {
  const Yaml* directed = value.find("directed");
  const Yaml* receiver = value.find("receiver");
  const bool is_directed = directed != nullptr && directed->bool_value;
  if (!is_directed) role.receiver = -1;
  const bool is_told = directed != nullptr && directed->kind != Yaml::Kind::boolean;
  if (is_told || is_directed == (receiver != nullptr)) return;
  faults.error("bad-value", is_directed ? directed->where : receiver->where,
               "'directed: true' and 'receiver: 0|1' belong together",
               is_directed ? "add 'receiver': the row, 0 or 1, of the atom that an edge ends at"
                           : "add 'directed: true', or remove 'receiver': a full list has both directions");
}

const std::vector<std::string> kKeys = {"role", "cutoff", "shape", "storage", "directed", "receiver"};

/// The key itself, or the one that is missing and misspelt here; "" if it is neither.
std::string key_meant(const Yaml& mapping, const std::string& key) {
  if (std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end()) return key;
  const std::string meant = misspelt_name(key, kKeys);
  return mapping.find(meant) == nullptr ? meant : "";
}

/// Misspelt keys are told and read as meant, all but the first of those that mean one key are left out.
Yaml with_known_keys(const Yaml& mapping, const InputFaults& faults) {
  Yaml known = yaml_mapping();
  known.where = mapping.where;
  for (const auto& [key, value] : mapping.entries) {
    const std::string meant = key_meant(mapping, key.text);
    if (meant != key.text)
      faults.error("unknown-key", key.where, "unknown key '" + key.text + "'", did_you_mean(key.text, kKeys));
    if (meant.empty() || known.find(meant) != nullptr) continue;
    known.entries.emplace_back(key, value);
    known.entries.back().first.text = meant;
  }
  return known;
}

void read_mapping(const InputSpec& input, InputRole& role, const InputFaults& faults) {
  const Yaml mapping = with_known_keys(input.value, faults);
  if (const Yaml* node = mapping.find("role")) read_role(*node, role, faults);
  for (const auto& [key, value] : mapping.entries) {
    if (key.text == "role") continue;
    if (key.text == "shape")
      read_shape(value, role, faults);
    else
      read_edge_keys(key.text, value, role, faults);
  }
  read_direction(mapping, role, faults);
}

bool is_size(const std::string& text) { return !text.empty() && text[0] >= '0' && text[0] <= '9'; }

bool shapes_agree(const std::vector<std::string>& declared, const Shape& expected) {
  if (declared.size() != expected.sizes.size()) return false;
  for (std::size_t i = 0; i < declared.size(); ++i) {
    const Size& size = expected.sizes[i];
    if (size.known() && is_size(declared[i]) && declared[i] != std::to_string(size.n)) return false;
  }
  return true;
}

void take_shape(InputRole& role) {
  if (role.type.open && (role.is_number || !role.shape.empty())) role.type.shape = shape_from_words(role.shape);
}

}  // namespace

std::string role_name(Meaning meaning) { return meaning == Meaning::plain ? "free" : to_string(meaning); }

std::vector<std::string> shape_from_text(const std::string& text) {
  const std::size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string::npos || close != text.size() - 1 || close < open) return {};
  const std::string before = text.substr(0, open);
  if (!before.empty() && before.rfind("Tensor", 0) != 0) return {};
  std::vector<std::string> sizes;
  std::string size;
  for (char c : text.substr(open + 1, close - open - 1) + ",") {
    if (c == ',') {
      if (!size.empty()) sizes.push_back(size);
      size.clear();
    } else if (c != ' ') {
      size += c;
    }
  }
  const bool good = std::all_of(sizes.begin(), sizes.end(), [](const std::string& s) {
    return is_identifier(s) || std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
  });
  return good ? sizes : std::vector<std::string>{};
}

bool is_shaped_by_comment(const InputRole& role) { return role.type.open && !role.shape_given && !role.shape.empty(); }

void forget_shape(InputRole& role) {
  role.shape.clear();
  role.type.shape = unknown_shape();
}

bool contradicts_role(const InputRole& role) {
  if ((role.shape.empty() && !role.is_number) || role.type.open) return false;
  const Shape expected = shape_of(role.type);
  return expected.known && !shapes_agree(role.shape, expected);
}

void compare_shape(const InputSpec& input, const InputRole& role, Diagnostics& faults) {
  if (!contradicts_role(role)) return;
  const std::string what = "model input '" + input.name + "': a field of role " + role_name(role.type.meaning) +
                           " has the shape " + to_string(shape_of(role.type));
  if (role.shape_given) {
    faults.error("bad-shape", role.shape_where, what,
                 role.role_given ? "" : "the role is guessed from the name; add role: free if it is none");
  } else {
    faults.warning("bad-shape", role.shape_where, what,
                   role.role_given ? "the comment says otherwise; give the role if it is another"
                                   : "the comment says otherwise, and the role is guessed from the name; add role: "
                                     "free if it is none");
  }
}

void make_free(InputRole& role) {
  role.type = type_of(Meaning::plain);
  take_shape(role);
}

InputRole read_input_role(const InputSpec& input, Diagnostics& faults) {
  InputRole role;
  role.type = type_of(meaning_by_name(input.name));
  role.type.guessed_role = role.type.meaning == Meaning::species || role.type.meaning == Meaning::atomic_numbers;
  if (input.value.is_mapping()) {
    read_mapping(input, role, {input.name, faults});
  } else if (input.value.kind == Yaml::Kind::text) {
    role.shape = shape_from_text(input.value.text);
    role.shape_where = input.value.where;
  } else if (input.value.is_sequence()) {
    role.shape = words_of_shape(input.value);
    role.shape_where = input.value.where;
  }
  take_shape(role);
  return role;
}

}  // namespace kiln
