#pragma once

#include <string>

namespace kiln {

/// Why these bytes of a file are no whole shared library for this machine; "" if they are one. To be asked before
/// dlopen, which maps what the headers promise: behind the end of a file that was cut there is a bus error.
std::string fault_of_shared_library(const std::string& bytes);

}  // namespace kiln
