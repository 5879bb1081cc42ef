#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace kiln {

/// JSON with the end of its line. Names of files and outputs are bytes: what is no UTF-8 becomes U+FFFD.
/// @param indent  blanks a level, -1: all in one line
std::string json_line(const nlohmann::ordered_json& json, int indent = -1);

}  // namespace kiln
