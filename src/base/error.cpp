#include "kiln/error.h"

#include <fmt/format.h>

namespace kiln {
namespace {

/// Control characters as the one-column signs that Unicode has for them: the caret still stands in its place, and no
/// file can send commands to a terminal. `kept` ones stay.
std::string visible(const std::string& text, const std::string& kept = "") {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    const unsigned char next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    if ((c < 0x20 && kept.find(text[i]) == std::string::npos) || c == 0x7F) {
      shown += "\xE2\x90";
      shown += static_cast<char>(c == 0x7F ? 0xA1 : 0x80 + c);
    } else if (c == 0xC2 && next >= 0x80 && next < 0xA0) {  // U+0080 to U+009F
      shown += "\xEF\xBF\xBD";
      ++i;
    } else {
      shown += text[i];
    }
  }
  return shown;
}

std::string place(const SourcePos& where) {
  if (where.file.empty() && !where.known()) return "";
  const std::string file = where.file.empty() ? "<input>" : visible(where.file);
  return where.known() ? fmt::format("{}:{}:{}: ", file, where.line, where.column) : file + ": ";
}

/// Blanks up to the column; tabs stay tabs, so that the caret stands under its character in any terminal.
std::string padding(const SourcePos& where) {
  std::string pad;
  int column = 1;
  for (unsigned char c : where.excerpt) {
    if (column >= where.column) break;
    if ((c & 0xC0) == 0x80) continue;  // not the first byte of a UTF-8 character
    pad += c == '\t' ? '\t' : ' ';
    ++column;
  }
  return pad;
}

std::string excerpt_with_carets(const SourcePos& where) {
  if (!where.known() || where.excerpt.empty()) return "";
  const std::string underline = where.length > 1 ? std::string(static_cast<std::size_t>(where.length) - 1, '~') : "";
  return fmt::format("\n{:5} | {}\n      | {}^{}", where.line, visible(where.excerpt, "\t"), padding(where), underline);
}

std::string text_of(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) text += '\n';
    text += to_string(diagnostic);
  }
  return text;
}

}  // namespace

std::string to_string(const Diagnostic& diagnostic) {
  std::string text = place(diagnostic.where);
  text += diagnostic.severity == Severity::error ? "error: " : "warning: ";
  text += visible(diagnostic.what) + excerpt_with_carets(diagnostic.where);
  if (!diagnostic.hint.empty()) text += "\n  " + visible(diagnostic.hint);
  return text;
}

Error::Error(ErrorKind kind, std::vector<Diagnostic> diagnostics)
    : std::runtime_error(text_of(diagnostics)), kind_(kind), diagnostics_(std::move(diagnostics)) {}

Error::Error(ErrorKind kind, std::string code, std::string what, std::string hint)
    : Error(kind, std::move(code), SourcePos{}, std::move(what), std::move(hint)) {}

Error::Error(ErrorKind kind, std::string code, SourcePos where, std::string what, std::string hint)
    : Error(kind, {Diagnostic{Severity::error, std::move(code), std::move(where), std::move(what), std::move(hint)}}) {}

}  // namespace kiln
