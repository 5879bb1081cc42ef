#pragma once

#include "base/yaml.h"

namespace kiln {

/// A scalar whose interpolation is at fault, or a number out of range, which is told; it stands in the tree as it is
/// written.
void mark_unresolved(Yaml& scalar);
bool is_unresolved(const Yaml& node);

/// What a check says of a value that could not be resolved tells its fault a second time: removes this. A list is at
/// fault with what it holds.
void drop_faults_of_unresolved(const Yaml& root, Diagnostics& faults);

}  // namespace kiln
