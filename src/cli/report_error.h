#pragma once

#include <functional>

#include "base/diagnostics.h"
#include "cli/command.h"
#include "engines/torch/torch_failure.h"

namespace kiln {

/// A matter of the numbers, of code from outside or of memory: the rest of a graph is checked before torch sees it.
Error error_of(const TorchFailure& failure, const SourcePos& where = {}, const std::string& hint = {});

/// Everything collected, on the error stream.
void tell(const Diagnostics& faults, Context& context);

/// What `work` returns. An Error that it throws tells the warnings in `faults`, too.
int with_warnings_told(const Diagnostics& faults, const std::function<int()>& work);

/// Text on the error stream, or their JSON (docs/architecture.md, "What is frozen") on the output; the exit code of
/// this kind of error.
int report_error(const Error& error, bool as_json, Context& context);

/// Command lines that cannot be parsed, --help and --version. `app` is the whole program.
int report_parse_result(const CLI::ParseError& result, const CLI::App& app, bool as_json, Context& context);

}  // namespace kiln
