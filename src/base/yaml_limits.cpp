#include "base/yaml_limits.h"

#include <algorithm>

namespace kiln {
namespace {

void include(YamlSize& whole, const YamlSize& child) {
  whole.nodes += child.nodes;
  whole.scalar_bytes += child.scalar_bytes;
  whole.depth = std::max(whole.depth, child.depth + 1);
}

}  // namespace

YamlSize size_of(const Yaml& node) {
  YamlSize size;
  size.scalar_bytes = node.text.size();
  for (const Yaml& item : node.items) include(size, size_of(item));
  for (const auto& [key, value] : node.entries) {
    include(size, size_of(key));
    include(size, size_of(value));
  }
  return size;
}

}  // namespace kiln
