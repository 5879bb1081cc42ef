#pragma once

#include <cstddef>

#include "graph/graph_checker.h"

namespace kiln {

/// What is wrong with one call of a module is told where this call stands, not where the module is made: the faults
/// from `first_fault` on are moved there.
void tell_at_alias(GraphCheck& check, const WiredLayer& alias, std::size_t first_fault);

}  // namespace kiln
