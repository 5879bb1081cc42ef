#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/safetensors.h"

namespace kiln {

/// A value of a pickled state dict. Plain data: `tensor` views a storage, a file of its own in the archive.
struct PickleValue {
  enum class Kind { other, integer, text, list, dictionary, global, storage, tensor } kind = Kind::other;
  std::int64_t integer = 0;         ///< booleans too
  std::string text;                 ///< of a global "module name"; of a storage or tensor the storage's key
  std::vector<PickleValue*> items;  ///< of a list or tuple
  std::vector<std::pair<PickleValue*, PickleValue*>> entries;  ///< of a dictionary
  TensorDType dtype = TensorDType::f32;                        ///< of a storage or tensor
  std::int64_t n_elements = 0;                                 ///< of a storage, or of the one that a tensor views
  std::int64_t offset = 0;                                     ///< of a tensor, in elements
  std::vector<std::int64_t> shape, strides;                    ///< of a tensor, in elements
};

/// What a pickle describes; owns all values.
struct Pickle {
  std::vector<std::unique_ptr<PickleValue>> values;
  PickleValue* root = nullptr;
};

/// Reads pickle protocol 2 as torch writes it. Calls are not made: OrderedDict, tensors and parameters are known by
/// name, whatever else is named is refused. Throws Error of kind data.
Pickle read_pickle(const std::string& bytes, const std::string& file_name);

}  // namespace kiln
