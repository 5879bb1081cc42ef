#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "base/yaml.h"

namespace kiln {

/// Where a node stands in its tree.
struct YamlPlace {
  Yaml* parent = nullptr;
  const Yaml* key = nullptr;  ///< in a mapping
  std::size_t index = 0;      ///< in a list
  std::size_t depth = 1;
};

/// The places of nodes, which must stay where they are in memory.
class YamlPlaces {
 public:
  /// The node and all below it.
  void add(Yaml& node, const YamlPlace& place);

  bool know(const Yaml& node) const { return places_.find(&node) != places_.end(); }
  const YamlPlace& of(const Yaml& node) const { return places_.at(&node); }

  /// "model_layers.a.config.blocks[0]"
  std::string path_of(const Yaml& node) const;
  bool is_inside(const Yaml& node, const Yaml& container) const;

 private:
  std::unordered_map<const Yaml*, YamlPlace> places_;
};

}  // namespace kiln
