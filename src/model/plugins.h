#pragma once

#include <string>
#include <vector>

#include "layers/layer_set.h"

namespace kiln {

/// Opens plugins and puts their layers beside Kiln's own: all of them, or Error of kind configuration with what is
/// wrong with each. nullptr where there are none. Their code stays until the process ends: graphs and engines point
/// into it.
/// @param plugins  as allowed: paths, or names of files in one of the folders
/// @param folders  where names are looked for, as KILN_PLUGINS has them: with colons between them
Layers load_plugins(const std::vector<std::string>& plugins, const std::string& folders);

}  // namespace kiln
