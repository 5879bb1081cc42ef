#pragma once

#include <map>
#include <string>
#include <vector>

namespace kiln {

/// The names after '$' in the expression of a Call or a RowFunction, in order; "" of a '$' without a name.
std::vector<std::string> names_in(const std::string& expression);

/// The expression with every $name replaced by the name's value, which must be there.
std::string substitute(const std::string& expression, const std::map<std::string, std::string>& values);

}  // namespace kiln
