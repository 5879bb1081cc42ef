#include "base/numbers.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace kiln {
namespace {

template <class Number>
bool read_number(std::string_view text, Number& value) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return false;
  }
  const char* end = text.data() + text.size();
  Number parsed{};
  const auto result = std::from_chars(text.data(), end, parsed);
  if (text.empty() || result.ec != std::errc() || result.ptr != end) return false;
  value = parsed;
  return true;
}

std::string comma_separated(const std::vector<std::int64_t>& numbers) {
  std::string text;
  for (const std::int64_t number : numbers) text += (text.empty() ? "" : ", ") + std::to_string(number);
  return text;
}

}  // namespace

bool read_real(std::string_view text, double& value) { return read_number(text, value); }
bool read_integer(std::string_view text, std::int64_t& value) { return read_number(text, value); }

std::string shortest_text(double value) {
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, result.ptr);
}

std::string python_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  const std::string text = fmt::format("{}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return "(" + comma_separated(shape) + (shape.size() == 1 ? ",)" : ")");
}

std::string list_text(const std::vector<std::int64_t>& numbers) { return "[" + comma_separated(numbers) + "]"; }

std::int64_t product(const std::vector<std::int64_t>& numbers) {
  constexpr std::int64_t kMost = std::int64_t{1} << 62;
  std::int64_t n = 1;
  for (const std::int64_t number : numbers) {
    if (__builtin_mul_overflow(n, number, &n) || n > kMost) return kMost;
  }
  return n;
}

}  // namespace kiln
