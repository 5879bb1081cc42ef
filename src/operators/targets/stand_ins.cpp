#include "operators/targets/stand_ins.h"

#include <algorithm>
#include <iterator>

#include "base/stand_in.h"
#include "operators/targets/target_table.h"

namespace kiln {

namespace {

using Kind = SignatureType::Kind;
using Source = BoundArgument::Source;

/// Of an argument at fault.
struct Place {
  std::string target;  ///< whose argument it is
  int n_before = 0;    ///< others of the call
  int rank = 0;        ///< dimensions that there are for the call, 0 where their number is not known
};

/// Of the first tensor; what makes a new one may put it behind the others.
int n_dimensions(const FittedCall& call) {
  const std::vector<Shape> shapes = call.inputs();
  const std::string& name = call.parts.back().signature.name;
  if (shapes.empty() || !shapes[0].known) return 0;
  return shapes[0].rank() + (name == "torch.unsqueeze" || name == "torch.stack" ? 1 : 0);
}

bool is_dimension(const std::string& argument) {
  constexpr const char* kNames[] = {"dim", "dim0", "dim1", "dim2", "dims", "start_dim", "end_dim"};
  return std::find(std::begin(kNames), std::end(kNames), argument) != std::end(kNames);
}

/// Sizes and counts; dimensions are those of the first tensor. Several of one call differ.
std::int64_t whole_number(const SignatureArgument& argument, int trial, const Place& place) {
  constexpr std::int64_t kNumbers[kTrials] = {1, 2, 3, 4, 5, 7, 16, 64};
  const int k = trial + place.n_before;
  if (!is_dimension(argument.name)) return kNumbers[k % kTrials];
  return k % (place.rank > 0 ? place.rank : kTrials);
}

Yaml literal(const std::string& choice) {
  if (choice == "True" || choice == "False") return yaml_boolean(choice == "True");
  Diagnostics ignored;
  return parse_yaml(choice, "choice", ignored);
}

/// One of the words that the text may be.
std::optional<Yaml> text_for(const SignatureArgument& argument, int trial, const Place& place) {
  const std::vector<std::string> words = words_of(place.target, argument.name);
  if (words.empty()) return std::nullopt;
  return yaml_text(words[static_cast<std::size_t>(trial) % words.size()]);
}

/// One number stands for as many as a window has dimensions.
bool is_of_window(const std::string& argument) {
  constexpr const char* kNames[] = {"stride", "dilation", "padding", "output_padding", "kernel_size"};
  return std::find(std::begin(kNames), std::end(kNames), argument) != std::end(kNames);
}

/// nullopt: no value serves everywhere, of texts of any kind and of lists of any length.
std::optional<Yaml> value_for(const SignatureArgument& argument, int trial, const Place& place) {
  const SignatureType& type = argument.type;
  if (argument.has_default && trial == kTrials - 1) trial = 0;  // where the default stands first
  const bool other = trial % 2 == 1;
  if (type.list && type.count == 0 && !is_of_window(argument.name)) return std::nullopt;
  switch (type.kind) {
    case Kind::integer:
      return yaml_integer(whole_number(argument, trial, place));
    case Kind::real:
    case Kind::number:
      return yaml_real(0.5 * (1 + trial + place.n_before));
    case Kind::boolean:
      return yaml_boolean(argument.has_default ? argument.default_text != "True" : other);
    case Kind::dtype:
      return yaml_text(other ? "int64" : "float64");
    case Kind::literal:
      return literal(type.choices[static_cast<std::size_t>(trial) % type.choices.size()]);
    case Kind::text:
      return text_for(argument, trial, place);
    default:
      return std::nullopt;
  }
}

/// Of which nothing is known.
int add_tensor(const SignatureArgument& argument, CallRequest& request) {
  CallInput unknown;
  unknown.is_list = argument.type.list;
  unknown.may_be_list = true;
  unknown.shapes = {unknown_shape()};
  unknown.where = request.target_where;
  request.inputs.push_back(unknown);
  return static_cast<int>(request.inputs.size()) - 1;
}

/// Puts something in the place of one argument; false if nothing may stand there.
bool put_stand_in(const SignatureArgument& argument, int trial, const Place& place, CallRequest& request,
                  BoundArgument& bound) {
  bound = {};
  const bool is_tensor = argument.type.kind == Kind::tensor;
  const std::optional<Yaml> value = is_tensor ? std::nullopt : value_for(argument, trial, place);
  if (!is_tensor && !value) return false;
  if (argument.has_default && trial == 0) return true;
  bound.source = is_tensor ? Source::input : Source::value;
  if (is_tensor)
    bound.inputs = {add_tensor(argument, request)};
  else
    bound.value = *value;
  return true;
}

}  // namespace

CallRequest without_values(const CallRequest& request) {
  CallRequest without;
  without.target = request.target;
  without.target_where = request.target_where;
  without.inputs = request.inputs;
  return without;
}

FittedCall fitted_with(const CallRequest& request, const FittedCall& call, const std::vector<Binding>& bindings) {
  FittedCall other{request, {}};
  for (std::size_t k = 0; k < bindings.size(); ++k) other.parts.push_back({call.parts[k].signature, bindings[k]});
  return other;
}

std::optional<StandIns> call_with_stand_ins(const FittedCall& call, int trial) {
  StandIns all{without_values(call.request), {}};
  Place place{"", 0, n_dimensions(call)};
  for (const FittedPart& part : call.parts) {
    place.target = part.signature.name;
    all.bindings.push_back(part.binding);
    for (std::size_t k = 0; k < part.signature.arguments.size(); ++k) {
      BoundArgument& bound = all.bindings.back().arguments[k];
      if (bound.source != Source::at_fault) continue;
      if (!put_stand_in(part.signature.arguments[k], trial, place, all.request, bound)) return std::nullopt;
      ++place.n_before;
    }
  }
  return all;
}

}  // namespace kiln
