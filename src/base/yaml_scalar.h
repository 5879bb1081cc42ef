#pragma once

#include "base/yaml.h"

namespace kiln {

enum class ScalarFault { none, out_of_range };

/// Types a plain scalar by YAML 1.1 as OmegaConf reads it: sets kind and value of the node from node.text.
ScalarFault resolve_plain_scalar(Yaml& node);

}  // namespace kiln
