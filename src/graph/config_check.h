#pragma once

#include <optional>
#include <string>

#include "graph/layer_declaration.h"

namespace kiln {

/// Compares the config of a layer with its declaration: unknown and missing keys, types, ranges. Values come out in
/// canonical form (text '8' as the integer 8, irreps as blocks), defaults filled in. False if there was an error; then
/// `checked.at_fault` says where.
bool check_config(const std::string& layer, const SourcePos& layer_where, const LayerDeclaration& declaration,
                  const Yaml& config, Config& checked, Diagnostics& faults);

/// The config with something in the place of each value at fault (base/stand_in.h); nullopt where nothing may stand for
/// one of them.
std::optional<Config> config_with_stand_ins(const LayerDeclaration& declaration, const Config& config, int trial);

/// Irreps as a list of {l, mul, p} or as e3nn's text "32x0e + 32x1o". False and a reason if it is neither.
bool read_irreps(const Yaml& node, Irreps& irreps, std::string& reason);

/// Numbers, or text that is one ('8', from an interpolation). A real with a whole value is no integer.
bool read_number(const Yaml& node, double& value);
bool read_whole_number(const Yaml& node, std::int64_t& value);

/// What is wrong with the default of a key; "" if nothing is, or there is none.
std::string fault_of_default(const ConfigEntry& entry);

}  // namespace kiln
