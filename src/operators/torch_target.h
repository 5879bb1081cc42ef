#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/yaml.h"
#include "operators/shape.h"

namespace kiln {

struct ForeignModule;

/// A tensor (or several) that the graph gives to a call.
struct CallInput {
  std::string keyword;  ///< "": positional
  bool is_list = false;
  std::vector<Shape> shapes;  ///< one; several for a list
  SourcePos where;
  bool may_be_list = false;     ///< of a field at fault, of which nothing is known
  bool holds_reals = false;     ///< certainly real numbers; false: integers, or not known
  bool holds_integers = false;  ///< certainly integers or truth values
};

/// A bound argument with its name.
struct NamedValue {
  std::string name;
  Yaml value;
  SourcePos where = {};  ///< of the name
};

/// `target`, `args` and `kwargs` of an ArbitraryModule with the ports of one call.
struct CallRequest {
  std::string target;  ///< "torch.nn.Linear", "torch.pow", "aten::relu"
  SourcePos target_where;
  std::vector<Yaml> args;                  ///< bound; they come before the positional ports of functions
  std::vector<NamedValue> kwargs;          ///< bound; a keyword port of the same name wins
  std::vector<CallInput> inputs;           ///< positional ones first, in order
  bool ports_known = true;                 ///< false: only the target and what a module is made with matter
  bool args_known = true;                  ///< false: what stands there is at fault, and may be anything
  bool kwargs_known = true;                ///< the same
  bool is_question = false;                ///< whether there is a fault is all that is asked: one is enough
  const ForeignModule* foreign = nullptr;  ///< what is known of an operator of another library

  bool arguments_known() const { return args_known && kwargs_known; }
};

/// A weight of a call, as torch names it below the module.
struct CallParameter {
  enum class Init { zeros, ones, uniform, normal, given };
  std::string name;  ///< "weight", "out_proj.weight"
  std::vector<std::int64_t> shape;
  Init init = Init::zeros;
  double scale = 1.0;           ///< uniform: on [-scale, scale); normal: standard deviation
  std::vector<double> initial;  ///< Init::given
  std::int64_t zero_row = -1;   ///< of a drawn weight: this row is zero after the draw (Embedding's padding)
  bool trainable = true;        ///< false: a buffer, such as running statistics
  bool is_integer = false;      ///< an int64 buffer, such as num_batches_tracked
  bool running = false;         ///< a buffer that a forward in training mode changes, such as running statistics
};

/// How expressions name it: they know no dots.
std::string name_in_expressions(const CallParameter& parameter);

/// What a call gives back.
enum class CallResult { tensor, tuple, list, nothing /* no tensors */, unknown };

/// Names that expressions of calls may use beside operands and weights (ResolvedCall::expression).
constexpr const char* kCallNames[] = {"training", "real"};
/// The helpers among them: methods of the module.
constexpr const char* kCallHelpers[] = {"several_values", "attention_of", "attended_of",
                                        "fed_forward_of", "squeezed_two", "squeezed_three"};

/// A target that is known without Python.
struct ResolvedCall {
  /// TorchScript that is valid Python, too: "torch.pow(2.0, $0)", "torch.nn.functional.linear($0, $weight, $bias)".
  /// $0 … : the request's inputs ("[a, b]" for a list); $name: parameters, with _ for dots; $training: the module's
  /// mode; $real: the model's precision, where torch would take its default dtype; $several_values(x, n): a helper of
  /// the module, x among words that say it has other than n components; $attention_of(…), $attended_of(…),
  /// $fed_forward_of(…): torch's attention after the projections and the halves of a Transformer layer;
  /// $squeezed_two(x, d), $squeezed_three: each result without dimension d.
  std::string expression;
  std::vector<CallParameter> parameters;  ///< in torch's order, which is the order of the random draws
  bool parameters_known = false;          ///< all of them, at least by their names
  CallResult result = CallResult::unknown;
  int n_elements = 0;         ///< of a tuple or list; 0: not known
  std::string result_type;    ///< of CallResult::nothing: what it is, if it is anything
  std::vector<Shape> shapes;  ///< of the tensor, or of each element of the tuple
  /// Of the tensor, of each element of the tuple or of the elements of the list: integers or booleans? Empty: not
  /// known.
  std::vector<bool> integer_results;
  bool row_wise = false;  ///< row i of the result depends on row i of the inputs only (leading dimension)
  bool random = false;    ///< draws random numbers while training (Dropout)
};

/// Is the tensor, or this element, certainly one of integers or booleans?
bool gives_integers(const ResolvedCall& call, std::size_t element = 0);

/// Resolves a target and fits arguments and ports to its signature. False and faults (codes unknown-target,
/// bad-argument, missing-argument, bad-shape, …; every message begins with `layer '<layer>': target '<target>'`), with
/// hints: nearest names, the signatures that were tried. All faults at once: what is known in spite of them is set,
/// the kind of the result and the names of the parameters.
bool resolve_call(const std::string& layer, const CallRequest& request, ResolvedCall& call, Diagnostics& faults);

/// A target that resolves without Python, for `kiln layers --arbitrary`.
struct TargetEntry {
  std::string name;       ///< "torch.nn.Linear"
  std::string kind;       ///< "module", "function"
  std::string signature;  ///< "(in_features: int, out_features: int, bias: bool = True)"
};
std::vector<TargetEntry> known_targets();

/// Does the target resolve without Python?
bool is_known_target(const std::string& target);
/// Is it `ns::op`?
bool names_operator(const std::string& target);
/// Is it one of another library than torch itself? What changes its argument in place, `op_`, is none.
bool names_library_operator(const std::string& target);

}  // namespace kiln
