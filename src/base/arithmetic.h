#pragma once

#include <cstdint>
#include <functional>

#include "base/nesting.h"
#include "base/text_cursor.h"

namespace kiln {

/// A number that knows whether it is a whole one, as in Python.
struct Number {
  bool is_whole = true;
  std::int64_t whole = 0;
  double real = 0.0;  ///< of whole ones too
};
Number whole_number(std::int64_t value);
Number real_number(double value);

/// Value of the operand at the cursor, which moves behind it: a path such as `a.b[0]` or `..c`, or a ${…}.
using ReadOperand = std::function<Number(TextCursor&)>;

/// Computes the expression at the cursor and stops at what follows it. By Python's rules: `**` before the sign before
/// `* / // %` before `+ -`; brackets; whole numbers stay whole but for `/`; `//` and `%` round down. Functions: abs,
/// ceil, float, floor, int, max, min, round (half to even), sqrt. Throws Stop: wrong syntax, division by zero,
/// overflow, what has no real result, unknown functions.
Number calculate(TextCursor& cursor, const ReadOperand& operand, Nesting& nesting);

}  // namespace kiln
