#include "operators/expression.h"

#include <cctype>

#include "kiln/error.h"

namespace kiln {

namespace {

/// Calls text(a stretch without '$') and name(what stands after a '$').
template <class Text, class Name>
void walk(const std::string& expression, const Text& text, const Name& name) {
  const auto in_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  for (std::size_t i = 0; i < expression.size();) {
    const bool is_name = expression[i] == '$';
    std::size_t end = i + 1;
    while (end < expression.size() && (is_name ? in_name(expression[end]) : expression[end] != '$')) ++end;
    if (is_name)
      name(expression.substr(i + 1, end - i - 1));
    else
      text(expression.substr(i, end - i));
    i = end;
  }
}

}  // namespace

std::vector<std::string> names_in(const std::string& expression) {
  std::vector<std::string> names;
  walk(
      expression, [](const std::string&) {}, [&](const std::string& name) { names.push_back(name); });
  return names;
}

std::string substitute(const std::string& expression, const std::map<std::string, std::string>& values) {
  std::string result;
  const auto replace = [&](const std::string& name) {
    const auto found = values.find(name);
    if (found == values.end()) throw Error(ErrorKind::internal, "torch-text", "nothing is called $" + name);
    result += found->second;
  };
  walk(
      expression, [&](const std::string& text) { result += text; }, replace);
  return result;
}

}  // namespace kiln
