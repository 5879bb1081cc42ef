#include "kiln/error.h"

#include <fmt/format.h>

namespace kiln {
namespace {

std::string place(const SourcePos& where) {
  if (where.file.empty() && !where.known()) return "";
  const std::string file = where.file.empty() ? "<input>" : where.file;
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
  return fmt::format("\n{:5} | {}\n      | {}^{}", where.line, where.excerpt, padding(where), underline);
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
  text += diagnostic.what + excerpt_with_carets(diagnostic.where);
  if (!diagnostic.hint.empty()) text += "\n  " + diagnostic.hint;
  return text;
}

Error::Error(ErrorKind kind, std::vector<Diagnostic> diagnostics)
    : std::runtime_error(text_of(diagnostics)), kind_(kind), diagnostics_(std::move(diagnostics)) {}

Error::Error(ErrorKind kind, std::string code, std::string what, std::string hint)
    : Error(kind, {Diagnostic{Severity::error, std::move(code), {}, std::move(what), std::move(hint)}}) {}

}  // namespace kiln
