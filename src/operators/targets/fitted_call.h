#pragma once

#include "operators/targets/bind.h"

namespace kiln {

/// A signature with what was given for it.
struct FittedPart {
  const Signature& signature;
  const Binding& binding;
};

/// A call that fits: of a function one part, of a module `forward` and then the constructor. Arguments are looked up by
/// name in both.
struct FittedCall {
  const CallRequest& request;
  std::vector<FittedPart> parts;

  /// Shape of the tensor given for an argument; unknown if there is none.
  Shape input(const std::string& argument) const;
  /// The last size of the first tensor, which may be known where the others are not: only rules that ask for it see it.
  Size last_size() const;
  /// Is the argument a tensor that certainly holds real numbers?
  bool holds_reals(const std::string& argument) const;
  /// One that certainly holds integers or truth values?
  bool holds_integers(const std::string& argument) const;
  /// Shapes of all tensors that are given, in the order of the arguments.
  std::vector<Shape> inputs() const;
  std::vector<Shape> inputs_with_last_sizes() const;  ///< the same, where the last size is all that is known, too
  /// A whole number, or the default; `otherwise` where it is None or no number.
  std::int64_t integer(const std::string& argument, std::int64_t otherwise = 0) const;
  double real(const std::string& argument) const;
  bool boolean(const std::string& argument) const;
  std::string text(const std::string& argument) const;
  bool given(const std::string& argument) const;                          ///< and not None
  std::vector<std::int64_t> integers(const std::string& argument) const;  ///< one number stands for a list of `count`
  std::vector<double> reals(const std::string& argument) const;
  /// The argument as it is written in a call: "$0", "2.0", "[1, 1]".
  std::string written(const std::string& argument) const;
};

/// Is any argument of any part at fault?
bool is_at_fault(const FittedCall& call);

/// The place of an argument in its signature, or nullptr.
struct FittedArgument {
  const FittedPart* part = nullptr;
  std::size_t index = 0;

  const SignatureArgument& argument() const { return part->signature.arguments[index]; }
  const BoundArgument& bound() const { return part->binding.arguments[index]; }
};
FittedArgument find_argument(const FittedCall& call, const std::string& name);

/// Replaces every {argument} of a template by the argument as it is written; {argument|index} is the number of a
/// literal among its choices.
std::string fill_in(const std::string& expression, const FittedCall& call);

}  // namespace kiln
