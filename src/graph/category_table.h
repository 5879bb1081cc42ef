#pragma once

#include <string>
#include <vector>

#include "graph/layer_declaration.h"

namespace kiln {

struct CategoryEntry {
  Category category;
  const char* doc;  ///< one line
};

/// Every category of layers, in the order of the manual.
const std::vector<CategoryEntry>& category_table();

std::vector<std::string> category_names();

/// The layers of one category.
std::vector<const LayerDeclaration*> layers_of(const LayerTable& table, Category category);

/// What `kiln types` prints: categories with their layers.
std::string describe_categories(const LayerTable& table);

/// {"types": [{name, doc, layers}]}.
std::string describe_categories_json(const LayerTable& table);

}  // namespace kiln
