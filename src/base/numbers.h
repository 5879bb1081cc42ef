#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

/// The whole text as a number, whatever the locale; a leading '+' is allowed. False if it is none or out of range.
/// Reals may be "nan" and "inf": callers that want finite numbers check.
bool read_real(std::string_view text, double& value);
bool read_integer(std::string_view text, std::int64_t& value);

/// The shortest text that reads back as the same number: "4" for 4.0, "1e-10".
std::string shortest_text(double value);

/// As Python prints it, always recognizable as a real: "4.0", "1e-10", "1e+16", "inf".
std::string python_text(double value);

/// Of all of them, not above 2^62: how many numbers an array of this shape has.
std::int64_t product(const std::vector<std::int64_t>& numbers);

/// Sizes of an array as Python prints them: "(4, 2)", "(4,)", "()"; or as a list: "[4, 2]".
std::string shape_text(const std::vector<std::int64_t>& shape);
std::string list_text(const std::vector<std::int64_t>& numbers);

}  // namespace kiln
