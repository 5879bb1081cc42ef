#include "graph/category_table.h"

#include "base/text.h"
#include "graph/text_table.h"
#include "graph/yaml_forms.h"

namespace kiln {

namespace {

std::vector<std::string> names_of(const std::vector<const LayerDeclaration*>& layers) {
  std::vector<std::string> names;
  for (const LayerDeclaration* layer : layers) names.push_back(layer->name);
  return names;
}

}  // namespace

const std::vector<CategoryEntry>& category_table() {
  static const std::vector<CategoryEntry> table = {
      {Category::embedding, "species and geometry as features: one-hot species, harmonics, radial bases"},
      {Category::convolution, "messages along edges, from senders to receivers"},
      {Category::linear, "maps of the features of one atom, irrep by irrep"},
      {Category::readout, "features to energies, and their sums"},
      {Category::physics, "terms that physics gives, without features"},
      {Category::autograd, "derivatives of the energy"},
      {Category::arbitrary, "any torch function or module"},
  };
  return table;
}

std::vector<std::string> category_names() {
  std::vector<std::string> names;
  for (const CategoryEntry& entry : category_table()) names.push_back(to_string(entry.category));
  return names;
}

std::vector<const LayerDeclaration*> layers_of(const LayerTable& table, Category category) {
  std::vector<const LayerDeclaration*> layers;
  for (int i = 0; i < table.size; ++i)
    if (table.begin[i]->category == category) layers.push_back(table.begin[i]);
  return layers;
}

std::string describe_categories(const LayerTable& table) {
  std::vector<std::vector<std::string>> rows = {{"category", "meaning", "layers"}};
  for (const CategoryEntry& entry : category_table()) {
    const std::string layers = joined(names_of(layers_of(table, entry.category)));
    rows.push_back({to_string(entry.category), entry.doc, layers.empty() ? "(of plugins)" : layers});
  }
  return text_table(rows);
}

std::string describe_categories_json(const LayerTable& table) {
  Yaml list = yaml_list(), node = yaml_mapping();
  for (const CategoryEntry& entry : category_table()) {
    Yaml one = yaml_mapping(), layers = yaml_list();
    for (const std::string& name : names_of(layers_of(table, entry.category))) layers.items.push_back(yaml_text(name));
    yaml_set(one, "name", yaml_text(to_string(entry.category)));
    yaml_set(one, "doc", yaml_text(entry.doc));
    yaml_set(one, "layers", layers);
    list.items.push_back(one);
  }
  yaml_set(node, "types", list);
  return to_canonical_json(node);
}

}  // namespace kiln
