#pragma once

#include <string>

namespace kiln {

/// Whole file as bytes. Throws Error of kind data naming the path and the reason.
std::string read_file(const std::string& path);

/// Replaces the file at once or not at all: temporary file beside it, fsync, rename, fsync of the folder.
/// Throws Error of kind resources.
void write_file_atomically(const std::string& path, const std::string& bytes);

/// Lower-case hexadecimal SHA-256 of the bytes (FIPS 180-4).
std::string sha256(const std::string& bytes);

}  // namespace kiln
