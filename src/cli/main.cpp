#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "cli/program.h"

namespace {

/// Of the running executable: libkiln_torch is looked for beside it.
std::string program_path(const char* called_as) {
  std::error_code failed;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? called_as : path.string();
}

std::optional<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// Of the process, as exit is.
bool finished = false;  ///< the program ends by itself
const pid_t started = getpid();

/// A plugin may call exit: that is no success of the program's.
void refuse_exit() {
  if (finished || getpid() != started) return;  // plugins are tried in a process of their own
  std::cerr << "error: a plugin or another library has ended the program\n";
  std::cerr.flush();
  std::_Exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  std::atexit(refuse_exit);
  std::signal(SIGPIPE, SIG_DFL);  // `kiln … | head` ends quietly, whoever started it
  std::ios::sync_with_stdio(false);
  kiln::Context context{std::cout, std::cerr, program_path(argv[0]), variable};
  const int code = kiln::run_program(argc, argv, context);
  finished = true;
  std::cout.flush();
  if (code != 0 || std::cout) return code;
  std::cerr << (context.product_is_file ? "warning" : "error") << ": the output could not be written\n";
  return context.product_is_file ? 0 : static_cast<int>(kiln::ErrorKind::resources);
}
