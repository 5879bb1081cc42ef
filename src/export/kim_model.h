#pragma once

#include <string>

namespace kiln {

/// Driver that runs the exported models; installed from share/kiln/kim-driver.
inline constexpr const char* kKimDriver = "Kiln_Driver_v1";

/// Writes `folder`, a KIM portable model named `name` that carries the model file's bytes:
/// `kim-api-collections-management install user <folder>` installs it. The folder appears whole or not at all; one that
/// was written by this function before is replaced.
/// Throws Error: usage (the name is no C identifier; the folder holds something else), resources (cannot be written).
void write_kim_model(const std::string& folder, const std::string& name, const std::string& model_bytes);

}  // namespace kiln
