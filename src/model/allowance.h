#pragma once

#include <string>
#include <vector>

namespace kiln {

/// What may run code from outside, by name. Nothing else turns it on: no file, no environment variable.
struct Allowance {
  std::vector<std::string> python;   ///< packages or modules whose objects may be imported: "pkg.mod"
  std::vector<std::string> layers;   ///< layers whose archives (`.pt`, or in a model file) may run
  std::vector<std::string> plugins;  ///< libraries with layers: paths, or names looked for in KILN_PLUGINS
};

/// From `--allow` options: "python:pkg.mod", "code:LAYER", "plugin:PATH". Throws Error of kind usage.
Allowance read_allowance(const std::vector<std::string>& texts);

/// Is this object in an allowed package? "pkg.mod" allows "pkg.mod.Class" and "pkg.mod.sub.f", not "pkg.modern.f".
bool allows_python(const Allowance& allowance, const std::string& target);
bool allows_code(const Allowance& allowance, const std::string& layer);

}  // namespace kiln
