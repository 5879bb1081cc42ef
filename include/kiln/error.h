#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace kiln {

/// Exit codes of the program, and the kind of every Error.
enum class ErrorKind { internal = 1, usage = 2, configuration = 3, data = 4, numerical = 5, resources = 6 };

/// A place in a text file. Lines and columns count from 1; 0 means unknown. Columns count characters.
struct SourcePos {
  std::string file;
  int line = 0;
  int column = 0;
  int length = 1;        ///< characters to underline
  std::string excerpt;   ///< the line itself, without its end
  std::string via = {};  ///< of an included file: who includes it and where; told with every fault
  int copy = 0;          ///< > 0: in a further copy of what is repeated; the first one's faults are told

  bool known() const { return line > 0; }
  static SourcePos whole_file(std::string path) { return {std::move(path), 0, 0, 1, {}}; }
};

enum class Severity { error, warning };

/// What is wrong, where, and how to mend it.
struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;  ///< stable, machine-readable: "unknown-port"
  SourcePos where;
  std::string what;
  std::string hint;  ///< may be empty
  int atom = -1;     ///< the atom of a structure that it is about, from 0; -1: none
};

/// file:line:column: error: what, the excerpt with carets, the hint. Control characters, which could drive a terminal,
/// are shown as signs (U+2400 …).
std::string to_string(const Diagnostic& diagnostic);

/// The one exception of the library. what() is the text of all diagnostics.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, std::vector<Diagnostic> diagnostics);
  Error(ErrorKind kind, std::string code, std::string what, std::string hint = {});
  Error(ErrorKind kind, std::string code, SourcePos where, std::string what, std::string hint = {});

  ErrorKind kind() const { return kind_; }
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  ErrorKind kind_;
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace kiln
