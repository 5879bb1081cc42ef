#pragma once

#include "graph/sub_graph.h"

namespace kiln {

// Where how often something is repeated is not known, one copy stands for all if each gives the same.

/// Does the layer give what its config says, whatever it reads?
bool gives_alike(const Yaml& layer);

/// Do all layers of the block, and are all of its outputs theirs?
bool gives_alike(const SubGraph& graph);

}  // namespace kiln
