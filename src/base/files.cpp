#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "kiln/error.h"

namespace kiln {
namespace {

namespace fs = std::filesystem;

/// A file descriptor that closes itself.
struct File {
  explicit File(int number) : descriptor(number) {}
  File(const File&) = delete;
  ~File() {
    if (descriptor >= 0) ::close(descriptor);
  }
  int descriptor;
};

std::string reason() { return std::generic_category().message(errno); }

[[noreturn]] void fail_to_write(const std::string& path, const std::string& why) {
  throw Error(ErrorKind::resources, "cannot-write", SourcePos::whole_file(path), "it cannot be written: " + why,
              "Is there space, and may you write to the folder?");
}

void write_all(int descriptor, const std::string& bytes, const std::string& path) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail_to_write(path, n < 0 ? reason() : "nothing was written");
    done += static_cast<std::size_t>(n);
  }
}

/// A new file beside the target, with the permissions that the target has or would get.
int create_beside(const std::string& target, std::string& name) {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    name = target + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(attempt);
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

void sync_folder_of(const std::string& target) {
  const fs::path folder = fs::path(target).parent_path();
  const File handle(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle.descriptor >= 0) ::fsync(handle.descriptor);  // some file systems cannot; the rename has happened
}

/// Where a chain of links ends; refuses what is no regular file, since a rename would replace the device or folder.
std::string real_target(const std::string& path) {
  std::error_code ignored;
  const fs::path target = fs::is_symlink(path, ignored) ? fs::weakly_canonical(path, ignored) : fs::path(path);
  const fs::file_status status = fs::status(target, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status)) fail_to_write(path, "it is not a regular file");
  return target.string();
}

void keep_permissions(int descriptor, const std::string& target) {
  struct stat old {};
  if (::stat(target.c_str(), &old) == 0 && ::fchmod(descriptor, old.st_mode & 07777) != 0)
    fail_to_write(target, reason());
}

}  // namespace

std::string read_file(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto fail = [&] {
    throw Error(ErrorKind::data, "cannot-read", SourcePos::whole_file(path), "it cannot be read: " + reason());
  };
  if (file.descriptor < 0) fail();
  std::string bytes;
  struct stat status {};
  if (::fstat(file.descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
    bytes.reserve(static_cast<std::size_t>(status.st_size));
  }
  char buffer[1 << 16];
  for (;;) {
    const ssize_t n = ::read(file.descriptor, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail();
    if (n == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(n));
  }
}

AtomicFile::AtomicFile(const std::string& path) : path_(path), target_(real_target(path)) {
  require_folder_of(target_);
  descriptor_ = create_beside(target_, temporary_);
  if (descriptor_ < 0) fail_to_write(path_, reason());
  try {
    keep_permissions(descriptor_, target_);
  } catch (...) {
    discard();
    throw;
  }
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
  descriptor_ = -1;
}

void AtomicFile::write(const std::string& bytes) { write_all(descriptor_, bytes, path_); }

void AtomicFile::commit() {
  if (::fsync(descriptor_) != 0 || ::rename(temporary_.c_str(), target_.c_str()) != 0) fail_to_write(path_, reason());
  ::close(descriptor_);
  descriptor_ = -1;
  sync_folder_of(target_);
}

void write_file_atomically(const std::string& path, const std::string& bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void require_folder_of(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  std::error_code ignored;
  if (!folder.empty() && !fs::is_directory(folder, ignored))
    fail_to_write(path, "there is no folder '" + folder.string() + "'");
}

}  // namespace kiln
