#include "operators/targets/stand_ins.h"

namespace kiln {

namespace {

using Kind = SignatureType::Kind;
using Source = BoundArgument::Source;

/// A value that is not the default; nullopt: none serves everywhere. No two whole numbers are equal.
std::optional<Yaml> value_for(const SignatureArgument& argument, StandIn which, int n_before) {
  const SignatureType& type = argument.type;
  const bool other = which == StandIn::another;
  if (type.kind == Kind::tensor || (type.list && type.count == 0)) return std::nullopt;
  switch (type.kind) {
    case Kind::integer:
      return yaml_integer(n_before + (other ? 2 : 1));
    case Kind::real:
    case Kind::number:
      return yaml_real(other ? 1.0 : 0.5);
    case Kind::boolean:
      return yaml_boolean(argument.has_default ? argument.default_text != "True" : other);
    case Kind::dtype:
      return yaml_text(other ? "int64" : "float64");
    default:
      return std::nullopt;
  }
}

/// Puts something in the place of one argument; false if nothing may stand there.
bool put_stand_in(const SignatureArgument& argument, StandIn which, int n_before, CallRequest& request,
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
  const std::optional<Yaml> value = value_for(argument, which, n_before);
  if (argument.has_default && (which == StandIn::one || !value)) return true;
  if (!value) return false;
  bound.source = Source::value;
  bound.value = *value;
  return true;
}

}  // namespace

std::optional<StandIns> with_stand_ins(const FittedCall& call, StandIn which) {
  StandIns all{call.request, {}};
  int n_before = 0;
  for (const FittedPart& part : call.parts) {
    all.bindings.push_back(part.binding);
    for (std::size_t k = 0; k < part.signature.arguments.size(); ++k) {
      BoundArgument& bound = all.bindings.back().arguments[k];
      if (bound.source != Source::at_fault) continue;
      if (!put_stand_in(part.signature.arguments[k], which, n_before++, all.request, bound)) return std::nullopt;
    }
  }
  return all;
}

}  // namespace kiln
