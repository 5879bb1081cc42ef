#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "structure/cell.h"

namespace kiln {

/// What is wrong with a comment line, and at which byte of it.
struct CommentFault {
  std::size_t offset = 0;
  std::string code, what, hint;
};

/// One key=value pair of the second line of a frame; the value without its quotes.
struct CommentEntry {
  std::string key, value;
  std::size_t offset = 0;  ///< of the key, bytes
};

/// Splits the line: bare, "quoted" (with \" and \\), [bracketed], {braced} and `_JSON [..]` values, quoted keys; a key
/// without value is "T". A line without any '=' is one entry "comment". Throws CommentFault: unclosed quotes or
/// brackets, a key given twice.
std::vector<CommentEntry> split_comment_line(std::string_view line);

/// The line of one entry: `key=value`, quoted where needed.
std::string comment_entry_text(const std::string& key, const std::string& value);

/// One group of Properties=name:type:n_columns.
struct PropertyGroup {
  std::string name;
  char type = 'R';  ///< R, I, L or S
  int n_columns = 1;
};

// Each throws CommentFault.
std::vector<PropertyGroup> parse_properties(const CommentEntry& entry);
Cell parse_lattice(const CommentEntry& entry);
std::array<bool, 3> parse_periodic(const CommentEntry& entry);

/// Numbers separated by blanks, commas and brackets, a leading `_JSON` left out. False at anything else.
bool parse_numbers(std::string_view text, std::vector<double>& numbers);

/// T, F, True, False, true, false, 1, 0.
bool parse_logical(std::string_view text, bool& value);

}  // namespace kiln
