#include "cli/command.h"

namespace kiln {

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      {"validate", "check a graph and show what it computes", declare_validate},
      {"layers", "list the layers that a graph may use, or explain one", declare_layers},
      {"types", "list the categories of layers", declare_types},
      {"run", "run any graph on given arrays", declare_run},
      {"train", "train a potential as options.yaml says", declare_train},
      {"eval", "predict energies, forces and stresses and compare them with a reference", declare_eval},
      {"info", "show what a model file holds", declare_info},
      {"export", "write a model for another program", declare_export},
      {"completion", "print a script that completes command lines in a shell", declare_completion},
  };
  return table;
}

CLI::Validator offered(const std::vector<std::string>& words) {
  return {[](std::string&) { return std::string(); }, CLI::IsMember(words).get_description()};
}

void add_format_option(CLI::App& app, std::string& format) {
  app.add_option("--format", format, "how results and errors are printed: text or json (default: text)")
      ->check(CLI::IsMember({"text", "json"}))
      ->option_text("FORMAT");
}

void add_error_format_option(CLI::App& app) {
  app.add_option_function<std::string>(
         "--format", [](const std::string&) {}, "how errors are printed: text or json (default: text)")
      ->check(CLI::IsMember({"text", "json"}))
      ->option_text("FORMAT");
}

}  // namespace kiln
