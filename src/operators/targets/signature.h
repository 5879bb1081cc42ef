#pragma once

#include <string>
#include <vector>

#include "base/yaml.h"

namespace kiln {

/// A value of a signature. Written as "Tensor", "int", "float", "bool", "number" (int or float), "str", "dtype",
/// "Literal['a','b']" (one of these values), "List[…]", "List2[…]" (two of them, or one that stands for all),
/// "Optional[…]", "Tensor..." (all positional tensors from here on, or one list).
struct SignatureType {
  enum class Kind { tensor, integer, real, boolean, number, text, dtype, literal };
  Kind kind = Kind::tensor;
  bool list = false;
  int count = 0;                     ///< of a list: its length; 0: any
  bool variadic = false;             ///< the list may stand as arguments of its own
  bool optional = false;             ///< None is a value
  bool optional_items = false;       ///< None is an item of the list
  std::vector<std::string> choices;  ///< of a literal, as Python writes them
};

struct SignatureArgument {
  std::string name;
  SignatureType type;
  bool keyword_only = false;
  bool has_default = false;
  std::string default_text;  ///< as Python writes it
};

/// `name(type argument=default, *type keyword_only) -> type, type`.
struct Signature {
  std::string name;
  bool takes_anything = false;  ///< `name(*args, **kwargs)`: whatever is given has no meaning
  std::vector<SignatureArgument> arguments;
  std::vector<SignatureType> results;
  std::string text;  ///< as it stands in the table
};

/// Throws Error of kind internal if the text is not a signature: the tables are the project's own.
Signature parse_signature(const std::string& text);

/// "whole number", "list of 2 (number)", "tensor": for messages.
std::string to_string(const SignatureType& type);

/// What torch's functions take: one signature per overload (tools/torch_signatures.py), sorted by name.
const std::vector<Signature>& torch_signatures();

}  // namespace kiln
