#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

inline bool starts_with(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

/// Only decimal digits; true for the empty text.
inline bool is_digits(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// ASCII letters only: the same in every locale.
inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

/// "a, b, c".
inline std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// The last line with more than blanks in it, without blanks at its end; "" if there is none.
inline std::string last_line(const std::string& text) {
  const std::string whole = text.substr(0, text.find_last_not_of(" \n") + 1);
  return whole.substr(whole.rfind('\n') + 1);
}

}  // namespace kiln
