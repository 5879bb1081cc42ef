#pragma once

#include "cli/command.h"

namespace kiln {

/// What `kiln --help` prints, or `kiln COMMAND --help`.
std::string help_text(const CLI::App& program, const CLI::App& command);

/// Writes kiln.md and a page for every command into the folder: exactly what --help prints. The pages in docs/cli/ come
/// from here, and a test compares them.
void write_help_pages(const CLI::App& app, const std::string& folder);

}  // namespace kiln
