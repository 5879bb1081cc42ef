#pragma once

#include "cli/command.h"

namespace kiln {

/// Text on the error stream, or the JSON of DESIGN section 7 on the output; the exit code of this kind of error.
int report_error(const Error& error, bool as_json, Context& context);

/// Command lines that cannot be parsed, --help and --version. `app` is the whole program.
int report_parse_result(const CLI::ParseError& result, const CLI::App& app, Context& context);

}  // namespace kiln
