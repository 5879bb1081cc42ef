#include "structure/comment_line.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/numbers.h"
#include "base/text.h"

namespace kiln {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr int kMostColumns = 100000;

[[noreturn]] void fail(std::size_t offset, const char* code, const std::string& what, const std::string& hint) {
  throw CommentFault{offset, code, what, hint};
}

/// Cursor over the line.
struct Scanner {
  std::string_view line;
  std::size_t i = 0;

  bool at_end() const { return i >= line.size(); }
  char peek() const { return at_end() ? '\0' : line[i]; }
  void skip_blanks() { i = std::min(line.find_first_not_of(kBlanks, i), line.size()); }

  std::string quoted() {
    const std::size_t start = i;
    const char quote = line[i++];
    std::string text;
    for (; !at_end() && line[i] != quote; ++i) {
      const char next = i + 1 < line.size() ? line[i + 1] : '\0';
      const bool escaped = line[i] == '\\' && (next == quote || next == '\\' || next == 'n');
      if (escaped) ++i;
      text += escaped && next == 'n' ? '\n' : line[i];
    }
    if (at_end()) fail(start, "unclosed-quote", "a quote is not closed", "Each value in quotes ends in the same line.");
    ++i;
    return text;
  }

  /// A value in brackets, brackets included; those inside quotes do not count.
  std::string bracketed() {
    const std::size_t start = i;
    int depth = 0;
    char quote = '\0';
    for (; !at_end(); ++i) {
      const char c = line[i];
      if (quote != '\0') {
        if (c == quote) quote = '\0';
        continue;
      }
      if (c == '"') quote = c;
      if (c == '[' || c == '{') ++depth;
      if ((c == ']' || c == '}') && --depth == 0) return std::string(line.substr(start, ++i - start));
    }
    fail(start, "unclosed-bracket", "a bracket is not closed", "Each value in brackets ends in the same line.");
  }

  std::string bare(std::string_view ends) {
    const std::size_t start = i;
    i = std::min(line.find_first_of(ends, i), line.size());
    return std::string(line.substr(start, i - start));
  }

  std::string key() { return peek() == '"' || peek() == '\'' ? quoted() : bare(" \t="); }

  std::string value() {
    if (peek() == '"' || peek() == '\'') return quoted();
    if (peek() == '[' || peek() == '{') return bracketed();
    const std::string text = bare(kBlanks);
    if (text != "_JSON") return text;
    skip_blanks();
    return peek() == '[' || peek() == '{' ? text + " " + bracketed() : text;
  }
};

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (std::size_t i = text.find_first_not_of(separators); i < text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, i), text.size());
    parts.push_back(text.substr(i, end - i));
    i = std::min(text.find_first_not_of(separators, end), text.size());
  }
  return parts;
}

/// Lattice, Properties and pbc mean the same in any letter case; other keys are kept apart by it.
std::string identity(const std::string& key) {
  const std::string lower = lower_case(key);
  return lower == "lattice" || lower == "properties" || lower == "pbc" ? lower : key;
}

}  // namespace

std::vector<CommentEntry> split_comment_line(std::string_view line) {
  Scanner scanner{line};
  scanner.skip_blanks();
  if (scanner.at_end()) return {};
  if (line.find('=') == std::string_view::npos) return {{"comment", std::string(line.substr(scanner.i)), scanner.i}};
  std::vector<CommentEntry> entries;
  std::set<std::string> seen;
  for (; !scanner.at_end(); scanner.skip_blanks()) {
    CommentEntry entry;
    entry.offset = scanner.i;
    entry.key = scanner.key();
    if (entry.key.empty()) fail(entry.offset, "bad-comment", "a key is missing before '='", "Write key=value.");
    scanner.skip_blanks();
    if (scanner.peek() == '=') {
      ++scanner.i;
      scanner.skip_blanks();
      entry.value = scanner.value();
    } else {
      entry.value = "T";
    }
    if (!seen.insert(identity(entry.key)).second) {
      fail(entry.offset, "duplicate-key", "the key '" + entry.key + "' is given twice", "Remove one of them.");
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string comment_entry_text(const std::string& key, const std::string& value) {
  const auto quoted_if_needed = [](const std::string& text) {
    if (!text.empty() && text.find_first_of(" \t\n=\"'[]{}\\,") == std::string::npos) return text;
    std::string quoted = "\"";
    for (char c : text) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    return quoted + '"';
  };
  return quoted_if_needed(key) + "=" + quoted_if_needed(value);
}

std::vector<PropertyGroup> parse_properties(const CommentEntry& entry) {
  const std::vector<std::string_view> parts = split(entry.value, ":");
  std::vector<PropertyGroup> groups;
  std::set<std::string> names;
  const std::string hint = "Properties are name:type:columns triples, such as species:S:1:pos:R:3:forces:R:3.";
  if (parts.empty() || parts.size() % 3 != 0) fail(entry.offset, "bad-properties", "Properties are no triples", hint);
  for (std::size_t k = 0; k < parts.size(); k += 3) {
    const std::string name(parts[k]);
    std::int64_t n_columns = 0;
    if (parts[k + 1].size() != 1 || std::string_view("RILS").find(parts[k + 1][0]) == std::string_view::npos) {
      fail(entry.offset, "bad-properties", "property '" + name + "' has the type '" + std::string(parts[k + 1]) + "'",
           "Types are R (real), I (integer), L (logical) and S (text).");
    }
    if (!read_integer(parts[k + 2], n_columns) || n_columns < 1 || n_columns > kMostColumns) {
      fail(entry.offset, "bad-properties", "property '" + name + "' has '" + std::string(parts[k + 2]) + "' columns",
           hint);
    }
    if (!names.insert(name).second) {
      fail(entry.offset, "duplicate-property", "property '" + name + "' is listed twice",
           "Remove or rename one of them.");
    }
    groups.push_back({name, parts[k + 1][0], static_cast<int>(n_columns)});
  }
  return groups;
}

Cell parse_lattice(const CommentEntry& entry) {
  std::vector<double> numbers;
  const bool ok = parse_numbers(entry.value, numbers) && numbers.size() == 9;
  if (!ok || !std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); })) {
    fail(entry.offset, "bad-lattice", "Lattice is not nine finite numbers",
         "Give the three cell vectors one after another, Å.");
  }
  Cell cell;
  std::copy(numbers.begin(), numbers.end(), cell.begin());
  return cell;
}

std::array<bool, 3> parse_periodic(const CommentEntry& entry) {
  const std::vector<std::string_view> parts = split(entry.value, " \t,[]");
  std::array<bool, 3> periodic{};
  bool ok = parts.size() == 1 || parts.size() == 3;
  for (std::size_t a = 0; ok && a < 3; ++a) ok = parse_logical(parts[parts.size() == 1 ? 0 : a], periodic[a]);
  if (!ok) {
    fail(entry.offset, "bad-pbc", entry.key + " is '" + entry.value + "'",
         "Write pbc=\"T T F\" (or 1 and 0), one per cell vector.");
  }
  return periodic;
}

bool parse_numbers(std::string_view text, std::vector<double>& numbers) {
  numbers.clear();
  for (std::string_view part : split(text, " \t\n,[]{}")) {
    if (part == "_JSON" && numbers.empty()) continue;
    double value = 0.0;
    if (!read_real(part, value)) return false;
    numbers.push_back(value);
  }
  return true;
}

bool parse_logical(std::string_view text, bool& value) {
  constexpr std::string_view kTrue[] = {"T", "True", "true", "TRUE", "1"};
  constexpr std::string_view kFalse[] = {"F", "False", "false", "FALSE", "0"};
  value = std::find(std::begin(kTrue), std::end(kTrue), text) != std::end(kTrue);
  return value || std::find(std::begin(kFalse), std::end(kFalse), text) != std::end(kFalse);
}

}  // namespace kiln
