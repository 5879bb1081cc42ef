#pragma once

#include "base/yaml.h"

namespace kiln {

/// Arguments of a module may be numbers that are not finite, which JSON has not: the canonical JSON of a graph holds
/// them as texts, ".inf", "-.inf", ".nan".
Yaml not_finite_as_texts(Yaml value);
/// The way back, also for such texts in a file: outside of mappings, which are no arguments.
Yaml not_finite_as_reals(Yaml value);

}  // namespace kiln
