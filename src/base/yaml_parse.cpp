#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/files.h"
#include "base/source_text.h"
#include "base/unresolved.h"
#include "base/yaml.h"
#include "base/yaml_events.h"
#include "base/yaml_limits.h"
#include "base/yaml_scalar.h"

namespace kiln {
namespace {

const std::string kCoreTag = "tag:yaml.org,2002:";

std::string shown_tag(const std::string& tag) {
  return tag.compare(0, kCoreTag.size(), kCoreTag) == 0 ? "!!" + tag.substr(kCoreTag.size()) : tag;
}

/// The end of the building: a limit was passed, and it is reported.
struct LimitReached {};

/// Builds the tree from the events. An alias is built by going through the events of its anchor once more, so that the
/// limits hold for what aliases stand for, before memory is used.
class TreeBuilder {
 public:
  TreeBuilder(const SourceText& source, const std::vector<YamlEvent>& events, TwinKeys twins, Diagnostics& faults)
      : source_(source), events_(events), twins_(twins), faults_(faults) {}

  Yaml build() {
    std::size_t next = 0;
    try {
      if (!events_.empty()) return node(next);
    } catch (const LimitReached&) {
    }
    Yaml empty;
    empty.where = source_.at(0);
    return empty;
  }

 private:
  Yaml node(std::size_t& next) {
    const std::size_t index = next++;
    const YamlEvent& event = events_[index];
    spend(event);
    if (event.kind == YamlEvent::Kind::alias) return alias(event);
    if (event.anchor) anchors_[event.anchor] = {index, true};
    Yaml result;
    if (++depth_ > YamlLimits::depth + 1) limit(event, "it is nested more than 256 deep");
    result.where = source_.at(event.offset);
    if (event.kind == YamlEvent::Kind::sequence) {
      sequence(event, next, result);
    } else if (event.kind == YamlEvent::Kind::mapping) {
      mapping(event, next, result);
    } else {
      scalar(event, result);
    }
    --depth_;
    if (event.anchor) anchors_[event.anchor].open = false;
    return result;
  }

  Yaml alias(const YamlEvent& event) {
    const Anchor anchor = anchors_[event.anchor];
    if (anchor.open) {
      report("yaml-alias", event, "this alias stands inside its own anchor",
             "Remove it: a node cannot contain itself.");
      Yaml empty;
      empty.where = source_.at(event.offset);
      return empty;
    }
    ++alias_depth_;
    std::size_t next = anchor.index;
    Yaml copy = node(next);
    --alias_depth_;
    return copy;
  }

  void spend(const YamlEvent& event) {
    scalar_bytes_ += event.text.size();
    if (++n_nodes_ > YamlLimits::nodes) limit(event, "it has more than 1000000 nodes");
    if (scalar_bytes_ > YamlLimits::scalar_bytes) limit(event, "its scalars have more than 16 MB");
  }

  [[noreturn]] void limit(const YamlEvent& event, const std::string& what) {
    faults_.error("yaml-limit", source_.at(event.offset), "the document is too large: " + what,
                  "Limits: 1000000 nodes, depth 256, 16 MB of scalars, aliases counted as what they stand for.");
    throw LimitReached();
  }

  /// Faults inside an anchor are reported where it is defined, not again at each alias.
  void report(const char* code, const YamlEvent& event, const std::string& what, const std::string& hint) {
    if (alias_depth_ == 0) faults_.error(code, source_.at(event.offset), what, hint);
  }
  void report(const char* code, const SourcePos& where, const std::string& what, const std::string& hint) {
    if (alias_depth_ == 0) faults_.error(code, where, what, hint);
  }

  void scalar(const YamlEvent& event, Yaml& node) {
    node.text = event.text;
    node.quoted = event.tag == "!";
    node.where.length = std::max(1, count_characters(node.text) + (node.quoted ? 2 : 0));
    if (node.text.find('\n') != std::string::npos) node.where.length = 1;
    if (node.quoted || event.tag == kCoreTag + "str") {
      node.kind = Yaml::Kind::text;
      return;
    }
    if (resolve_plain_scalar(node) == ScalarFault::out_of_range) {
      report("number-range", node.where, "the number " + node.text + " is out of range",
             "Integers have 64 bits, reals are doubles; quote it if it is meant as text.");
      mark_unresolved(node);
    }
    if (event.tag != "?") apply_tag(event, node);
  }

  void apply_tag(const YamlEvent& event, Yaml& node) {
    using Kind = Yaml::Kind;
    static const std::map<std::string, std::vector<Kind>> kScalarTags = {{"!!int", {Kind::integer}},
                                                                         {"!!float", {Kind::real, Kind::integer}},
                                                                         {"!!bool", {Kind::boolean}},
                                                                         {"!!null", {Kind::null}}};
    const auto tag = kScalarTags.find(shown_tag(event.tag));
    if (tag == kScalarTags.end()) return refuse_tag(event);
    const std::vector<Kind>& kinds = tag->second;
    if (std::find(kinds.begin(), kinds.end(), node.kind) == kinds.end()) {
      report("bad-tag", event, "'" + node.text + "' is no " + tag->first.substr(2),
             "Correct the value or remove the tag.");
    } else if (tag->first == "!!float") {
      node.kind = Kind::real;
    }
  }

  void refuse_tag(const YamlEvent& event) {
    report("foreign-tag", event, "the tag '" + shown_tag(event.tag) + "' is not allowed here",
           "Known: !!int, !!float, !!str, !!bool, !!null on scalars, !!seq on lists, !!map on mappings.");
  }

  void sequence(const YamlEvent& event, std::size_t& next, Yaml& result) {
    result.kind = Yaml::Kind::sequence;
    if (event.tag != "?" && event.tag != "!" && event.tag != kCoreTag + "seq") refuse_tag(event);
    while (events_[next].kind != YamlEvent::Kind::end) result.items.push_back(node(next));
    ++next;
  }

  /// Keys of one mapping: by their identity, and those that are numbers or booleans by their value too (1, 1.0 and true
  /// are one key in Python).
  struct Keys {
    std::unordered_map<std::string, SourcePos> by_identity;
    std::map<double, std::pair<std::string, SourcePos>> by_value;
  };

  void mapping(const YamlEvent& event, std::size_t& next, Yaml& result) {
    result.kind = Yaml::Kind::mapping;
    if (event.tag != "?" && event.tag != "!" && event.tag != kCoreTag + "map") refuse_tag(event);
    Keys keys;
    std::vector<Yaml> merged;
    while (events_[next].kind != YamlEvent::Kind::end) {
      const YamlEvent& key_event = events_[next];
      Yaml key = node(next);
      Yaml value = node(next);
      if (!accept_key(key, key_event, keys)) {
        result.incomplete = true;
        continue;
      }
      warn_missing_blank(key, key_event.offset, value);
      if (key.text == "<<" && !key.quoted) {
        collect_merged(value, merged);
      } else {
        result.entries.emplace_back(std::move(key), std::move(value));
      }
    }
    ++next;
    if (!merged.empty()) merge(merged, result);
  }

  std::string identity(const Yaml& key) const {
    const bool is_twin = twins_ == TwinKeys::kept && key.kind != Yaml::Kind::text;
    return (is_twin ? " " : "'") + key.text;
  }

  bool accept_key(const Yaml& key, const YamlEvent& event, Keys& keys) {
    if (!key.is_scalar()) {
      report("bad-key", event, "a list or mapping cannot be a key", "Keys are texts, numbers or booleans.");
      return false;
    }
    if (key.is_null()) {
      report("null-key", event, "a key is missing before ':'", "Write a name; quote it if it is 'null' or '~'.");
      return false;
    }
    const auto [same, is_new] = keys.by_identity.emplace(identity(key), key.where);
    if (!is_new) {
      report("duplicate-key", key.where, "duplicate key '" + key.text + "', first given at " + place(same->second),
             "Remove or rename one of them.");
      return false;
    }
    return key.kind == Yaml::Kind::text || accept_value(key, keys);
  }

  /// {num_elems:2} is a key without a value: no colon follows it.
  void warn_missing_blank(const Yaml& key, std::size_t offset, const Yaml& value) {
    const std::size_t colon = key.text.find(':');
    if (alias_depth_ > 0 || key.quoted || !value.is_null() || colon == std::string::npos) return;
    const std::size_t behind = source_.content.find_first_not_of(" \t", offset + key.text.size());
    if (behind != std::string::npos && source_.content[behind] == ':') return;
    faults_.warning("missing-blank", key.where, "'" + key.text + "' is a key without a value",
                    "Write a blank behind the colon: " + key.text.substr(0, colon) + ": " + key.text.substr(colon + 1));
  }

  bool accept_value(const Yaml& key, Keys& keys) {
    const double value = key.kind == Yaml::Kind::boolean ? (key.bool_value ? 1.0 : 0.0) : key.real_value;
    if (value != value) return true;
    const auto [same, is_new] = keys.by_value.emplace(value, std::make_pair(key.text, key.where));
    if (is_new) return true;
    const auto& [text, where] = same->second;
    report("duplicate-key", key.where,
           "the keys '" + text + "' (at " + place(where) + ") and '" + key.text + "' are the same value",
           "Quote those that are meant as text, or remove one.");
    return false;
  }

  static std::string place(const SourcePos& where) {
    return "line " + std::to_string(where.line) + ", column " + std::to_string(where.column);
  }

  void collect_merged(Yaml& value, std::vector<Yaml>& merged, bool in_list = false) {
    if (value.is_mapping()) {
      merged.push_back(std::move(value));
    } else if (value.is_sequence() && !in_list) {
      for (Yaml& item : value.items) collect_merged(item, merged, true);
    } else {
      report("bad-merge", value.where, "'<<' takes a mapping or a list of mappings", "Give it an alias of a mapping.");
    }
  }

  /// Merged entries come first; the mapping's own replace them, and earlier sources win over later ones.
  void merge(std::vector<Yaml>& sources, Yaml& result) {
    std::vector<std::pair<Yaml, Yaml>> own = std::move(result.entries);
    std::unordered_map<std::string, std::size_t> position;
    result.entries.clear();
    for (Yaml& source : sources) {
      for (auto& entry : source.entries) {
        if (position.emplace(identity(entry.first), result.entries.size()).second)
          result.entries.push_back(std::move(entry));
      }
    }
    for (auto& entry : own) {
      const auto [same, is_new] = position.emplace(identity(entry.first), result.entries.size());
      if (is_new) {
        result.entries.push_back(std::move(entry));
      } else {
        result.entries[same->second] = std::move(entry);
      }
    }
  }

  struct Anchor {
    std::size_t index = 0;
    bool open = false;  ///< its node is being built
  };

  const SourceText& source_;
  const std::vector<YamlEvent>& events_;
  TwinKeys twins_;
  Diagnostics& faults_;
  std::unordered_map<std::size_t, Anchor> anchors_;
  std::size_t n_nodes_ = 0, scalar_bytes_ = 0, depth_ = 0;
  int alias_depth_ = 0;
};

}  // namespace

Yaml parse_yaml(const std::string& content, const std::string& file_name, Diagnostics& faults, TwinKeys twins) {
  const SourceText source(file_name, content);
  const std::size_t bad = find_bad_byte(source.content);
  std::vector<YamlEvent> events;
  if (bad != std::string::npos) {
    SourcePos where = source.at(bad);
    where.excerpt.clear();  // it would not be printable
    faults.error("bad-character", where, "this byte is not UTF-8 text or is a control character",
                 "Save the file as UTF-8 text.");
  } else {
    read_yaml_events(source, events, faults);
  }
  return TreeBuilder(source, events, twins, faults).build();
}

Yaml read_yaml_file(const std::string& path, Diagnostics& faults) {
  return parse_yaml(read_file(path, YamlLimits::file_bytes), path, faults);
}

}  // namespace kiln
