#include "model/torch_reason.h"

#include <algorithm>

#include "base/text.h"

namespace kiln {

namespace {

constexpr std::size_t kLongest = 400;  // calls without a fitting variant are told with every variant

/// In one line, without the colon that leads to the source.
std::string in_one_line(const std::string& text) {
  std::string line;
  for (const char c : text) {
    const bool is_blank = c == ' ' || c == '\n' || c == '\t';
    if (!is_blank) line += c;
    if (is_blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  line.erase(line.find_last_not_of(" :.") + 1);
  if (line.size() <= kLongest) return line;
  std::size_t end = kLongest;
  while ((line[end] & 0xC0) == 0x80) --end;  // a character of several bytes stays whole
  return line.substr(0, end) + " …";
}

/// (name:13), from what follows `File "` up to the end of the line: name", line 13
std::string source_place(const std::string& source) {
  const std::string line = source.substr(0, source.find('\n'));
  const std::size_t quote = line.find('"');
  const std::size_t digits = line.find_first_of("0123456789", std::min(quote, line.size()));
  if (digits == std::string::npos) return "";
  const std::size_t end = line.find_first_not_of("0123456789", digits);
  return " (" + line.substr(0, quote) + ":" + line.substr(digits, end - digits) + ")";
}

}  // namespace

std::string torch_reason(const std::string& message) {
  const std::string opening = "  File \"";
  const std::size_t source = message.find(opening);
  if (source == std::string::npos || message.find("Traceback (most recent call last)") != std::string::npos)
    return last_line(message);
  return in_one_line(message.substr(0, source)) + source_place(message.substr(source + opening.size()));
}

}  // namespace kiln
