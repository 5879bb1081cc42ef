#include "operators/targets/fitted_call.h"

#include <algorithm>

#include "base/numbers.h"
#include "kiln/error.h"

namespace kiln {

namespace {

using Source = BoundArgument::Source;

/// Of "None", "True", "3", "0.5", "'none'" and lists of these, "[1, 1]"; rules ask for them often.
Yaml tree_of_default(const std::string& text) {
  if (text.empty() || text == "None") return {};
  if (text == "True" || text == "False") return yaml_boolean(text == "True");
  std::int64_t whole = 0;
  if (read_integer(text, whole)) return yaml_integer(whole);
  double real = 0.0;
  if (read_real(text, real)) return yaml_real(real);
  if (text[0] != '[') return yaml_text(text[0] == '\'' ? text.substr(1, text.size() - 2) : text);
  Yaml list;
  list.kind = Yaml::Kind::sequence;
  for (std::size_t at = 1; at + 1 < text.size();) {
    const std::size_t end = std::min(text.find(", ", at), text.size() - 1);
    list.items.push_back(tree_of_default(text.substr(at, end - at)));
    at = end + 2;
  }
  return list;
}

/// The value of an argument; `otherwise` with its default where there is none, null for a tensor.
const Yaml& value_of(const FittedCall& call, const std::string& name, Yaml& otherwise) {
  const FittedArgument found = find_argument(call, name);
  if (found.part == nullptr || found.bound().source == Source::input) return otherwise;
  if (found.bound().source == Source::value) return found.bound().value;
  return otherwise = tree_of_default(default_text(found.argument()));
}

/// The tensor, or first tensor, that is given for an argument; nullptr if there is none.
const CallInput* input_of(const FittedCall& call, const std::string& name) {
  const FittedArgument found = find_argument(call, name);
  const bool given = found.part != nullptr && found.bound().source == Source::input;
  return given ? &call.request.inputs[found.bound().inputs[0]] : nullptr;
}

/// Sizes beyond any tensor's count as unknown, so that rules may multiply them; so does a last one alone.
Shape bounded(Shape shape) {
  constexpr std::int64_t kLargestSize = std::int64_t{1} << 31;
  for (Size& size : shape.sizes) {
    if (size.n > kLargestSize) size = Size{};
  }
  shape.last = {};
  return shape;
}

/// What stands between braces.
std::string slot_text(const std::string& slot, const FittedCall& call) {
  const std::size_t bar = slot.find('|');
  const std::string name = slot.substr(0, bar);
  if (bar == std::string::npos) return call.written(name);
  const std::vector<std::string>& choices = find_argument(call, name).argument().type.choices;
  return std::to_string(std::find(choices.begin(), choices.end(), call.written(name)) - choices.begin());
}

}  // namespace

bool is_at_fault(const FittedCall& call) {
  return std::any_of(call.parts.begin(), call.parts.end(),
                     [](const FittedPart& part) { return is_at_fault(part.binding); });
}

FittedArgument find_argument(const FittedCall& call, const std::string& name) {
  for (const FittedPart& part : call.parts) {
    const auto& all = part.signature.arguments;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const SignatureArgument& argument) { return argument.name == name; });
    if (found != all.end()) return {&part, static_cast<std::size_t>(found - all.begin())};
  }
  return {};
}

Shape FittedCall::input(const std::string& argument) const {
  const CallInput* input = input_of(*this, argument);
  return input != nullptr && input->shapes.size() == 1 ? bounded(input->shapes[0]) : Shape{};
}

Size FittedCall::last_size() const {
  for (const FittedPart& part : parts) {
    for (const BoundArgument& bound : part.binding.arguments) {
      if (bound.inputs.empty()) continue;
      const std::vector<Shape>& shapes = request.inputs[bound.inputs[0]].shapes;
      return shapes.empty() ? Size{} : kiln::last_size(shapes[0]);
    }
  }
  return {};
}

bool FittedCall::holds_reals(const std::string& argument) const {
  const CallInput* input = input_of(*this, argument);
  return input != nullptr && input->holds_reals;
}

bool FittedCall::holds_integers(const std::string& argument) const {
  const CallInput* input = input_of(*this, argument);
  return input != nullptr && input->holds_integers;
}

std::vector<Shape> FittedCall::inputs() const {
  std::vector<Shape> shapes = inputs_with_last_sizes();
  for (Shape& shape : shapes) shape = bounded(shape);
  return shapes;
}

std::vector<Shape> FittedCall::inputs_with_last_sizes() const {
  std::vector<Shape> shapes;
  for (const FittedPart& part : parts) {
    for (const BoundArgument& bound : part.binding.arguments) {
      for (const int input : bound.inputs) {
        for (const Shape& shape : request.inputs[input].shapes) shapes.push_back(shape);
      }
    }
  }
  return shapes;
}

std::int64_t FittedCall::integer(const std::string& argument, std::int64_t otherwise) const {
  Yaml by_default;
  const Yaml& value = value_of(*this, argument, by_default);
  return value.kind == Yaml::Kind::integer ? value.int_value : otherwise;
}

double FittedCall::real(const std::string& argument) const {
  Yaml otherwise;
  const Yaml& value = value_of(*this, argument, otherwise);
  return value.kind == Yaml::Kind::boolean ? (value.bool_value ? 1.0 : 0.0) : value.real_value;
}

bool FittedCall::boolean(const std::string& argument) const {
  Yaml otherwise;
  return value_of(*this, argument, otherwise).bool_value;
}

std::string FittedCall::text(const std::string& argument) const {
  Yaml otherwise;
  return value_of(*this, argument, otherwise).text;
}

bool FittedCall::given(const std::string& argument) const {
  const FittedArgument found = find_argument(*this, argument);
  if (found.part == nullptr) return false;
  Yaml otherwise;
  return found.bound().source == Source::input || !value_of(*this, argument, otherwise).is_null();
}

std::vector<std::int64_t> FittedCall::integers(const std::string& argument) const {
  Yaml otherwise;
  const Yaml& value = value_of(*this, argument, otherwise);
  std::vector<std::int64_t> numbers;
  if (value.kind == Yaml::Kind::integer) numbers.push_back(value.int_value);
  for (const Yaml& item : value.items) numbers.push_back(item.int_value);
  const FittedArgument found = find_argument(*this, argument);
  const int count = found.part == nullptr ? 0 : found.argument().type.count;
  if (numbers.size() == 1 && count > 1) numbers.assign(count, std::int64_t{numbers[0]});
  return numbers;
}

std::vector<double> FittedCall::reals(const std::string& argument) const {
  Yaml otherwise;
  const Yaml& value = value_of(*this, argument, otherwise);
  std::vector<double> numbers;
  if (value.is_number()) numbers.push_back(value.real_value);
  for (const Yaml& item : value.items) numbers.push_back(item.real_value);
  return numbers;
}

std::string FittedCall::written(const std::string& argument) const {
  const FittedArgument found = find_argument(*this, argument);
  if (found.part == nullptr) throw Error(ErrorKind::internal, "bad-template", "no argument is called " + argument);
  return text_of(found.part->signature, request, found.part->binding, found.index);
}

std::string fill_in(const std::string& expression, const FittedCall& call) {
  std::string text;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    if (expression[i] != '{') {
      text += expression[i];
      continue;
    }
    const std::size_t end = expression.find('}', i);
    text += slot_text(expression.substr(i + 1, end - i - 1), call);
    i = end;
  }
  return text;
}

}  // namespace kiln
