#pragma once

#include <string>

#include "graph/layer_declaration.h"

namespace kiln {

/// The manual's page of one layer in Markdown: what it does, formula, config, ports, parameters and an example, which
/// is the YAML text of a whole graph.
std::string layer_page(const LayerDeclaration& layer, const std::string& example);

/// The page that leads to all the others, by category.
std::string layer_index_page(const LayerTable& table);

/// Writes index.md and NAME.md for every layer into the folder; examples are read from examples/NAME.yaml in it. The
/// pages in docs/layers/ come from here, and a test compares them.
void write_layer_pages(const LayerTable& table, const std::string& folder);

}  // namespace kiln
