#pragma once

#include <string>
#include <vector>

#include "kiln/error.h"

namespace kiln {

/// Collects faults, so that a check reports all of them at once.
struct Diagnostics {
  std::vector<Diagnostic> list;

  void error(std::string code, SourcePos where, std::string what, std::string hint = {});
  void warning(std::string code, SourcePos where, std::string what, std::string hint = {});
  void add(const std::vector<Diagnostic>& others);
  std::size_t n_errors() const;
  bool has_errors() const { return n_errors() > 0; }

  /// Removes faults of further copies of what is repeated that are told for an earlier copy, and what is told twice.
  void tell_copies_once();
};

/// Is the fault, wherever it stands, among these?
bool says_the_same(const std::vector<Diagnostic>& faults, const Diagnostic& fault);

/// Throws Error of this kind with everything collected if there is an error; else does nothing.
void throw_if_errors(const Diagnostics& faults, ErrorKind kind);

/// {"valid": bool, "diagnostics": [{severity, code, file, line, column, message, hint}]} as one JSON text.
std::string to_json(const Diagnostics& faults);

/// The name in `known` that is nearest to `name` (edit distance at most a third of its length, at least 1, 0 of one
/// letter; where both have dots, of the last words, too, unless one is the beginning of the other); "" if none is near,
/// or several equally.
std::string misspelt_name(const std::string& name, const std::vector<std::string>& known);

/// The same, or the first of several, else the only one without dots that ends with '_' and `name` or, of three letters
/// or more, begins with it: a guess.
std::string nearest_name(const std::string& name, const std::vector<std::string>& known);

/// "Did you mean 'x'?" or "" if no name is near.
std::string did_you_mean(const std::string& name, const std::vector<std::string>& known);

}  // namespace kiln
