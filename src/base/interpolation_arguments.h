#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/nesting.h"
#include "base/text_cursor.h"
#include "base/yaml.h"

namespace kiln {

/// Value of the ${…} at the cursor, which moves behind it.
using ReadInterpolation = std::function<Yaml(TextCursor&)>;

/// Arguments of a resolver, by OmegaConf's grammar: `16`, `1e-3`, `true`, `null`, text with or without quotes,
/// `[a, b]`, `{a: 1}`, and ${…} in any of them. Reads up to the '}' that ends the interpolation, which stays. Throws
/// Stop.
std::vector<Yaml> read_arguments(TextCursor& cursor, const ReadInterpolation& interpolation, Nesting& nesting);

/// The whole text as one such argument: what `oc.decode` gives. With blanks at its ends, what is not in quotes or
/// brackets is text, as in OmegaConf.
Yaml read_one_argument(const std::string& text, const ReadInterpolation& interpolation, Nesting& nesting);

/// A scalar as OmegaConf (Python) prints it inside a text: "4.0", "True", "None".
std::string inserted_text(const Yaml& scalar);

/// Any value as Python shows it inside a list: "[1, 'a', None]", "{'k': 2.0}".
std::string python_repr(const Yaml& node);

/// "a list", "a mapping", "null" or "a single value"
const char* name_of(Yaml::Kind kind);

}  // namespace kiln
