#include "base/files.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
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

[[noreturn]] void fail_to_read(const std::string& path, const std::string& why) {
  throw Error(ErrorKind::data, "cannot-read", SourcePos::whole_file(path), "it cannot be read: " + why);
}

/// What comes out of a pipe has no size beforehand; files that say 0 (of /proc) neither.
constexpr std::uint64_t kLongestPipe = 256u << 20;

/// Opened by a shell or another program, as opposed to a named pipe, which may wait for a writer forever.
bool is_anonymous_pipe(const std::string& path, const struct stat& status) {
  struct statfs system {};
  return S_ISFIFO(status.st_mode) && ::statfs(path.c_str(), &system) == 0 && system.f_type == PIPEFS_MAGIC;
}

void reserve(std::string& bytes, std::uint64_t size, const std::string& path) {
  try {
    bytes.reserve(size);
  } catch (const std::exception&) {
    throw Error(ErrorKind::resources, "out-of-memory", SourcePos::whole_file(path),
                "it has " + std::to_string(size) + " bytes, for which there is not enough memory");
  }
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

std::string ending_of(const std::string& path) { return fs::path(path).extension().string(); }

void require_readable(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) fail_to_read(path, reason());
  if (S_ISREG(status.st_mode) || is_anonymous_pipe(path, status)) return;
  const char* what = S_ISDIR(status.st_mode)    ? "it is a folder"
                     : S_ISFIFO(status.st_mode) ? "it is a named pipe"
                                                : "it is a device or a socket";
  fail_to_read(path, std::string(what) + ", not a regular file");
}

std::string read_file(const std::string& path, std::uint64_t most) {
  require_readable(path);
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.descriptor < 0) fail_to_read(path, reason());
  struct stat status {};
  const bool regular = ::fstat(file.descriptor, &status) == 0 && S_ISREG(status.st_mode);
  const std::uint64_t size = regular ? static_cast<std::uint64_t>(status.st_size) : 0;
  most = std::min(most, std::max(size, kLongestPipe));
  std::string bytes;
  if (size <= most) reserve(bytes, size, path);
  char buffer[1 << 16];
  while (size <= most) {
    const ssize_t n = ::read(file.descriptor, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_to_read(path, reason());
    if (n == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(n) > most) break;
    bytes.append(buffer, static_cast<std::size_t>(n));
  }
  fail_to_read(path, "it has more than " + std::to_string(most) + " bytes");
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

void require_writable(const std::string& path) {
  const std::string target = real_target(path);
  require_folder_of(target);
  const fs::path folder = fs::path(target).parent_path();
  if (::access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) != 0) fail_to_write(path, reason());
}

}  // namespace kiln
