#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace kiln {

/// ".npy" of "x.npy"; "" where there is none.
std::string ending_of(const std::string& path);

/// Throws Error of kind data unless `path` is a regular file or an anonymous pipe (/dev/stdin, <(command)): of a
/// folder, a device or a named pipe nobody knows whether it ends.
void require_readable(const std::string& path);

/// Whole file as bytes. Throws Error of kind data naming the path and the reason: not readable, longer than `most`, a
/// pipe that gives more than 256 MiB; of kind resources if it does not fit into memory.
std::string read_file(const std::string& path, std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

/// A file that is written piece by piece and takes its place at once or not at all: temporary file beside it, fsync,
/// rename, fsync of the folder. Follows links, keeps permissions, replaces nothing but a regular file. Destroyed before
/// `commit`, it leaves nothing behind. All throw Error of kind resources.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const std::string& bytes);
  void commit();

 private:
  void discard();

  std::string path_, target_, temporary_;
  int descriptor_ = -1;  ///< -1 once committed
};

/// The whole of an AtomicFile.
void write_file_atomically(const std::string& path, const std::string& bytes);

/// Throws Error of kind resources naming the folder that `path` should lie in if there is no such folder.
void require_folder_of(const std::string& path);

/// What an AtomicFile would refuse at the end of a long computation, before it: throws Error of kind resources if
/// `path` is no regular file but exists, or lies in a folder that does not exist or cannot be written to.
void require_writable(const std::string& path);

/// Lower-case hexadecimal SHA-256 of the bytes (FIPS 180-4).
std::string sha256(const std::string& bytes);

}  // namespace kiln
