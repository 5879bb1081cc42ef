#pragma once

#include <map>
#include <string>
#include <vector>

namespace kiln {

/// What may run code from outside, by name. Nothing else turns it on: no file, no environment variable.
struct Allowance {
  std::vector<std::string> python;   ///< packages or modules whose objects may be imported: "pkg.mod"
  std::vector<std::string> layers;   ///< whose code may run: archives (`.pt`, or in a model file), operators
  std::vector<std::string> plugins;  ///< libraries with layers: paths, or names looked for in KILN_PLUGINS
};

/// From `--allow` options: "python:pkg.mod", "code:LAYER", "plugin:PATH". Throws Error of kind usage.
Allowance read_allowance(const std::vector<std::string>& texts);

/// Is this object in an allowed package? "pkg.mod" allows "pkg.mod.Class" and "pkg.mod.sub.f", not "pkg.modern.f".
bool allows_python(const Allowance& allowance, const std::string& target);

/// The name of what is repeated allows the code of all its copies; the name of one copy that copy's.
/// @param copies  of a copy: the name without its number
bool allows_code(const Allowance& allowance, const std::string& layer,
                 const std::map<std::string, std::string>& copies);

}  // namespace kiln
