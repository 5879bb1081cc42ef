#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/interpolation.h"
#include "kiln/error.h"

namespace kiln {

/// What main hands to a command.
struct Context {
  std::ostream& out;             ///< results
  std::ostream& err;             ///< warnings, logs
  std::string program_path;      ///< of the executable: libkiln_torch is looked for beside it
  Environment environment;       ///< nothing else reads the environment of the process
  bool product_is_file = false;  ///< set by a command: what it prints is a report that may be lost
};

/// Runs a command whose options are parsed; the exit code.
using Run = std::function<int(Context& context)>;

/// A subcommand. `declare` adds its options to `app`; the returned function owns their values.
struct Command {
  const char* name;
  const char* doc;
  Run (*declare)(CLI::App& app);
};

/// Every command, in the order of the manual.
const std::vector<Command>& commands();

Run declare_validate(CLI::App& app);
Run declare_layers(CLI::App& app);
Run declare_types(CLI::App& app);
Run declare_run(CLI::App& app);
Run declare_train(CLI::App& app);
Run declare_eval(CLI::App& app);
Run declare_info(CLI::App& app);
Run declare_export(CLI::App& app);
Run declare_completion(CLI::App& app);

/// Words that the shell's completion offers for an argument that may be something else, too.
CLI::Validator offered(const std::vector<std::string>& words);

/// --format text|json, for commands whose results or faults a machine may read.
void add_format_option(CLI::App& app, std::string& format);

/// The same for a command that has no results for machines; program.cpp asks for it.
void add_error_format_option(CLI::App& app);

}  // namespace kiln
