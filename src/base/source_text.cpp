#include "base/source_text.h"

#include <algorithm>

namespace kiln {
namespace {

constexpr std::size_t kLongestExcerpt = 200;
constexpr std::size_t kBlock = 256;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::string with_plain_line_ends(const std::string& bytes) {
  const bool has_mark = bytes.compare(0, 3, "\xEF\xBB\xBF") == 0;
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t i = has_mark ? 3 : 0; i < bytes.size(); ++i) {
    if (bytes[i] != '\r') {
      text += bytes[i];
    } else if (i + 1 == bytes.size() || bytes[i + 1] != '\n') {
      text += '\n';
    }
  }
  return text;
}

/// Bytes of the UTF-8 character that starts at `i`; 0 if it is malformed, overlong, a surrogate or above U+10FFFF.
std::size_t character_size(const std::string& bytes, std::size_t i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(bytes[k]); };
  const unsigned char lead = byte(i);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || i + size > bytes.size()) return 0;
  for (std::size_t k = i + 1; k < i + size; ++k) {
    if (!is_continuation(bytes[k])) return 0;
  }
  const unsigned char second = byte(i + 1);
  const bool bad = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                   (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
  return bad ? 0 : size;
}

}  // namespace

SourceText::SourceText(std::string file_name, const std::string& bytes)
    : file(std::move(file_name)), content(with_plain_line_ends(bytes)), line_starts{0} {
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (content[i] == '\n') line_starts.push_back(i + 1);
  }
  const std::string_view text = content;
  int n_characters = 0;
  for (std::size_t i = 0; i <= text.size(); i += kBlock) {
    characters_before.push_back(n_characters);
    n_characters += count_characters(text.substr(i, kBlock));
  }
}

SourcePos SourceText::at(std::size_t offset, int length) const {
  offset = std::min(offset, content.size());
  const auto next = std::upper_bound(line_starts.begin(), line_starts.end(), offset);
  const std::size_t start = *(next - 1);
  const std::size_t end = next == line_starts.end() ? content.size() : *next - 1;
  SourcePos where;
  where.file = file;
  where.line = static_cast<int>(next - line_starts.begin());
  const auto characters_to = [this](std::size_t i) {
    const std::size_t block = i / kBlock;
    return characters_before[block] + count_characters(std::string_view(content).substr(block * kBlock, i % kBlock));
  };
  where.column = 1 + characters_to(offset) - characters_to(start);
  where.length = length;
  std::size_t cut = std::min(end, start + kLongestExcerpt);
  while (cut < end && cut > start && is_continuation(content[cut])) --cut;
  if (offset <= cut) where.excerpt = content.substr(start, cut - start);
  return where;
}

std::string place(const SourcePos& where) {
  return where.known() ? where.file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column)
                       : "the same document";
}

int count_characters(std::string_view utf8) {
  return static_cast<int>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return !is_continuation(c); }));
}

std::size_t find_bad_byte(const std::string& bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const unsigned char c = static_cast<unsigned char>(bytes[i]);
    const bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
    const std::size_t size = control ? 0 : character_size(bytes, i);
    if (size == 0) return i;
    i += size;
  }
  return std::string::npos;
}

}  // namespace kiln
