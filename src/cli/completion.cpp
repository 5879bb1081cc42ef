#include "cli/command.h"
#include "cli/completion_table.h"

namespace kiln {

namespace {

using Words = std::vector<std::string>;

std::string joined_by(const Words& words, const std::string& separator) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

/// Between single quotes, for the three shells alike: no quote inside.
std::string quoted(std::string text) {
  for (char& c : text)
    if (c == '\'') c = '"';
  return "'" + text + "'";
}

Words names_of(const std::vector<CompletionOption>& options) {
  Words names;
  for (const CompletionOption& option : options) names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

}  // namespace

// ---- bash -----------------------------------------------------------------------------------------------------------

namespace {

/// The command that fills COMPREPLY.
std::string bash_value(const CompletionValue& value) {
  if (value.is_file) return "_kiln_files " + joined_by(value.endings, " ");
  return value.words.empty() ? ":" : "_kiln_words " + quoted(joined_by(value.words, " "));
}

std::string bash_patterns(const CompletionCommand& command, const CompletionOption& option) {
  Words patterns;
  for (const std::string& name : option.names) patterns.push_back(quoted(command.name + " " + name));
  return joined_by(patterns, "|");
}

const char* const kBashHead =
    R"(# Completion of kiln for bash: source it, or put it into ~/.local/share/bash-completion/completions/kiln
_kiln_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }

# Folders, and files with one of these endings; without endings all files.
_kiln_files() {
  local IFS=$'\n' ending
  compopt -o filenames 2>/dev/null
  [ $# -gt 0 ] || COMPREPLY=($(compgen -f -- "$cur"))
  [ $# -eq 0 ] || COMPREPLY=($(compgen -d -- "$cur"))
  for ending in "$@"; do COMPREPLY+=($(compgen -f -X "!*$ending" -- "$cur")); done
}

_kiln() {
  local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
  COMPREPLY=()
  [ "$cur" != "=" ] || { cur=; before="= $before"; }
  [ "$before" != "=" ] || before="= ${COMP_WORDS[COMP_CWORD-2]}"
)";

std::string bash_options(const std::vector<CompletionCommand>& commands) {
  std::string text = "  case \"$command ${before#= }\" in\n";
  for (const CompletionCommand& command : commands)
    for (const CompletionOption& option : command.options)
      if (option.takes_value)
        text += "    " + bash_patterns(command, option) + ") " + bash_value(option.value) + "; return ;;\n";
  return text + "  esac\n  case \"$before\" in \"= \"*) _kiln_files; return ;; esac\n";
}

/// Arguments by their place: the words after the command that are no options and no values of options.
std::string bash_arguments(const std::vector<CompletionCommand>& commands) {
  std::string text = "  case \"$command\" in\n";
  for (const CompletionCommand& command : commands) {
    text += "    " + command.name + ") case \"$cur\" in -*) _kiln_words " +
            quoted(joined_by(names_of(command.options), " ")) + "; return ;; esac\n";
    Words with_value;
    for (const CompletionOption& option : command.options)
      if (option.takes_value) with_value.insert(with_value.end(), option.names.begin(), option.names.end());
    text += "      case \"$(_kiln_place " + quoted(joined_by(with_value, " ")) + ")\" in\n";
    for (std::size_t k = 0; k < command.arguments.size(); ++k)
      text += "        " + std::to_string(k) + ") " + bash_value(command.arguments[k]) + " ;;\n";
    text += "      esac ;;\n";
  }
  return text + "  esac\n}\n";
}

const char* const kBashPlace = R"(
# How many arguments stand before the word; the options given here take the next word.
_kiln_place() {
  local place=0 k
  for ((k = 2; k < COMP_CWORD; ++k)); do
    case " $1 " in *" ${COMP_WORDS[k]} "*) ((++k)); continue ;; esac
    case "${COMP_WORDS[k]}" in -*|=) ;; *) [ "${COMP_WORDS[k-1]}" = "=" ] || ((++place)) ;; esac
  done
  echo "$place"
}

complete -F _kiln kiln
)";

}  // namespace

std::string bash_completion(CLI::App& program) {
  const std::vector<CompletionCommand> commands = completion_table(program);
  Words first = names_of(completion_of_program(program));
  for (const CompletionCommand& command : commands) first.push_back(command.name);
  return kBashHead + std::string("  if [ \"$COMP_CWORD\" -eq 1 ]; then _kiln_words ") + quoted(joined_by(first, " ")) +
         "; return; fi\n" + bash_options(commands) + bash_arguments(commands) + kBashPlace;
}

// ---- zsh ------------------------------------------------------------------------------------------------------------

namespace {

/// What has a meaning in a specification of _arguments.
std::string zsh_doc(const std::string& doc) {
  std::string text;
  for (const char c : doc)
    text += c == '[' || c == ']' || c == ':' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return text;
}

std::string zsh_action(const CompletionValue& value) {
  if (!value.words.empty()) return "(" + joined_by(value.words, " ") + ")";
  if (!value.is_file) return " ";
  if (value.endings.empty()) return "_files";
  Words stems;
  for (const std::string& ending : value.endings) stems.push_back(ending.substr(1));
  return "_files -g \"*.(" + joined_by(stems, "|") + ")\"";
}

std::string zsh_option(const CompletionOption& option) {
  std::string text;
  for (const std::string& name : option.names)
    text += " \\\n      " + quoted(name + (option.takes_value && name[1] == '-' ? "=[" : "[") + zsh_doc(option.doc) +
                                   "]" + (option.takes_value ? ":value:" + zsh_action(option.value) : ""));
  return text;
}

}  // namespace

std::string zsh_completion(CLI::App& program) {
  std::string names, cases;
  for (const CompletionCommand& command : completion_table(program)) {
    names += "    " + quoted(command.name + ":" + zsh_doc(command.doc)) + "\n";
    cases += "    " + command.name + ") _arguments -s";
    for (const CompletionOption& option : command.options) cases += zsh_option(option);
    for (std::size_t k = 0; k < command.arguments.size(); ++k)
      cases += " \\\n      " + quoted(std::to_string(k + 1) + ":argument:" + zsh_action(command.arguments[k]));
    cases += " ;;\n";
  }
  std::string options;
  for (const CompletionOption& option : completion_of_program(program)) options += zsh_option(option);
  return "#compdef kiln\n# Completion of kiln for zsh: put it as _kiln into a folder of $fpath, or source it after "
         "compinit\n"
         "_kiln() {\n  local -a commands=(\n" +
         names + "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    _arguments" + options +
         "\n    return\n  fi\n  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n" +
         cases + "  esac\n}\nif [ \"$funcstack[1]\" = _kiln ]; then _kiln \"$@\"; else compdef _kiln kiln; fi\n";
}

// ---- fish -----------------------------------------------------------------------------------------------------------

namespace {

std::string fish_value(const CompletionValue& value) {
  if (!value.words.empty()) return " -xa " + quoted(joined_by(value.words, " "));
  if (!value.is_file) return " -x";
  if (value.endings.empty()) return " -rF";
  std::string pattern = "/";
  for (const std::string& ending : value.endings) pattern += "|\\" + ending;
  return " -xa '(__fish_complete_path (commandline -ct) | string match -re \"(?:" + pattern + ")(?:\\t|\\z)\")'";
}

std::string fish_option(const std::string& condition, const CompletionOption& option) {
  std::string text = "complete -c kiln" + condition;
  for (const std::string& name : option.names)
    text += name[1] == '-' ? " -l " + name.substr(2) : " -s " + name.substr(1);
  return text + (option.takes_value ? fish_value(option.value) : "") + " -d " + quoted(option.doc) + "\n";
}

}  // namespace

std::string fish_completion(CLI::App& program) {
  std::string text =
      "# Completion of kiln for fish: put it as kiln.fish into ~/.config/fish/completions\ncomplete -c kiln -f\n";
  for (const CompletionOption& option : completion_of_program(program))
    text += fish_option(" -n __fish_use_subcommand", option);
  for (const CompletionCommand& command : completion_table(program)) {
    text += "complete -c kiln -n __fish_use_subcommand -a " + command.name + " -d " + quoted(command.doc) + "\n";
    const std::string condition = " -n '__fish_seen_subcommand_from " + command.name + "'";
    for (const CompletionOption& option : command.options) text += fish_option(condition, option);
    for (const CompletionValue& argument : command.arguments)
      text += "complete -c kiln" + condition + fish_value(argument) + "\n";
  }
  return text;
}

// ---------------------------------------------------------------------------------------------------------------------

Run declare_completion(CLI::App& app) {
  struct Shell {
    const char* name;
    std::string (*script)(CLI::App&);
  };
  static constexpr Shell kShells[] = {{"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};
  auto name = std::make_shared<std::string>();
  app.add_option("SHELL", *name, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->option_text(" ");
  add_error_format_option(app);
  return [name, &app](Context& context) {
    for (const Shell& shell : kShells)
      if (*name == shell.name) context.out << shell.script(*app.get_parent());
    return 0;
  };
}

}  // namespace kiln
