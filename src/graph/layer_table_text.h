#pragma once

#include <string>

#include "graph/layer_declaration.h"

namespace kiln {

/// What `kiln layers` prints: one line a layer, with inputs, outputs and config keys.
std::string describe_layers(const LayerTable& table);

/// All declarations as one JSON text: {"layers": [{name, synonyms, category, doc, formula, config, inputs, outputs,
/// parameters}]}.
std::string describe_layers_json(const LayerTable& table);

/// One layer in full: formula, config with types, defaults and ranges, ports, parameters.
std::string describe_layer(const LayerDeclaration& layer);

/// "integer", "irreps", …
std::string to_string(ConfigType type);

}  // namespace kiln
