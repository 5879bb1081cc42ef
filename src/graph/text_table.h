#pragma once

#include <string>
#include <vector>

namespace kiln {

/// Rows as lines with aligned columns, two blanks between them; the first row is the head. Widths count characters.
std::string text_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace kiln
