#include <algorithm>

#include "base/interpolation_state.h"
#include "base/numbers.h"
#include "base/source_text.h"

namespace kiln {
namespace {

/// Long ones are cut for messages.
std::string shown(const std::string& raw) {
  constexpr std::size_t kLongest = 100;
  if (raw.size() <= kLongest) return raw;
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(raw[end]) & 0xC0) == 0x80) --end;
  return raw.substr(0, end) + "…";
}

std::size_t byte_of_column(const std::string& line, int column) {
  std::size_t i = 0;
  for (; i < line.size(); ++i) {
    const bool is_first = (static_cast<unsigned char>(line[i]) & 0xC0) != 0x80;
    if (is_first && --column == 0) break;
  }
  return i;
}

/// Where `length` bytes at `offset` of a text stand in the line of the scalar; the scalar if they cannot be seen there.
SourcePos place_in(const Yaml& node, const std::string& text, std::size_t offset, std::size_t length) {
  SourcePos where = node.where;
  const std::string& line = where.excerpt;
  const std::string part = text.substr(offset, length);
  const std::size_t begin = byte_of_column(line, where.column);
  const bool quoted = begin < line.size() && (line[begin] == '"' || line[begin] == '\'');
  const std::size_t direct = begin + (quoted ? 1 : 0) + offset;
  const bool is_direct = direct < line.size() && line.compare(direct, part.size(), part) == 0;
  const std::size_t found = is_direct ? direct : line.find(part, begin);
  if (found == std::string::npos) return where;
  const int column = 1 + count_characters(std::string_view(line).substr(0, found));
  if (column > where.column + where.length) return where;
  where.column = column;
  where.length = std::max(1, count_characters(part));
  return where;
}

}  // namespace

/// One key of ${…}: plain characters and nested interpolations.
std::string Interpolator::read_key(TextCursor& cursor, Yaml& node) {
  std::string key;
  while (!cursor.at_end()) {
    const std::size_t start = cursor.i;
    if (cursor.sees("${")) {
      const Yaml& part = evaluate(cursor, node);
      key += inserted(part, {node, cursor, start});
    } else if (cursor.sees_one_of(".[]{}:,'\" \t\n")) {
      break;
    } else {
      key += cursor.text[cursor.i++];
    }
  }
  return key;
}

const Yaml& Interpolator::refer(const InterpolationPath& path, const Site& site) {
  Absent absent;
  Yaml* target = find(path, site, absent);
  if (target == nullptr) fail("interpolation-not-found", site, absent.what, absent.hint);
  resolve_target(*target, site);
  if (is_missing(*target)) fail_missing(path, *target, site);
  return *target;
}

void Interpolator::fail_missing(const InterpolationPath& path, const Yaml& target, const Site& site) {
  const std::string at = place(target.where);
  fail("interpolation-missing", site, "'" + path.text() + "' " + kIsMissing,
       target.where.via.empty()
           ? "Give it a value where it stands, " + at + ", or, of a block, under 'params' where it is included"
           : "Give it a value under 'params' of the include; it is declared at " + at);
}

/// What stands at the path, not yet resolved itself; nullptr if there is nothing.
Yaml* Interpolator::find(const InterpolationPath& path, const Site& site, Absent& absent) {
  Yaml* at = path.n_dots == 0 ? &root_ : &site.node;
  for (std::size_t up = 0; up < path.n_dots && at; ++up) at = places_.of(*at).parent;
  if (at == nullptr) {
    absent = {"'" + shown(path.text()) + "' leaves the document",
              "Each '.' at the beginning goes one container up; use fewer."};
  }
  for (std::size_t k = 0; k < path.keys.size() && at != nullptr; ++k) {
    if (at->is_scalar()) resolve_target(*at, site);
    at = child(*at, path, k, absent);
  }
  if (at != nullptr) read_.insert(at);
  return at;
}

namespace {

/// The section that a reference from the root has left out.
std::string one_section_below(const Yaml& root, const std::string& key) {
  for (const auto& [section, content] : root.entries)
    if (content.is_mapping() && content.find(key) != nullptr) return "Did you mean '" + section.text + "." + key + "'?";
  return "";
}

}  // namespace

Yaml* Interpolator::child(Yaml& container, const InterpolationPath& path, std::size_t k, Absent& absent) {
  const std::string& key = path.keys[k];
  std::int64_t index = 0;
  std::string hint;
  if (container.is_mapping()) {
    if (Yaml* value = container.find(key)) return value;
    std::vector<std::string> known;
    for (const auto& entry : container.entries) known.push_back(entry.first.text);
    hint = did_you_mean(key, known);
    if (hint.empty() && &container == &root_) hint = one_section_below(root_, key);
  } else if (container.is_sequence()) {
    const bool is_index = read_integer(key, index) && index >= 0;
    if (is_index && index < static_cast<std::int64_t>(container.items.size()))
      return &container.items[static_cast<std::size_t>(index)];
    hint = container.items.empty()
               ? "The list is empty."
               : "The list has the indices 0 .. " + std::to_string(container.items.size() - 1) + ".";
  } else {
    hint = "What stands before '" + shown(key) + "' is " + name_of(container.kind) + ", it has no entries.";
  }
  absent = {"'" + shown(path.text()) + "' is not found: there is no '" + shown(key) + "'", hint};
  return nullptr;
}

/// A target that is being resolved closes a circle.
void Interpolator::resolve_target(Yaml& target, const Site& site) {
  const auto state = states_.find(&target);
  const bool is_open = state != states_.end() && state->second == State::open;
  if (!is_open) {
    if (!resolve(target)) throw Told();
    return;
  }
  const std::string raw = shown(site.raw());
  if (&target == &site.node)
    fail("interpolation-self", site, "'" + raw + "' refers to the value that it is to become", "Give it a value.");
  if (places_.is_inside(site.node, target)) {
    fail("interpolation-container", site, "'" + raw + "' refers to the container it stands in",
         "A node cannot contain itself; refer to one of the values inside.");
  }
  fail("interpolation-cycle", site, "interpolations refer to each other in a circle: " + circle(target),
       "Give one of them a value.");
}

std::string Interpolator::circle(const Yaml& target) const {
  const auto begins = [&](const Yaml* scalar) { return scalar == &target || places_.is_inside(*scalar, target); };
  std::string text;
  for (auto it = std::find_if(open_scalars_.begin(), open_scalars_.end(), begins); it != open_scalars_.end(); ++it) {
    text += places_.path_of(**it) + " -> ";
  }
  return text + places_.path_of(target);
}

void Interpolator::report(const char* code, const Yaml& node, const SourcePos& where, const std::string& what,
                          const std::string& hint) {
  const std::string path = places_.path_of(node);
  faults_.error(code, where, (path.empty() ? "" : path + ": ") + what, hint);
}

void Interpolator::fail(const char* code, const Site& site, const std::string& what, const std::string& hint) {
  const std::size_t length = site.cursor.i - site.start;
  report(code, site.node, place_in(site.node, site.cursor.text, site.start, length), what, hint);
  throw Told();
}

/// A fault of the interpolation's text.
void Interpolator::fail(const Stop& stop, const Site& site) {
  const std::string& text = site.cursor.text;
  const std::size_t end = std::min(text.find('}', std::max(stop.offset, site.start)), text.size());
  const std::string raw = shown(text.substr(site.start, std::min(end + 1, text.size()) - site.start));
  if (stop.offset >= text.size()) {
    report("interpolation-unclosed", site.node, place_in(site.node, text, site.start, text.size() - site.start),
           "the interpolation '" + raw + "' is not closed", "Add the '}'.");
  } else {
    report(stop.code, site.node, place_in(site.node, text, stop.offset, stop.length), "'" + raw + "': " + stop.what,
           stop.hint);
  }
  throw Told();
}

}  // namespace kiln
