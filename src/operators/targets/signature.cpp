#include "operators/targets/signature.h"

#include <algorithm>

#include "kiln/error.h"

namespace kiln {

namespace {

constexpr const char* kTorchSignatures =
#include "operators/targets/torch_signatures.inc"
    ;

[[noreturn]] void not_a_signature(const std::string& text) {
  throw Error(ErrorKind::internal, "bad-signature", "not a signature: " + text);
}

/// Cuts "Outer[inner]" down to "inner".
bool unwrap(const std::string& outer, std::string& text) {
  if (text.compare(0, outer.size() + 1, outer + "[") != 0) return false;
  text = text.substr(outer.size() + 1, text.size() - outer.size() - 2);
  return true;
}

/// "List[…]", or "List2[…]" for two.
void unwrap_list(SignatureType& type, std::string& text) {
  if (unwrap("List", text)) {
    type.list = true;
  } else if (text.compare(0, 4, "List") == 0) {
    type.list = true;
    type.count = text[4] - '0';
    text = text.substr(6, text.size() - 7);
  }
  if (type.list) type.optional_items = unwrap("Optional", text);
}

/// Parts between commas that stand outside of brackets and quotes.
std::vector<std::string> split(const std::string& text);

SignatureType parse_type(std::string text) {
  SignatureType type;
  type.optional = unwrap("Optional", text);
  unwrap_list(type, text);
  if (text == "Tensor...") {
    type.list = type.variadic = true;
    return type;
  }
  using Kind = SignatureType::Kind;
  if (unwrap("Literal", text)) {
    type.kind = Kind::literal;
    type.choices = split(text);
    return type;
  }
  const std::pair<const char*, Kind> kinds[] = {
      {"Tensor", Kind::tensor}, {"int", Kind::integer}, {"float", Kind::real}, {"bool", Kind::boolean},
      {"number", Kind::number}, {"str", Kind::text},    {"dtype", Kind::dtype}};
  const auto found = std::find_if(std::begin(kinds), std::end(kinds), [&](const auto& k) { return text == k.first; });
  if (found == std::end(kinds)) not_a_signature(text);
  type.kind = found->second;
  return type;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::string part;
  int depth = 0;
  bool quoted = false;
  for (const char c : text + ",") {
    if (c == '\'') quoted = !quoted;
    if (!quoted && (c == '[' || c == '(')) ++depth;
    if (!quoted && (c == ']' || c == ')')) --depth;
    if (c == ',' && depth == 0 && !quoted) {
      if (!part.empty()) parts.push_back(part);
      part.clear();
    } else if (c != ' ' || !part.empty()) {
      part += c;
    }
  }
  return parts;
}

SignatureArgument parse_argument(std::string text) {
  SignatureArgument argument;
  argument.keyword_only = text[0] == '*';
  if (argument.keyword_only) text.erase(0, 1);
  const std::size_t blank = text.find(' '), equals = text.find('=');
  if (blank == std::string::npos) not_a_signature(text);
  argument.type = parse_type(text.substr(0, blank));
  argument.name = text.substr(blank + 1, equals == std::string::npos ? equals : equals - blank - 1);
  argument.has_default = equals != std::string::npos;
  if (argument.has_default) argument.default_text = text.substr(equals + 1);
  return argument;
}

std::vector<Signature> parse_table(const std::string& table) {
  std::vector<Signature> signatures;
  for (std::size_t begin = 0, end; begin < table.size(); begin = end + 1) {
    end = table.find('\n', begin);
    signatures.push_back(parse_signature(table.substr(begin, end - begin)));
  }
  return signatures;
}

}  // namespace

Signature parse_signature(const std::string& text) {
  const std::size_t open = text.find('('), arrow = text.rfind(" -> ");
  const std::size_t close = text.rfind(')', arrow);
  if (open == std::string::npos || close == std::string::npos) not_a_signature(text);
  Signature signature;
  signature.text = text;
  signature.name = text.substr(0, open);
  const std::string inside = text.substr(open + 1, close - open - 1);
  signature.takes_anything = inside == "*args, **kwargs";
  for (const std::string& part : split(signature.takes_anything ? "" : inside))
    signature.arguments.push_back(parse_argument(part));
  if (arrow == std::string::npos) return signature;
  for (const std::string& part : split(text.substr(arrow + 4))) signature.results.push_back(parse_type(part));
  return signature;
}

std::string to_string(const SignatureType& type) {
  static const char* const names[] = {"tensor", "whole number", "number", "true or false",
                                      "number", "text",         "dtype",  ""};
  std::string name = names[static_cast<int>(type.kind)];
  for (const std::string& choice : type.choices) name += (name.empty() ? "" : " or ") + choice;
  if (!type.list) return name;
  return (type.count > 0 ? "list of " + std::to_string(type.count) : std::string("list")) + " (" + name + ")";
}

const std::vector<Signature>& torch_signatures() {
  static const std::vector<Signature> signatures = parse_table(kTorchSignatures);
  return signatures;
}

}  // namespace kiln
