#include "cli/child_process.h"

#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "kiln/error.h"

extern char** environ;

namespace kiln {

namespace {

/// No pipe can run full, and nothing stays behind.
using NamelessFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

NamelessFile nameless_file(const std::string& content = "") {
  NamelessFile file(std::tmpfile(), std::fclose);
  if (!file || std::fwrite(content.data(), 1, content.size(), file.get()) != content.size() ||
      std::fflush(file.get()) != 0)
    throw Error(ErrorKind::resources, "no-temporary-file", "a temporary file could not be written");
  std::rewind(file.get());
  return file;
}

std::string content_of(const NamelessFile& file) {
  std::rewind(file.get());
  std::string content;
  char block[4096];
  for (std::size_t n = 0; (n = std::fread(block, 1, sizeof block, file.get())) > 0;) content.append(block, n);
  return content;
}

struct FileActions {
  posix_spawn_file_actions_t actions;
  FileActions() { posix_spawn_file_actions_init(&actions); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions); }
  void replace(int descriptor, const NamelessFile& file) {
    posix_spawn_file_actions_adddup2(&actions, fileno(file.get()), descriptor);
  }
};

}  // namespace

ChildResult run_child(const std::vector<std::string>& arguments, const std::string& input) {
  const NamelessFile in = nameless_file(input), out = nameless_file(), err = nameless_file();
  FileActions files;
  files.replace(0, in);
  files.replace(1, out);
  files.replace(2, err);
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, words[0], &files.actions, nullptr, words.data(), environ);
  if (failed != 0)
    throw Error(ErrorKind::resources, "no-program",
                "the program '" + arguments[0] + "' cannot be started: " + std::strerror(failed));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, content_of(out), content_of(err)};
}

}  // namespace kiln
