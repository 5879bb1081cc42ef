#pragma once

#include <string>

#include "operators/targets/target_faults.h"

namespace kiln {

/// Is it the name of a function that changes its argument, as torch writes them: "torch.relu_"?
bool changes_in_place(const std::string& name);

/// Tells that the call's target is no name of a target, and why or what may be meant. Returns the target that is meant:
/// it is in another module, or misspelt; "" if it is refused, or not known which.
std::string tell_unknown_target(const TargetFaults& faults);

}  // namespace kiln
