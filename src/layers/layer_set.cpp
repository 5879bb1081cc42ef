#include "layers/layer_set.h"

#include "layers/layer_table.h"

namespace kiln {

LayerTable table_of(const Layers& layers) { return layers == nullptr ? layer_table() : layers->table(); }

}  // namespace kiln
