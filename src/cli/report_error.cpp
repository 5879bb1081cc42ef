#include "cli/report_error.h"

#include "base/diagnostics.h"
#include "cli/help_pages.h"

namespace kiln {

namespace {

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

/// The subcommand that was being parsed, or the program itself.
const CLI::App& innermost(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : *chosen.front();
}

std::string hint_for_unknown_option(const CLI::App& app) {
  for (const std::string& extra : app.remaining(/*recurse=*/true)) {
    const std::string guess = did_you_mean(extra.substr(0, extra.find('=')), option_names(innermost(app)));
    if (extra.rfind("--", 0) == 0 && !guess.empty()) return guess;
  }
  return "";
}

std::string command_name(const CLI::App& app) {
  const CLI::App& inner = innermost(app);
  return &inner == &app ? app.get_name() : app.get_name() + " " + inner.get_name();
}

/// An error that is made of the faults has the warnings already.
Error with_warnings(const Diagnostics& faults, const Error& error) {
  if (faults.has_errors()) return error;
  Diagnostics all = faults;
  all.add(error.diagnostics());
  return Error(error.kind(), all.list);
}

}  // namespace

Error error_of(const TorchFailure& failure, const SourcePos& where, const std::string& hint) {
  if (failure.out_of_memory) return Error(ErrorKind::resources, "out-of-memory", where, failure.first_line(), hint);
  return Error(ErrorKind::data, "torch-failed", where, failure.first_line(), hint);
}

void tell(const Diagnostics& faults, Context& context) {
  for (const Diagnostic& fault : faults.list) context.err << to_string(fault) << "\n";
}

int with_warnings_told(const Diagnostics& faults, const std::function<int()>& work) {
  try {
    return work();
  } catch (const TorchFailure& failure) {
    throw with_warnings(faults, error_of(failure));
  } catch (const Error& error) {
    throw with_warnings(faults, error);
  }
}

int report_error(const Error& error, bool as_json, Context& context) {
  if (as_json)
    context.out << to_json(Diagnostics{error.diagnostics()}) << "\n";
  else
    context.err << error.what() << "\n";
  return static_cast<int>(error.kind());
}

int report_parse_result(const CLI::ParseError& result, const CLI::App& app, bool as_json, Context& context) {
  if (result.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    context.out << help_text(app, innermost(app));
    return 0;
  }
  const std::string guess = hint_for_unknown_option(app);
  const std::string help = "'" + command_name(app) + " --help' lists what there is.";
  return report_error(
      Error(ErrorKind::usage, "bad-command-line", result.what(), guess.empty() ? help : guess + " " + help), as_json,
      context);
}

}  // namespace kiln
