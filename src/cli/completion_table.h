#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace kiln {

/// What completes an option's value or an argument.
struct CompletionValue {
  std::vector<std::string> words;  ///< the allowed values
  bool is_file = false;
  std::vector<std::string> endings;  ///< of files, with the dot; empty: any
};

struct CompletionOption {
  std::vector<std::string> names;  ///< "-o", "--output"
  std::string doc;
  bool takes_value = true;
  CompletionValue value;
};

struct CompletionCommand {
  std::string name, doc;
  std::vector<CompletionOption> options;
  std::vector<CompletionValue> arguments;  ///< in their order
};

/// Commands, options and allowed values as the program declares them; the endings of files are those that their
/// documentation names.
std::vector<CompletionCommand> completion_table(CLI::App& program);

/// --help and --version, of the program itself.
std::vector<CompletionOption> completion_of_program(CLI::App& program);

std::string bash_completion(CLI::App& program);
std::string zsh_completion(CLI::App& program);
std::string fish_completion(CLI::App& program);

}  // namespace kiln
