#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/text_cursor.h"

namespace kiln {

/// Path of a value, `..a.b[0]`: dots (0: from the root, 1: beside the reference, …) and the keys that follow.
struct InterpolationPath {
  std::size_t n_dots = 0;
  std::vector<std::string> keys;

  std::string text() const;
};

/// Reads one key, which is empty if none stands at the cursor.
using ReadKey = std::function<std::string(TextCursor&)>;

/// Reads dots and keys; the cursor stops at what is no part of a path. Throws Stop (interpolation-syntax) after '.' or
/// '[' without a key and at a bracket that does not end. A path without keys has dots only, or nothing.
InterpolationPath read_path(TextCursor& cursor, const ReadKey& read_key);

}  // namespace kiln
