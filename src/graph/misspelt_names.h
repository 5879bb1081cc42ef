#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/yaml.h"

namespace kiln {

/// Sections of a graph.
const std::vector<std::string>& section_names();
/// Keys of a layer; those of its templates (graph/expand_templates.h) come last.
const std::vector<std::string>& layer_keys();

/// Sections and keys of layers whose names are misspelt get the names that are meant, so that what they hold is looked
/// at; that they are misspelt is told. Only what is missing is meant.
void settle_misspelt_names(Yaml& document, Diagnostics& faults);

}  // namespace kiln
