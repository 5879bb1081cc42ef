#pragma once

#include "graph/layer_declaration.h"

namespace kiln {

/// Every layer that YAML may name, sorted by name.
LayerTable layer_table();

}  // namespace kiln
