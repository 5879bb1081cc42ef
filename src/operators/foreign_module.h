#pragma once

#include <string>
#include <vector>

#include "operators/torch_target.h"

namespace kiln {

/// What a call may be given.
struct CallForm {
  struct Argument {
    std::string name, type;  ///< "n", "int", as TorchScript writes it
    bool required = true;    ///< it has no default
  };
  std::vector<Argument> arguments;  ///< in order
};

/// Code from outside, a TorchScript archive or an operator of another library, with what a graph must know of it.
struct ForeignModule {
  std::string bytes;                      ///< the archive; empty: an operator, or it could not be looked at
  std::string not_read;                   ///< why not; "" where nobody tried
  std::vector<CallParameter> parameters;  ///< parameters and buffers by their paths, with their values
  std::vector<CallForm> forms;            ///< of `forward`, or of the overloads of an operator; empty: not known
  CallResult result = CallResult::unknown;
  int n_elements = 0;                ///< of a tuple
  std::string result_type;           ///< of what holds no tensors, as TorchScript writes it: "Dict[str, Tensor]"
  bool arguments_are_bound = false;  ///< a class made with args and kwargs: they are not arguments of `forward`
  std::string lost_state;  ///< an attribute that `forward` sets and that is no tensor: no model keeps it; or ""
};

/// Fits a call to the module: false and faults where ports and bound arguments do not match `forward`.
/// @param path  of the module, such as "self.layer.code"
bool resolve_foreign_call(const std::string& layer, const CallRequest& request, const ForeignModule& module,
                          const std::string& path, ResolvedCall& call, Diagnostics& faults);

/// A bound value as TorchScript: 2.0, [1, 2], 'mean', True, None. False if it has no such form (mappings).
bool value_text(const Yaml& value, std::string& text);
/// Such a text for messages: `$`, which it writes as \x24, as it stands in the file.
std::string with_dollars(std::string text);

}  // namespace kiln
