#pragma once

#include <string>
#include <vector>

#include "base/yaml.h"

namespace kiln {

/// An empty sequence.
Yaml yaml_list();
Yaml yaml_texts(const std::vector<std::string>& texts);

/// A node as messages show it: 'text', null, a list, a mapping.
std::string shown(const Yaml& node);

/// How to write a name that YAML takes for a boolean, such as on, off, yes, no; else `other`.
std::string hint_for_name(const Yaml& node, const std::string& other = {});

/// Where the value of a key stands; where the key does if the value is null. The key must be there.
SourcePos value_where(const Yaml& mapping, const std::string& key);

/// Names of outputs are texts: 1 and '1' are the same. False, and a fault, if one stands twice.
bool check_output_names(const Yaml& model_outputs, Diagnostics& faults);
}  // namespace kiln
