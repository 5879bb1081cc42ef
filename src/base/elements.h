#pragma once

#include <string>

namespace kiln {

/// "Si" for 14. Throws Error of kind data outside 1 .. 118.
const std::string& element_symbol(int atomic_number);

/// 14 for "Si"; 0 if there is no such element (letter case matters).
int atomic_number_of(const std::string& symbol);

}  // namespace kiln
