#include "cli/help_pages.h"

#include "base/files.h"

namespace kiln {

namespace {

std::string page(const std::string& title, const std::string& help) {
  return "# " + title + "\n\n```text\n" + help + "```\n";
}

}  // namespace

std::string help_text(const CLI::App& program, const CLI::App& command) {
  return &command == &program ? program.help() : command.help(program.get_name());
}

void write_help_pages(const CLI::App& app, const std::string& folder) {
  write_file_atomically(folder + "/kiln.md", page("kiln", help_text(app, app)));
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    write_file_atomically(folder + "/" + command->get_name() + ".md",
                          page("kiln " + command->get_name(), help_text(app, *command)));
}

}  // namespace kiln
