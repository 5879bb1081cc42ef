#include "cli/partial_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "kiln/error.h"

namespace kiln {

namespace {

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  throw Error(ErrorKind::resources, "cannot-write", "'" + path + "' cannot be written: " + reason);
}

}  // namespace

PartialFile::PartialFile(const std::string& path)
    : path_(path), partial_(path + ".partial-" + std::to_string(getpid())), out_(partial_, std::ios::binary) {
  if (!out_) fail(path_, std::strerror(errno));
}

PartialFile::~PartialFile() {
  out_.close();
  std::error_code ignored;
  std::filesystem::remove(partial_, ignored);
}

void PartialFile::commit() {
  out_.close();
  if (!out_) fail(path_, std::strerror(errno));
  std::error_code failed;
  std::filesystem::rename(partial_, path_, failed);
  if (failed) fail(path_, failed.message());
}

}  // namespace kiln
