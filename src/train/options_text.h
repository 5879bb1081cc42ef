#pragma once

#include <string>

#include "base/yaml.h"

namespace kiln {

/// The tree as YAML in block style that reads back the same: options_restart.yaml. Texts are quoted.
std::string to_yaml_text(const Yaml& node);

}  // namespace kiln
