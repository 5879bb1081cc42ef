#pragma once

#include <string>
#include <vector>

#include "operators/targets/signature.h"
#include "operators/torch_target.h"

namespace kiln {

/// What stands for one argument of a signature.
struct BoundArgument {
  enum class Source {
    left_out,
    value,
    input,
    at_fault  ///< what is given does not fit, or nothing is and something must be
  } source = Source::left_out;
  Yaml value;               ///< Source::value
  std::vector<int> inputs;  ///< Source::input: indices into CallRequest::inputs; several for "Tensor..." only
};

/// A reason why a call does not fit a signature.
struct Mismatch {
  const char* code = "bad-argument";
  SourcePos where;
  std::string what;              ///< goes on after "target 'x' "
  std::string hint;              ///< "": the form says it
  bool unknown_keyword = false;  ///< another form may have it
  bool wants_tensor = false;     ///< where there is a value: another form may take one
};

/// What stands for the arguments of a signature: one entry per argument.
struct Binding {
  std::vector<BoundArgument> arguments;
  int cost = 0;  ///< conversions that were needed; of several overloads the cheapest is taken
};

/// Is any of them at fault?
bool is_at_fault(const Binding& binding);

/// A call fitted to a signature as far as it fits.
struct Fit {
  Binding binding;
  std::vector<Mismatch> mismatches;  ///< all of them; empty: it fits

  bool fits() const { return mismatches.empty(); }
};

/// What is offered to a signature: values by position, inputs by position behind them, and both by name.
struct Offer {
  std::vector<Yaml> values;
  std::vector<NamedValue> named_values;
  std::vector<std::pair<std::string, int>> inputs;  ///< keyword ("" by position), index
  std::vector<std::string> meant;  ///< arguments that unknown keywords may have meant: they are not missing
  bool positions_known = true;     ///< false: there may be other values before the inputs, so that these are not placed
  bool complete = true;            ///< false: anything that is not given here may be given
  bool defaults_known = true;      ///< false: an unknown keyword may have meant any argument that has a default
};

/// The whole request as one call: bound arguments come first, a port of the same name wins over a bound keyword.
Offer offer_of(const CallRequest& request);

/// `input` and `self` are the same name.
Fit fit(const Signature& signature, const Offer& offer, const CallRequest& request);

/// The value of an argument as text: "$0", "2.0", or its default. Integers become reals where the signature has reals,
/// one number stands for a list, and for a tensor.
std::string text_of(const Signature& signature, const CallRequest& request, const Binding& binding,
                    std::size_t argument);
std::string default_text(const SignatureArgument& argument);

/// All arguments that were given: "$0, 2.0, alpha=1"; by position as far as nothing is left out.
std::string argument_list(const Signature& signature, const CallRequest& request, const Binding& binding);

}  // namespace kiln
