#pragma once

#include "cli/command.h"

namespace kiln {

/// Text on the error stream, or their JSON (docs/architecture.md, "What is frozen") on the output; the exit code of
/// this kind of error.
int report_error(const Error& error, bool as_json, Context& context);

/// Command lines that cannot be parsed, --help and --version. `app` is the whole program.
int report_parse_result(const CLI::ParseError& result, const CLI::App& app, bool as_json, Context& context);

}  // namespace kiln
