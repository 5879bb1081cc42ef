#pragma once

#include <string>
#include <utility>
#include <vector>

namespace kiln {

/// A file inside a zip archive: name, content.
using ZipEntry = std::pair<std::string, std::string>;

/// Entries in the archive's order, checksums compared; archives above 4 GB too (zip64). Only stored entries: numpy's
/// `savez` and torch's `save` write no others. Throws Error of kind data: truncated, damaged, overlapping, compressed,
/// encrypted.
std::vector<ZipEntry> read_zip(const std::string& bytes, const std::string& file_name);

/// Names alone, of compressed entries too.
std::vector<std::string> zip_names(const std::string& bytes, const std::string& file_name);

/// Stored entries, up to 4 GB in all; the same entries give the same bytes.
std::string write_zip(const std::vector<ZipEntry>& entries);

}  // namespace kiln
