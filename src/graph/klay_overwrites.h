#pragma once

#include "graph/graph_spec.h"

namespace kiln {

/// What KLay overwrites silently, with `compat: klay`: of things with one name, and of ports with one number, only the
/// one that its readers get is kept, each time with a warning that shows both places. The graph is then as a careful
/// hand would have written it, and nothing behind this knows of the other. Where KLay refuses such a graph itself,
/// since a name would wait for itself, the clash is an error.
void overwrite_as_klay(GraphSpec& graph, Diagnostics& faults);

}  // namespace kiln
