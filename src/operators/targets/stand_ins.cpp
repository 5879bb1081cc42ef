#include "operators/targets/stand_ins.h"

#include "base/stand_in.h"

namespace kiln {

namespace {

using Kind = SignatureType::Kind;
using Source = BoundArgument::Source;

/// Sizes and counts; dimensions are numbered from 0.
std::int64_t whole_number(const SignatureArgument& argument, int k) {
  constexpr std::int64_t kNumbers[kTrials] = {1, 2, 3, 4, 5, 7, 16, 64};
  return argument.name.find("dim") == std::string::npos ? kNumbers[k % kTrials] : k % kTrials;
}

/// A value that is not the default; nullopt: none serves everywhere. No two whole numbers are equal.
std::optional<Yaml> value_for(const SignatureArgument& argument, int trial, int n_before) {
  const SignatureType& type = argument.type;
  const bool other = trial % 2 == 1;
  if (type.kind == Kind::tensor || (type.list && type.count == 0)) return std::nullopt;
  switch (type.kind) {
    case Kind::integer:
      return yaml_integer(whole_number(argument, trial + n_before));
    case Kind::real:
    case Kind::number:
      return yaml_real(0.5 * (1 + trial + n_before));
    case Kind::boolean:
      return yaml_boolean(argument.has_default ? argument.default_text != "True" : other);
    case Kind::dtype:
      return yaml_text(other ? "int64" : "float64");
    default:
      return std::nullopt;
  }
}

/// Puts something in the place of one argument; false if nothing may stand there.
bool put_stand_in(const SignatureArgument& argument, int trial, int n_before, CallRequest& request,
                  BoundArgument& bound) {
  const SignatureType& type = argument.type;
  bound = {};
  if (type.kind == Kind::tensor && !argument.has_default) {
    CallInput unknown;
    unknown.is_list = type.list;
    unknown.may_be_list = true;
    unknown.shapes = {unknown_shape()};
    unknown.where = request.target_where;
    request.inputs.push_back(unknown);
    bound.source = Source::input;
    bound.inputs = {static_cast<int>(request.inputs.size()) - 1};
    return true;
  }
  const std::optional<Yaml> value = value_for(argument, trial, n_before);
  if (!value) return argument.has_default && argument.default_text != "None";  // what is given is not left out
  if (argument.has_default && trial == 0) return true;
  bound.source = Source::value;
  bound.value = *value;
  return true;
}

}  // namespace

std::optional<StandIns> call_with_stand_ins(const FittedCall& call, int trial) {
  StandIns all{call.request, {}};
  int n_before = 0;
  for (const FittedPart& part : call.parts) {
    all.bindings.push_back(part.binding);
    for (std::size_t k = 0; k < part.signature.arguments.size(); ++k) {
      BoundArgument& bound = all.bindings.back().arguments[k];
      if (bound.source != Source::at_fault) continue;
      if (!put_stand_in(part.signature.arguments[k], trial, n_before++, all.request, bound)) return std::nullopt;
    }
  }
  return all;
}

}  // namespace kiln
