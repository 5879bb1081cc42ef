#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "kiln/error.h"

namespace kiln {

/// A text file in memory that turns byte offsets into lines and columns. Line ends are LF, no byte-order mark.
struct SourceText {
  SourceText(std::string file_name, const std::string& bytes);  ///< drops the byte-order mark, CRLF and CR become LF

  std::string file;
  std::string content;
  std::vector<std::size_t> line_starts;  ///< byte offset of each line

  std::vector<int> characters_before;  ///< of each block of 256 bytes: long lines are common in generated files

  /// The place of a byte. Excerpts are cut after 200 bytes, so that a tree of positions stays small.
  SourcePos at(std::size_t offset, int length = 1) const;
};

/// file:line:column, to name a second place in a message.
std::string place(const SourcePos& where);

int count_characters(std::string_view utf8);

/// Offset of the first byte that is not UTF-8 or is a control character other than tab and line end; npos if none.
std::size_t find_bad_byte(const std::string& bytes);

}  // namespace kiln
