#include "base/interpolation.h"

#include <algorithm>
#include <unordered_map>

#include "base/numbers.h"
#include "base/source_text.h"
#include "base/yaml_limits.h"

namespace kiln {
namespace {

constexpr int kLongestChain = 400;  // levels of recursion; the stack must suffice

/// The end: a limit was passed, and it is reported.
struct LimitReached {};

/// Reading position in the text of a scalar.
struct Cursor {
  const std::string& text;
  std::size_t i = 0;

  bool at_end() const { return i >= text.size(); }
  bool sees(const char* what) const { return text.compare(i, std::char_traits<char>::length(what), what) == 0; }
  void skip_blanks() { i = std::min(text.find_first_not_of(" \t", i), text.size()); }
};

/// How a reference begins: dots (0: absolute) and the keys that follow.
struct Reference {
  std::size_t n_dots = 0;
  std::vector<std::string> keys;
  std::string raw;  ///< as written, "${a.b}"

  std::string path() const {
    std::string text(n_dots, '.');
    for (const std::string& key : keys) text += (&key == &keys.front() ? "" : ".") + key;
    return text;
  }
};

/// As OmegaConf (Python) prints a scalar inside a text.
std::string inserted_text(const Yaml& node) {
  switch (node.kind) {
    case Yaml::Kind::null:
      return "None";
    case Yaml::Kind::boolean:
      return node.bool_value ? "True" : "False";
    case Yaml::Kind::integer:
      return std::to_string(node.int_value);
    case Yaml::Kind::real:
      return python_text(node.real_value);
    default:
      return node.text;
  }
}

const char* name_of(Yaml::Kind kind) {
  switch (kind) {
    case Yaml::Kind::sequence:
      return "a list";
    case Yaml::Kind::mapping:
      return "a mapping";
    case Yaml::Kind::null:
      return "null";
    default:
      return "a single value";
  }
}

class Resolver {
 public:
  Resolver(Yaml& root, Diagnostics& faults) : root_(root), faults_(faults) {}

  void run() {
    total_ = size_of(root_);
    note_places(root_, {});
    try {
      resolve(root_);
    } catch (const LimitReached&) {
    }
  }

 private:
  struct Place {
    Yaml* parent = nullptr;
    const Yaml* key = nullptr;  ///< in a mapping
    std::size_t index = 0;      ///< in a list
    std::size_t depth = 1;
  };
  enum class State { open, done, failed };

  void note_places(Yaml& node, Place place) {
    places_[&node] = place;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      note_places(node.items[i], {&node, nullptr, i, place.depth + 1});
    }
    for (auto& [key, value] : node.entries) note_places(value, {&node, &key, 0, place.depth + 1});
  }

  /// "model_layers.a.config.blocks[0]"
  std::string path_of(const Yaml& node) const {
    const Place& place = places_.at(&node);
    if (!place.parent) return "";
    const std::string above = path_of(*place.parent);
    if (!place.key) return above + "[" + std::to_string(place.index) + "]";
    return above.empty() ? place.key->text : above + "." + place.key->text;
  }

  bool is_inside(const Yaml& node, const Yaml& container) const {
    for (const Yaml* up = places_.at(&node).parent; up; up = places_.at(up).parent) {
      if (up == &container) return true;
    }
    return false;
  }

  [[noreturn]] void limit(const SourcePos& where, const std::string& what) {
    faults_.error("yaml-limit", where, "the document becomes too large by its interpolations: " + what,
                  "Limits: 1000000 nodes, depth 256, 16 MB of scalars, 400 references in one chain.");
    throw LimitReached();
  }

  void spend(const SourcePos& where, const YamlSize& size, std::size_t depth) {
    total_.nodes += size.nodes;
    total_.scalar_bytes += size.scalar_bytes;
    if (total_.nodes > YamlLimits::nodes) limit(where, "more than 1000000 nodes");
    if (total_.scalar_bytes > YamlLimits::scalar_bytes) limit(where, "more than 16 MB of scalars");
    if (depth + size.depth > YamlLimits::depth + 2) limit(where, "nested more than 256 deep");
  }

  /// Resolves the node and all below it; false if it is a scalar that could not be resolved. What a copy brought is
  /// resolved and unknown to places_.
  bool resolve(Yaml& node) {
    if (places_.find(&node) == places_.end()) return true;
    const auto [state, is_new] = states_.emplace(&node, State::open);
    if (!is_new) return state->second != State::failed;
    if (++chain_ > kLongestChain) limit(node.where, "references refer to references more than 400 deep");
    const bool ok = node.is_scalar() ? resolve_scalar(node) : resolve_children(node);
    --chain_;
    states_[&node] = ok ? State::done : State::failed;
    return ok;
  }

  bool resolve_children(Yaml& node) {
    for (Yaml& item : node.items) resolve(item);
    for (auto& entry : node.entries) resolve(entry.second);
    return true;
  }

  bool resolve_scalar(Yaml& node) {
    if (node.kind != Yaml::Kind::text || node.text.find("${") == std::string::npos) return true;
    open_scalars_.push_back(&node);
    const bool ok = replace(node);
    open_scalars_.pop_back();
    return ok;
  }

  bool replace(Yaml& node) {
    const SourcePos where = node.where;
    const std::string text = node.text;
    Cursor cursor{text};
    std::string out;
    while (!cursor.at_end()) {
      if (copy_plain(cursor, out)) continue;
      const bool whole = cursor.i == 0;
      const Yaml* target = read_and_find(cursor, node);
      if (!target) return false;
      if (whole && cursor.at_end()) return copy_node(*target, node);
      if (!append(*target, node, out)) return false;
    }
    Yaml result = yaml_text(out);
    result.where = where;
    spend(where, {1, 1, out.size()}, 1);
    node = std::move(result);
    return true;
  }

  /// Copies what stands before the next reference; false if a reference is next. \${ is an escaped one, \\${ a
  /// backslash and a reference.
  static bool copy_plain(Cursor& cursor, std::string& out) {
    const std::size_t backslashes =
        std::min(cursor.text.find_first_not_of('\\', cursor.i), cursor.text.size()) - cursor.i;
    if (cursor.text.compare(cursor.i + backslashes, 2, "${") != 0) {
      const std::size_t n = std::max<std::size_t>(backslashes, 1);
      out.append(cursor.text, cursor.i, n);
      cursor.i += n;
      return true;
    }
    out.append(backslashes / 2, '\\');
    cursor.i += backslashes;
    if (backslashes % 2 == 1) {
      out += "${";
      cursor.i += 2;
    }
    return backslashes > 0;
  }

  bool copy_node(const Yaml& target, Yaml& node) {
    const SourcePos where = node.where;
    spend(where, size_of(target), places_.at(&node).depth);
    Yaml copy = target;
    copy.where = where;
    node = std::move(copy);
    return true;
  }

  bool append(const Yaml& target, const Yaml& node, std::string& out) {
    if (!target.is_scalar()) {
      return fail("interpolation-type", node, node.text,
                  std::string(name_of(target.kind)) + " cannot stand inside a text",
                  "Refer to one of its values, or let the reference be the whole value.");
    }
    out += inserted_text(target);
    if (out.size() > YamlLimits::scalar_bytes) limit(node.where, "more than 16 MB of scalars");
    return true;
  }

  /// Reads the reference at the cursor and finds what it refers to, resolved; nullptr after a reported fault.
  const Yaml* read_and_find(Cursor& cursor, Yaml& node) {
    Reference reference;
    const std::size_t start = cursor.i;
    if (!read_reference(cursor, node, reference)) return nullptr;
    reference.raw = cursor.text.substr(start, cursor.i - start);
    Yaml* target = find(reference, node);
    if (target && target->kind == Yaml::Kind::text && !target->quoted && target->text == "???") {
      fail("interpolation-missing", node, reference.raw,
           "'" + reference.path() +
               "' is ??"
               "?, a value that must be given",
           "Give it a value.");
      return nullptr;
    }
    return target;
  }

  bool read_reference(Cursor& cursor, Yaml& node, Reference& reference) {
    const std::size_t start = cursor.i;
    cursor.i += 2;
    cursor.skip_blanks();
    for (; cursor.sees("."); ++cursor.i) ++reference.n_dots;
    bool after_bracket = false;
    for (bool first = true;; first = false) {
      const bool bracket = cursor.sees("[");
      if (bracket || (!first && cursor.sees("."))) {
        ++cursor.i;
      } else if (!first) {
        break;
      }
      std::string key;
      if (!read_key(cursor, node, key)) return false;
      if (key.empty() || (bracket && !cursor.sees("]"))) return malformed(cursor, start, node, key);
      if (bracket) ++cursor.i;
      after_bracket = bracket;
      reference.keys.push_back(std::move(key));
    }
    cursor.skip_blanks();
    if (!cursor.sees("}")) return malformed(cursor, start, node, after_bracket ? "" : reference.keys.back());
    ++cursor.i;
    return true;
  }

  bool read_key(Cursor& cursor, Yaml& node, std::string& key) {
    while (!cursor.at_end()) {
      if (cursor.sees("${")) {
        const Yaml* part = read_and_find(cursor, node);
        if (!part || !append(*part, node, key)) return false;
      } else if (std::string_view(".[]{}:,'\" \t\n").find(cursor.text[cursor.i]) != std::string_view::npos) {
        break;
      } else {
        key += cursor.text[cursor.i++];
      }
    }
    return true;
  }

  bool malformed(const Cursor& cursor, std::size_t start, const Yaml& node, const std::string& last_key) {
    const std::string raw = cursor.text.substr(start);
    if (cursor.at_end()) {
      return fail("interpolation-unclosed", node, raw, "the interpolation '" + raw + "' is not closed", "Add the '}'.");
    }
    const std::string shown = raw.substr(0, raw.find('}') + 1);
    if (cursor.sees(":") && !last_key.empty()) {
      const std::string name = raw.substr(2, raw.find(':') - 2);
      return fail("interpolation-unsupported", node, shown,
                  "the resolver '" + name + "' in '" + shown + "' is not supported",
                  "Only references such as ${model_params.x} can be used; write the value itself.");
    }
    return fail("interpolation-syntax", node, shown, "'" + shown + "' is not a reference",
                "Write ${a.b}, ${a[0].b} or, relative, ${.b}; \\${ keeps the characters as they are.");
  }

  Yaml* find(const Reference& reference, Yaml& node) {
    Yaml* at = reference.n_dots == 0 ? &root_ : &node;
    for (std::size_t up = 0; up < reference.n_dots && at; ++up) at = places_.at(at).parent;
    if (!at) {
      fail("interpolation-not-found", node, reference.raw, "'" + reference.raw + "' leaves the document",
           "Each '.' at the beginning goes one container up; use fewer.");
      return nullptr;
    }
    for (std::size_t k = 0; k < reference.keys.size(); ++k) {
      if (at->is_scalar() && !resolve_target(*at, node, reference)) return nullptr;
      at = child(*at, reference, k, node);
      if (!at) return nullptr;
    }
    return resolve_target(*at, node, reference) ? at : nullptr;
  }

  Yaml* child(Yaml& container, const Reference& reference, std::size_t k, const Yaml& node) {
    const std::string& key = reference.keys[k];
    std::int64_t index = 0;
    std::string hint;
    if (container.is_mapping()) {
      if (Yaml* value = container.find(key)) return value;
      std::vector<std::string> known;
      for (const auto& entry : container.entries) known.push_back(entry.first.text);
      hint = did_you_mean(key, known);
    } else if (container.is_sequence()) {
      const bool is_index = read_integer(key, index) && index >= 0;
      if (is_index && index < static_cast<std::int64_t>(container.items.size()))
        return &container.items[static_cast<std::size_t>(index)];
      hint = "The list has the indices 0 .. " + std::to_string(container.items.size()) + " - 1.";
    } else {
      hint = "What stands before '" + key + "' is " + name_of(container.kind) + ", it has no entries.";
    }
    fail("interpolation-not-found", node, reference.raw,
         "'" + reference.path() + "' is not found: there is no '" + key + "'", hint);
    return nullptr;
  }

  /// A target that is being resolved closes a circle.
  bool resolve_target(Yaml& target, const Yaml& node, const Reference& reference) {
    const auto state = states_.find(&target);
    if (state == states_.end() || state->second != State::open) return resolve(target);
    if (is_inside(node, target)) {
      return fail("interpolation-container", node, reference.raw,
                  "'" + reference.raw + "' refers to the container it stands in",
                  "A node cannot contain itself; refer to one of the values inside.");
    }
    return fail("interpolation-cycle", node, reference.raw,
                "interpolations refer to each other in a circle: " + circle(target), "Give one of them a value.");
  }

  std::string circle(const Yaml& target) const {
    const auto begins = [&](const Yaml* scalar) { return scalar == &target || is_inside(*scalar, target); };
    std::string text;
    for (auto it = std::find_if(open_scalars_.begin(), open_scalars_.end(), begins); it != open_scalars_.end(); ++it) {
      text += path_of(**it) + " -> ";
    }
    return text + path_of(target);
  }

  bool fail(const char* code, const Yaml& node, const std::string& raw, const std::string& what,
            const std::string& hint) {
    const std::string path = path_of(node);
    faults_.error(code, place_in(node, raw), (path.empty() ? "" : path + ": ") + what, hint);
    return false;
  }

  /// Where `raw` stands in the line of the scalar, if it can be seen there.
  static SourcePos place_in(const Yaml& node, const std::string& raw) {
    SourcePos where = node.where;
    const std::size_t found = where.excerpt.find(raw);
    const int column = found == std::string::npos ? 0 : 1 + count_characters(where.excerpt.substr(0, found));
    if (column >= where.column && column < where.column + where.length) {
      where.column = column;
      where.length = std::max(1, count_characters(raw));
    }
    return where;
  }

  Yaml& root_;
  Diagnostics& faults_;
  std::unordered_map<const Yaml*, Place> places_;
  std::unordered_map<const Yaml*, State> states_;
  std::vector<const Yaml*> open_scalars_;
  YamlSize total_;
  int chain_ = 0;
};

}  // namespace

void resolve_interpolations(Yaml& root, Diagnostics& faults) { Resolver(root, faults).run(); }

}  // namespace kiln
