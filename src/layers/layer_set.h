#pragma once

#include <memory>
#include <vector>

#include "graph/layer_declaration.h"

namespace kiln {

/// Kiln's own layers and those of plugins, sorted by name. Tables of it are valid as long as it lives.
struct LayerSet {
  std::vector<std::unique_ptr<const LayerDeclaration>> from_plugins;
  std::vector<const LayerDeclaration*> layers;

  LayerTable table() const { return {layers.data(), static_cast<int>(layers.size())}; }
};

/// What a door hands to all that read graphs; nullptr: Kiln's own layers.
using Layers = std::shared_ptr<const LayerSet>;

/// As declarations; of Kiln's own if there are no others.
LayerTable table_of(const Layers& layers);

}  // namespace kiln
