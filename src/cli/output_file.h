#pragma once

#include <string>

namespace kiln {

/// Throws Error of kind usage if writing `output` would replace `input`: the same file, under whatever names. Empty
/// names are no files.
void require_other_file(const std::string& output, const std::string& input);

}  // namespace kiln
