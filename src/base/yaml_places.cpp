#include "base/yaml_places.h"

namespace kiln {

void YamlPlaces::add(Yaml& node, const YamlPlace& place) {
  places_[&node] = place;
  for (std::size_t i = 0; i < node.items.size(); ++i) add(node.items[i], {&node, nullptr, i, place.depth + 1});
  for (auto& [key, value] : node.entries) add(value, {&node, &key, 0, place.depth + 1});
}

std::string YamlPlaces::path_of(const Yaml& node) const {
  const YamlPlace& place = of(node);
  if (!place.parent) return "";
  const std::string above = path_of(*place.parent);
  if (!place.key) return above + "[" + std::to_string(place.index) + "]";
  return above.empty() ? place.key->text : above + "." + place.key->text;
}

bool YamlPlaces::is_inside(const Yaml& node, const Yaml& container) const {
  for (const Yaml* up = of(node).parent; up; up = of(*up).parent) {
    if (up == &container) return true;
  }
  return false;
}

}  // namespace kiln
