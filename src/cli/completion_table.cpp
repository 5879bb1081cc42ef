#include "cli/completion_table.h"

namespace kiln {

namespace {

/// "{text,json}", the description of CLI::IsMember, as words.
std::vector<std::string> allowed_values(CLI::Option& option) {
  std::string set;
  try {
    set = option.get_validator(0)->get_description();
  } catch (const CLI::OptionNotFound&) {  // none
  }
  std::vector<std::string> words;
  if (set.size() < 2 || set.front() != '{' || set.back() != '}') return words;
  for (std::size_t first = 1; first < set.size();) {
    const std::size_t end = std::min(set.find(',', first), set.size() - 1);
    words.push_back(set.substr(first, end - first));
    first = end + 1;
  }
  return words;
}

std::vector<std::string> endings_in(const std::string& doc) {
  std::vector<std::string> found;
  for (const char* ending : {".yaml", ".kiln", ".xyz", ".npy", ".npz", ".safetensors", ".pt", ".pth", ".txt", ".svg",
                             ".png", ".pdf", ".dot"}) {
    const std::size_t at = doc.find(ending);
    if (at == std::string::npos || std::isalnum(static_cast<unsigned char>(doc[at + std::string(ending).size()])) != 0)
      continue;
    found.push_back(ending);
    if (found.back() == ".yaml") found.push_back(".yml");
  }
  return found;
}

bool is_file(const CLI::Option& option) {
  const std::string& text = option.get_option_text();
  if (!option.get_positional()) return text.find("FILE") != std::string::npos || text.find("PATH") != std::string::npos;
  return option.get_name() != "NAME";
}

CompletionValue value_of(CLI::Option& option) {
  CompletionValue value;
  value.words = allowed_values(option);
  value.is_file = value.words.empty() && is_file(option);
  if (value.is_file) value.endings = endings_in(option.get_description());
  return value;
}

CompletionOption completion_of(CLI::Option& option) {
  CompletionOption found;
  for (const std::string& name : option.get_snames()) found.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) found.names.push_back("--" + name);
  found.doc = option.get_description();
  found.takes_value = option.get_expected_max() > 0;
  if (found.takes_value) found.value = value_of(option);
  return found;
}

}  // namespace

std::vector<CompletionOption> completion_of_program(CLI::App& program) {
  std::vector<CompletionOption> options;
  for (CLI::Option* option : program.get_options())
    if (!option->get_group().empty()) options.push_back(completion_of(*option));
  return options;
}

std::vector<CompletionCommand> completion_table(CLI::App& program) {
  std::vector<CompletionCommand> commands;
  for (CLI::App* app : program.get_subcommands([](CLI::App*) { return true; })) {
    CompletionCommand command{app->get_name(), app->get_description(), {}, {}};
    for (CLI::Option* option : app->get_options()) {
      if (option->get_group().empty()) continue;
      if (option->get_positional())
        command.arguments.push_back(value_of(*option));
      else
        command.options.push_back(completion_of(*option));
    }
    commands.push_back(std::move(command));
  }
  return commands;
}

}  // namespace kiln
