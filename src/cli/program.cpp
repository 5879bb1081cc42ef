#include "cli/program.h"

#include <new>

#include "base/diagnostics.h"
#include "base/level.h"
#include "cli/help_pages.h"
#include "cli/report_error.h"
#include "kiln/version.h"
#include "model/model.h"

namespace kiln {

namespace {

constexpr const char* kAbout =
    "Kiln: machine-learned interatomic potentials, from a YAML graph to molecular dynamics.\n"
    "Exit codes: 0 ok, 2 usage, 3 configuration, 4 data, 5 numerical, 6 resources, 1 internal.";

void print_version(std::ostream& out) {
  out << "kiln " << version() << "\n"
      << "commit: " << commit() << "\n"
      << "model format versions: 1 to " << kModelFormatVersion << "\n"
      << "vector level: " << name_of(best_level()) << "\n";
}

struct Program {
  CLI::App app{kAbout, "kiln"};
  bool show_version = false;
  std::string help_folder;
  std::vector<std::pair<CLI::App*, Run>> runs;
};

void declare(Program& program) {
  program.app.add_flag("--version", program.show_version, "print version, commit, format versions and vector level");
  program.app.add_option("--help-pages", program.help_folder, "write the manual's pages into this folder")->group("");
  for (const Command& command : commands()) {
    CLI::App* app = program.app.add_subcommand(command.name, command.doc);
    program.runs.emplace_back(app, command.declare(*app));
  }
  program.app.require_subcommand(0, 1);
}

/// A first argument that is neither an option nor a command.
void refuse_unknown_command(int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> names;
  for (const Command& command : commands()) names.push_back(command.name);
  for (const std::string& name : names)
    if (name == argv[1]) return;
  std::string hint = did_you_mean(argv[1], names);
  throw Error(ErrorKind::usage, "unknown-command", "there is no command '" + std::string(argv[1]) + "'",
              hint.empty() ? "'kiln --help' lists the commands" : hint);
}

/// Asked of the arguments themselves, so that it holds for command lines that cannot be parsed.
bool asks_for_json(int argc, const char* const* argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  for (std::size_t i = 1; i < arguments.size(); ++i)
    if (arguments[i] == "--format=json" || (arguments[i] == "json" && arguments[i - 1] == "--format")) return true;
  return false;
}

int run_chosen(Program& program, Context& context) {
  for (auto& [app, run] : program.runs)
    if (app->parsed()) return run(context);
  context.err << program.app.help();
  return static_cast<int>(ErrorKind::usage);
}

/// An empty value is mostly a variable of a script that is not set; nothing takes one.
void refuse_empty_values(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& value : option->results()) {
      if (value.empty())
        throw Error(ErrorKind::usage, "empty-value", option->get_name() + " is given an empty value",
                    "give it a value, or leave it out");
    }
  }
}

int parse_and_run(Program& program, int argc, const char* const* argv, Context& context) {
  refuse_unknown_command(argc, argv);
  declare(program);
  program.app.parse(argc, argv);
  refuse_empty_values(program.app);
  for (const auto& [app, run] : program.runs) refuse_empty_values(*app);
  if (program.show_version) return print_version(context.out), 0;
  if (!program.help_folder.empty()) return write_help_pages(program.app, program.help_folder), 0;
  return run_chosen(program, context);
}

}  // namespace

int run_program(int argc, const char* const* argv, Context& context) {
  const bool as_json = asks_for_json(argc, argv);
  Program program;
  try {
    return parse_and_run(program, argc, argv, context);
  } catch (const CLI::ParseError& result) {
    return report_parse_result(result, program.app, as_json, context);
  } catch (const Error& error) {
    return report_error(error, as_json, context);
  } catch (const TorchFailure& failure) {
    return report_error(error_of(failure), as_json, context);
  } catch (const std::bad_alloc&) {
    return report_error(Error(ErrorKind::resources, "out-of-memory", "there is not enough memory"), as_json, context);
  } catch (const std::exception& error) {
    return report_error(
        Error(ErrorKind::internal, "internal", error.what(), "this is a fault of Kiln: please report it"), as_json,
        context);
  }
}

}  // namespace kiln
