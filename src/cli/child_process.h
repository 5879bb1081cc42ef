#pragma once

#include <string>
#include <vector>

namespace kiln {

/// What a program that was run left behind.
struct ChildResult {
  int exit_code = 0;  ///< 128 + the signal that ended it
  std::string out, err;
};

/// Runs a program found along PATH, without a shell, and waits for its end. Throws Error of kind resources, code
/// no-program, if it cannot be started.
ChildResult run_child(const std::vector<std::string>& arguments, const std::string& input);

}  // namespace kiln
