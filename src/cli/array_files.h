#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/safetensors.h"

namespace kiln {

/// NAME=FILE or NAME=FILE:KEY as it stands on the command line.
struct ArrayArgument {
  std::string name, file, key;
};

/// FILE ends in .npy, .npz or .safetensors; the key is the name unless one is given, "" of .npy, which holds one array.
/// Throws Error of kind usage.
ArrayArgument parse_array_argument(const std::string& text);

/// Throws Error of kind data: no such file, damaged, no such key.
Tensor read_array(const ArrayArgument& argument);

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// By the ending of the path: npz, npy, safetensors or txt. Throws Error of kind usage for other endings, for npy
/// unless there is one array, and for a name that safetensors has for itself.
void check_arrays_path(const std::string& path, const std::vector<std::string>& names);
void write_arrays(const std::string& path, const NamedTensors& arrays);

/// Name, shape and dtype in one line, then the numbers in brackets; of big arrays the ends.
std::string arrays_text(const NamedTensors& arrays);

/// [{name, dtype, shape, values}] as JSON; values, nested, where asked for.
std::string arrays_json(const NamedTensors& arrays, bool values);

}  // namespace kiln
