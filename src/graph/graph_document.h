#pragma once

#include <string>

#include "base/yaml.h"

namespace kiln {

/// Does it say `compat: klay`?
bool asks_for_klay(const Yaml& document);

/// The text of a graph as a tree. Where ports and outputs are named, the keys 0 and '0' stand as they are written: what
/// reads them says what they mean. Elsewhere they are one key twice (duplicate-key).
Yaml parse_graph_document(const std::string& content, const std::string& file_name, Diagnostics& faults);

/// The same of a file; an unreadable one throws Error of kind data.
Yaml read_graph_document(const std::string& path, Diagnostics& faults);

}  // namespace kiln
