#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/source_text.h"
#include "base/yaml_limits.h"

namespace kiln {

/// What yaml-cpp's parser reports, in order. Sequences and mappings are brackets around their children.
struct YamlEvent {
  enum class Kind { null, scalar, alias, sequence, mapping, end };

  Kind kind = Kind::null;
  std::size_t offset = 0;  ///< byte of the source text
  std::size_t anchor = 0;  ///< the node's, or the one an alias refers to; 0: none
  std::string tag;         ///< "?": plain, "!": quoted or block text, else as resolved
  std::string text;        ///< of a scalar
};

/// Reads the one document of the source. Returns false after a syntax error or a second document (reported).
/// `${…}` in flow mappings and sequences is accepted with a warning.
bool read_yaml_events(const SourceText& source, std::vector<YamlEvent>& events, Diagnostics& faults);

}  // namespace kiln
