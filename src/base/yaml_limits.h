#pragma once

#include <cstddef>

#include "base/yaml.h"

namespace kiln {

/// Bounds of a document, with aliases and interpolations counted as what they stand for.
struct YamlLimits {
#ifdef KILN_FUZZING  // sanitizers are slow: a document at its limits must not look like an endless loop
  static constexpr std::size_t nodes = 50'000;
#else
  static constexpr std::size_t nodes = 1'000'000;
#endif
  static constexpr std::size_t depth = 256;
  static constexpr std::size_t scalar_bytes = 16u << 20;
  static constexpr std::size_t file_bytes = 64u << 20;
};

/// What a tree needs of the limits.
struct YamlSize {
  std::size_t nodes = 1, depth = 1, scalar_bytes = 0;
};
YamlSize size_of(const Yaml& node);

}  // namespace kiln
