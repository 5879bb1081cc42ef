#pragma once

#include "cli/command.h"

namespace kiln {

/// The whole program as a function: parses the arguments, runs a command, reports errors. Returns the exit code.
int run_program(int argc, const char* const* argv, Context& context);

}  // namespace kiln
