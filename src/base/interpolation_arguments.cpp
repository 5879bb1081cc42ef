#include "base/interpolation_arguments.h"

#include <limits>
#include <map>
#include <unordered_set>

#include "base/numbers.h"
#include "base/text.h"

namespace kiln {
namespace {

using std::string_view;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// [0-9](_?[0-9])*
bool take_digits(string_view& text) {
  if (text.empty() || !is_digit(text[0])) return false;
  for (text.remove_prefix(1); !text.empty();) {
    const std::size_t underscore = text[0] == '_' ? 1 : 0;
    if (underscore >= text.size() || !is_digit(text[underscore])) break;
    text.remove_prefix(underscore + 1);
  }
  return true;
}

/// 0 or [1-9](_?[0-9])*
bool take_whole(string_view& text) {
  if (text.empty() || text[0] != '0') return take_digits(text);
  text.remove_prefix(1);
  return true;
}

void take_sign(string_view& text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
}

bool is_whole_number(string_view text) {
  take_sign(text);
  return take_whole(text) && text.empty();
}

bool is_real_number(string_view text) {
  take_sign(text);
  const bool before = take_whole(text);
  const bool point = !text.empty() && text[0] == '.';
  if (point) text.remove_prefix(1);
  const bool after = point && take_digits(text);
  if (!before && !after) return false;
  if (text.empty()) return point;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  take_sign(text);
  return take_digits(text) && text.empty();
}

std::string without_underscores(string_view text) {
  std::string digits(text);
  digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
  return digits;
}

bool read_special_real(string_view lower, double& value) {
  const bool negative = lower.substr(0, 1) == "-";
  take_sign(lower);
  if (lower != "inf" && lower != "nan") return false;
  value = lower == "nan" ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
  if (negative) value = -value;
  return true;
}

/// An unquoted argument: null, boolean, number or text.
Yaml typed(const std::string& text, std::size_t offset) {
  const std::string lower = lower_case(text), digits = without_underscores(text);
  std::int64_t whole = 0;
  double real = 0.0;
  if (lower == "null") return Yaml{};
  if (lower == "true" || lower == "false") return yaml_boolean(lower == "true");
  if (read_special_real(lower, real)) return yaml_real(real);
  if (!is_whole_number(text) && !is_real_number(text)) return yaml_text(text);
  if (is_whole_number(text) && read_integer(digits, whole)) return yaml_integer(whole);
  if (!is_whole_number(text) && read_real(digits, real)) return yaml_real(real);
  throw Stop{offset, "number-range", "the number " + text + " is out of range",
             "Integers have 64 bits, reals are doubles; quote it if it is meant as text.", text.size()};
}

class ArgumentReader {
 public:
  ArgumentReader(TextCursor& cursor, const ReadInterpolation& interpolation, Nesting& nesting)
      : cursor_(cursor), interpolation_(interpolation), nesting_(nesting) {}

  /// Up to the closing bracket, which stays. What is missing between commas is an empty text.
  std::vector<Yaml> sequence(char close) {
    std::vector<Yaml> values;
    cursor_.skip_blanks();
    if (cursor_.here() == close) return values;
    for (;; ++cursor_.i) {
      cursor_.skip_blanks();
      const bool is_empty = cursor_.sees(",") || cursor_.here() == close;
      values.push_back(is_empty ? yaml_text("") : element());
      cursor_.skip_blanks();
      if (cursor_.here() == close) return values;
      if (!cursor_.sees(",")) unexpected(std::string("',' or '") + close + "'");
    }
  }

  /// Up to blanks or the end, as text whatever it looks like.
  std::string untyped() {
    typed_ = false;
    return primitive(false).text;
  }

  Yaml element() {
    const NestingLevel level(nesting_);
    if (cursor_.sees("[")) return list();
    if (cursor_.sees("{")) return mapping();
    return cursor_.sees_one_of("'\"") ? quoted() : primitive(false);
  }

  [[noreturn]] void unexpected(const std::string& wanted) const {
    const bool at_end = cursor_.at_end();
    throw Stop{cursor_.i, "interpolation-syntax",
               at_end ? "it ends where " + wanted + " is expected"
                      : "'" + cursor_.character() + "' stands where " + wanted + " is expected",
               "Put texts with blanks at their ends or unusual characters in quotes."};
  }

 private:
  Yaml list() {
    Yaml result;
    result.kind = Yaml::Kind::sequence;
    ++cursor_.i;
    result.items = sequence(']');
    ++cursor_.i;
    return result;
  }

  Yaml mapping() {
    Yaml result = yaml_mapping();
    std::unordered_set<std::string> known;
    ++cursor_.i;
    cursor_.skip_blanks();
    while (!cursor_.sees("}")) {
      Yaml key = read_key(known);
      cursor_.skip_blanks();
      result.entries.emplace_back(std::move(key), element());
      cursor_.skip_blanks();
      if (cursor_.sees("}")) break;
      if (!cursor_.sees(",")) unexpected("',' or '}'");
      ++cursor_.i;
      cursor_.skip_blanks();
    }
    ++cursor_.i;
    return result;
  }

  /// The key and its ':'.
  Yaml read_key(std::unordered_set<std::string>& known) {
    const std::size_t start = cursor_.i;
    Yaml key = cursor_.sees_one_of("'\"") ? quoted() : primitive(true);
    if (key.is_null())
      throw Stop{start, "null-key", "null cannot be a key", "Put it in quotes if it is meant as text."};
    if (!known.insert(key.text).second)
      throw Stop{start, "duplicate-key", "duplicate key '" + key.text + "'", "Remove or rename one of them."};
    cursor_.skip_blanks();
    if (!cursor_.sees(":")) unexpected("':'");
    ++cursor_.i;
    return key;
  }

  /// Backslashes are doubled before the quote and ${ only; an odd one takes the meaning from what follows.
  Yaml quoted() {
    const std::string quote(1, cursor_.text[cursor_.i++]);
    std::string out;
    while (!cursor_.sees(quote)) {
      if (cursor_.at_end()) unexpected("the closing quote");
      const std::size_t backslashes = count_backslashes();
      cursor_.i += backslashes;
      const bool special = cursor_.sees(quote) || cursor_.sees("${");
      out.append(special ? backslashes / 2 : backslashes, '\\');
      if (special && backslashes % 2 == 1) {
        out += cursor_.text[cursor_.i++];
      } else if (cursor_.sees("${")) {
        append_interpolation(out);
      } else if (!cursor_.sees(quote) && !cursor_.at_end()) {
        out += cursor_.text[cursor_.i++];
      }
    }
    ++cursor_.i;
    return yaml_text(out);
  }

  std::size_t count_backslashes() const {
    return std::min(cursor_.text.find_first_not_of('\\', cursor_.i), cursor_.text.size()) - cursor_.i;
  }

  void append_interpolation(std::string& out) {
    const std::size_t start = cursor_.i;
    append(interpolation_(cursor_), start, out);
  }

  void append(const Yaml& value, std::size_t start, std::string& out) const {
    if (!value.is_scalar()) {
      throw Stop{start, "interpolation-type", std::string(name_of(value.kind)) + " cannot stand inside a text",
                 "Refer to one of its values, or let the reference be the whole argument.", cursor_.i - start};
    }
    out += inserted_text(value);
  }

  /// Unquoted: typed if it is plain, the value itself if it is one interpolation, else text. Blanks at its ends do not
  /// belong to it.
  Yaml primitive(bool is_key) {
    const std::size_t start = cursor_.i;
    std::string out, blanks;
    bool plain = true;
    while (!cursor_.at_end() && !cursor_.sees_one_of(is_key ? ",]}:" : ",]}")) {
      if (cursor_.sees_one_of(" \t")) {
        blanks += cursor_.text[cursor_.i++];
        continue;
      }
      out += blanks;
      blanks.clear();
      if (!is_key && cursor_.sees("${")) {
        const std::size_t begin = cursor_.i;
        Yaml value = interpolation_(cursor_);
        if (begin == start && typed_ && is_at_end_of_argument()) return value;
        append(value, begin, out);
        plain = false;
      } else {
        plain = !take_character(out) && plain;
      }
    }
    if (out.empty()) unexpected("a value");
    return plain && typed_ ? typed(out, start) : yaml_text(out);
  }

  bool is_at_end_of_argument() const {
    TextCursor ahead = cursor_;
    ahead.skip_blanks();
    return ahead.at_end() || ahead.sees_one_of(",]}");
  }

  /// True if it was an escaped one.
  bool take_character(std::string& out) {
    constexpr string_view kEscapable = "\\()[]{}:=, \t", kAllowed = "_/-\\+.$%*@?|:";
    const char c = cursor_.text[cursor_.i];
    const bool escaped = c == '\\' && cursor_.i + 1 < cursor_.text.size() &&
                         kEscapable.find(cursor_.text[cursor_.i + 1]) != string_view::npos;
    if (!escaped && !is_letter(c) && !is_digit(c) && kAllowed.find(c) == string_view::npos) unexpected("plain text");
    if (escaped) ++cursor_.i;
    out += cursor_.text[cursor_.i++];
    return escaped;
  }

  TextCursor& cursor_;
  const ReadInterpolation& interpolation_;
  Nesting& nesting_;
  bool typed_ = true;
};

}  // namespace

std::vector<Yaml> read_arguments(TextCursor& cursor, const ReadInterpolation& interpolation, Nesting& nesting) {
  return ArgumentReader(cursor, interpolation, nesting).sequence('}');
}

Yaml read_one_argument(const std::string& text, const ReadInterpolation& interpolation, Nesting& nesting) {
  TextCursor cursor{text};
  ArgumentReader reader(cursor, interpolation, nesting);
  cursor.skip_blanks();
  const std::size_t begin = cursor.i, end = text.find_last_not_of(" \t") + 1;
  const bool is_padded = begin > 0 || end < text.size();
  const bool is_text = is_padded && !cursor.at_end() && !cursor.sees_one_of("[{'\"");
  Yaml value = is_text ? yaml_text(text.substr(0, begin) + reader.untyped() + text.substr(end)) : reader.element();
  cursor.skip_blanks();
  if (!cursor.at_end()) reader.unexpected("the end");
  return value;
}

namespace {

/// In the quotes that Python takes, with what cannot be seen escaped.
std::string quoted_text(const std::string& text) {
  const bool has_single = text.find('\'') != std::string::npos, has_double = text.find('"') != std::string::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  const std::map<char, std::string> escapes = {{'\n', "\\n"}, {'\t', "\\t"}, {'\r', "\\r"}, {'\\', "\\\\"}};
  std::string out(1, quote);
  for (const char c : text) {
    const auto escape = escapes.find(c);
    if (escape != escapes.end())
      out += escape->second;
    else
      out += (c == quote ? "\\" : "") + std::string(1, c);
  }
  return out + quote;
}

}  // namespace

std::string python_repr(const Yaml& node) {
  std::string out;
  const auto add = [&](const std::string& part) { out += (out.empty() ? "" : ", ") + part; };
  if (node.kind == Yaml::Kind::text) return quoted_text(node.text);
  if (node.is_scalar()) return inserted_text(node);
  for (const Yaml& item : node.items) add(python_repr(item));
  for (const auto& [key, value] : node.entries) add(python_repr(key) + ": " + python_repr(value));
  return node.is_sequence() ? "[" + out + "]" : "{" + out + "}";
}

std::string inserted_text(const Yaml& scalar) {
  switch (scalar.kind) {
    case Yaml::Kind::null:
      return "None";
    case Yaml::Kind::boolean:
      return scalar.bool_value ? "True" : "False";
    case Yaml::Kind::integer:
      return std::to_string(scalar.int_value);
    case Yaml::Kind::real:
      return python_text(scalar.real_value);
    default:
      return scalar.text;
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

}  // namespace kiln
