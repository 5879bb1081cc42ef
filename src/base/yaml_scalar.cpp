#include "base/yaml_scalar.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

#include "base/numbers.h"

namespace kiln {
namespace {

using std::string_view;

constexpr string_view kNull[] = {"", "~", "null", "Null", "NULL"};
constexpr string_view kTrue[] = {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
constexpr string_view kFalse[] = {"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};
constexpr string_view kInfinity[] = {".inf", ".Inf", ".INF"};
constexpr string_view kNan[] = {".nan", ".NaN", ".NAN"};

constexpr string_view kDecimal = "0123456789_";

template <std::size_t n>
bool is_one_of(string_view text, const string_view (&words)[n]) {
  return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool consists_of(string_view text, string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == string_view::npos;
}
bool has_digit(string_view text) { return text.find_first_not_of('_') != string_view::npos; }

string_view without_sign(string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  return text;
}

std::string without_underscores(string_view text) {
  std::string digits(text);
  digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
  return digits;
}

/// Digits of an unsigned integer and their base; base 0 if the text is none. Sexagesimals have base 60.
struct Digits {
  int base = 0;
  string_view text;
};

/// [1-9][0-9_]*(:[0-5]?[0-9])+  or, with leading zeros allowed, what stands before the '.' of a sexagesimal real.
bool is_sexagesimal(string_view text, bool may_start_with_zero) {
  const std::size_t colon = text.find(':');
  if (colon == string_view::npos || colon == 0 || !is_digit(text[0])) return false;
  if (!consists_of(text.substr(0, colon), kDecimal) || (text[0] == '0' && !may_start_with_zero)) return false;
  for (string_view rest = text.substr(colon + 1);;) {
    const string_view part = rest.substr(0, rest.find(':'));
    const bool fits = (part.size() == 1 && is_digit(part[0])) ||
                      (part.size() == 2 && part[0] >= '0' && part[0] <= '5' && is_digit(part[1]));
    if (!fits) return false;
    if (part.size() == rest.size()) return true;
    rest.remove_prefix(part.size() + 1);
  }
}

Digits integer_digits(string_view text) {
  const string_view rest = text.size() > 2 ? text.substr(2) : string_view();
  if (text.substr(0, 2) == "0b" && has_digit(rest) && consists_of(rest, "01_")) return {2, rest};
  if (text.substr(0, 2) == "0x" && has_digit(rest) && consists_of(rest, "0123456789abcdefABCDEF_")) return {16, rest};
  if (text == "0") return {10, text};
  if (text.size() > 1 && text[0] == '0' && consists_of(text.substr(1), "01234567_")) return {8, text};
  if (!text.empty() && text[0] >= '1' && text[0] <= '9' && consists_of(text, kDecimal)) return {10, text};
  if (is_sexagesimal(text, false)) return {60, text};
  return {};
}

/// Adds value = value * base + digit without overflow; false when it does not fit.
bool append_digit(std::uint64_t& value, std::uint64_t base, std::uint64_t digit) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  if (value > (most - digit) / base) return false;
  value = value * base + digit;
  return true;
}

bool read_sexagesimal(string_view text, std::uint64_t& value) {
  value = 0;
  while (!text.empty()) {
    const string_view part = text.substr(0, text.find(':'));
    std::uint64_t digit = 0;
    const std::string digits = without_underscores(part);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), digit).ec != std::errc()) return false;
    if (!append_digit(value, 60, digit)) return false;
    text.remove_prefix(std::min(text.size(), part.size() + 1));
  }
  return true;
}

bool read_magnitude(const Digits& digits, std::uint64_t& value) {
  if (digits.base == 60) return read_sexagesimal(digits.text, value);
  const std::string text = without_underscores(digits.text);
  return std::from_chars(text.data(), text.data() + text.size(), value, digits.base).ec == std::errc();
}

ScalarFault set_integer(Yaml& node, const Digits& digits) {
  const bool negative = node.text[0] == '-';
  const std::uint64_t most = std::uint64_t{1} << 63;
  std::uint64_t magnitude = 0;
  if (!read_magnitude(digits, magnitude) || magnitude > most - (negative ? 0 : 1)) return ScalarFault::out_of_range;
  node.kind = Yaml::Kind::integer;
  node.int_value = static_cast<std::int64_t>(negative ? ~magnitude + 1 : magnitude);
  node.real_value = static_cast<double>(node.int_value);
  return ScalarFault::none;
}

/// Removes [eE][+-]?[0-9]+ from the end; 0 if there is none, 1 if it has no sign, 2 if it has one.
int drop_exponent(string_view& text) {
  const std::size_t e = text.find_first_of("eE");
  if (e == string_view::npos) return 0;
  const string_view exponent = text.substr(e + 1);
  const string_view digits = without_sign(exponent);
  if (!consists_of(digits, "0123456789")) return 0;
  text = text.substr(0, e);
  return digits.size() == exponent.size() ? 1 : 2;
}

/// The forms 1.5, 1., 1e-3, 1.5e3 (signed) and .5, .5e+3 (unsigned, signed exponent), with '_' between digits.
bool is_decimal_real(string_view signed_text) {
  string_view text = without_sign(signed_text);
  const int exponent = drop_exponent(text);
  const std::size_t point = text.find('.');
  const string_view before = text.substr(0, point);
  const string_view after = point == string_view::npos ? string_view() : text.substr(point + 1);
  if (!after.empty() && !consists_of(after, kDecimal)) return false;
  if (point == 0) return signed_text[0] == '.' && exponent != 1 && has_digit(after);
  const bool whole = !before.empty() && is_digit(before[0]) && consists_of(before, kDecimal);
  return whole && (point != string_view::npos || exponent > 0);
}

ScalarFault set_decimal_real(Yaml& node) {
  const std::string text = without_underscores(node.text);
  if (!read_real(text, node.real_value)) {
    if (text.find("e-") == std::string::npos && text.find("E-") == std::string::npos) return ScalarFault::out_of_range;
    node.real_value = 0.0;  // too small for a double
  }
  node.kind = Yaml::Kind::real;
  return ScalarFault::none;
}

/// 1:30.5, base 60 with a decimal fraction.
bool set_sexagesimal_real(Yaml& node) {
  const string_view text = without_sign(node.text);
  const std::size_t point = text.find('.');
  if (point == string_view::npos || !is_sexagesimal(text.substr(0, point), true)) return false;
  const string_view after = text.substr(point + 1);
  std::uint64_t whole = 0;
  double fraction = 0.0;
  if (!after.empty() && !consists_of(after, kDecimal)) return false;
  if (!read_sexagesimal(text.substr(0, point), whole)) return false;
  read_real("0." + without_underscores(after), fraction);
  node.real_value = (static_cast<double>(whole) + fraction) * (node.text[0] == '-' ? -1 : 1);
  node.kind = Yaml::Kind::real;
  return true;
}

bool set_special_real(Yaml& node) {
  if (is_one_of(without_sign(node.text), kInfinity)) {
    node.real_value = std::numeric_limits<double>::infinity() * (node.text[0] == '-' ? -1 : 1);
  } else if (is_one_of(node.text, kNan)) {
    node.real_value = std::numeric_limits<double>::quiet_NaN();
  } else {
    return false;
  }
  node.kind = Yaml::Kind::real;
  return true;
}

}  // namespace

ScalarFault resolve_plain_scalar(Yaml& node) {
  node.kind = Yaml::Kind::text;
  if (is_one_of(node.text, kNull)) {
    node.kind = Yaml::Kind::null;
    return ScalarFault::none;
  }
  if (is_one_of(node.text, kTrue) || is_one_of(node.text, kFalse)) {
    node.kind = Yaml::Kind::boolean;
    node.bool_value = is_one_of(node.text, kTrue);
    return ScalarFault::none;
  }
  const Digits digits = integer_digits(without_sign(node.text));
  if (digits.base > 0) return set_integer(node, digits);
  if (is_decimal_real(node.text)) return set_decimal_real(node);
  if (!set_special_real(node)) set_sexagesimal_real(node);
  return ScalarFault::none;
}

}  // namespace kiln
