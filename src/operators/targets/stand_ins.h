#pragma once

#include <optional>
#include <vector>

#include "operators/targets/fitted_call.h"

namespace kiln {

/// A call with something in the place of each argument that is at fault (base/stand_in.h).
struct StandIns {
  CallRequest request;  ///< with tensors of which nothing is known behind the given ones
  std::vector<Binding> bindings;
};

/// nullopt where nothing may stand for one of them: texts, and lists of any length.
std::optional<StandIns> call_with_stand_ins(const FittedCall& call, int trial);

/// The request without the values that are bound anyway.
CallRequest without_values(const CallRequest& request);

/// The same parts, bound otherwise.
FittedCall fitted_with(const CallRequest& request, const FittedCall& call, const std::vector<Binding>& bindings);

}  // namespace kiln
