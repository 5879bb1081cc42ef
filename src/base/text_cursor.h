#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace kiln {

/// Reading position in the text of a scalar.
struct TextCursor {
  const std::string& text;
  std::size_t i = 0;

  bool at_end() const { return i >= text.size(); }
  char here() const { return at_end() ? '\0' : text[i]; }
  bool sees(std::string_view what) const { return text.compare(i, what.size(), what) == 0; }
  bool sees_one_of(std::string_view characters) const {
    return !at_end() && characters.find(text[i]) != std::string_view::npos;
  }
  void skip_blanks() { i = std::min(text.find_first_not_of(" \t", i), text.size()); }
  /// Bytes of the character here, which may be several in UTF-8.
  std::string character() const {
    std::size_t end = std::min(i + 1, text.size());
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    return text.substr(i, end - i);
  }
};

/// A fault that ends the reading of a text. At the end of the text, `offset` is its size.
struct Stop {
  std::size_t offset;
  const char* code;
  std::string what, hint;
  std::size_t length = 1;  ///< bytes
};

}  // namespace kiln
