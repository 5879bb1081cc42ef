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

/// ">= 1, <= 4", "exact, tabulated" or nothing.
std::string allowed_values(const ConfigEntry& entry);

/// The default, "required" or "inferred".
std::string default_of(const ConfigEntry& entry);

/// What the port is, whether it is optional, its deprecated names.
std::string meaning_of(const PortDeclaration& port);

}  // namespace kiln
