#pragma once

#include <string>

namespace kiln {

/// Why torch refuses code, in one line: what its message says before it shows the source, and where that is, such as
/// "undefined value y (net.py:13)". A message that shows no source (a Python traceback too) gives its last line.
std::string torch_reason(const std::string& message);

}  // namespace kiln
