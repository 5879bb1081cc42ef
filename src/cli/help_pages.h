#pragma once

#include "cli/command.h"

namespace kiln {

/// Writes kiln.md and a page for every command into the folder: exactly what --help prints. The pages in docs/cli/ come
/// from here, and a test compares them.
void write_help_pages(const CLI::App& app, const std::string& folder);

}  // namespace kiln
