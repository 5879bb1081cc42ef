#pragma once

#include <string>

namespace kiln {

/// Why these bytes of a file are no whole shared library for this machine; "" if they are one. To be asked before
/// dlopen, which maps what the headers promise: behind the end of a file that was cut there is a bus error.
std::string fault_of_shared_library(const std::string& bytes);

/// How a child process (fork) ends that only loads this library: what initializes its static objects runs there first,
/// and again here, so that an exception in it, which ends a program, does not end this one. "" if the child comes back
/// from loading, whether the library could be opened or not; within a minute.
std::string fault_of_loading(const std::string& path);

}  // namespace kiln
