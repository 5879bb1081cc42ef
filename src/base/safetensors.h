#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/weights.h"

namespace kiln {

enum class TensorDType { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

bool is_real(TensorDType dtype);
std::string name_of(TensorDType dtype);  ///< as numpy and torch call it: "float64", "bool"
std::size_t size_of(TensorDType dtype);  ///< bytes of an element

/// One tensor of a safetensors file: raw little-endian bytes.
struct Tensor {
  TensorDType dtype = TensorDType::f64;
  std::vector<std::int64_t> shape;
  std::vector<unsigned char> bytes;
};

inline constexpr const char* kMetadataKey = "__metadata__";  ///< of the format: no tensor has this name

struct TensorFile {
  std::map<std::string, std::string> metadata;  ///< "__metadata__": text to text
  std::map<std::string, Tensor> tensors;        ///< by name
};

/// Elements of a shape; more than `most` counts as one more than that, so nothing overflows.
std::uint64_t count_elements(const std::vector<std::int64_t>& shape, std::uint64_t most);

Tensor to_tensor(const Array& array, TensorDType dtype);  ///< f64 or f32
Array to_array(const Tensor& tensor);                     ///< any dtype but u8, widened
/// Any integer dtype, in which the values must fit, or booleans.
Tensor to_integer_tensor(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values, TensorDType dtype);
/// The numbers of a tensor of any integer dtype or of booleans (0, 1).
std::vector<std::int64_t> to_integers(const Tensor& tensor);

/// The file as bytes: widest elements first, then in name order, so that every tensor is aligned to its elements and no
/// holes are left (the format allows none).
std::string write_safetensors(const TensorFile& file);

/// Throws Error of kind data that says what is wrong (truncated, header too long, overlapping or missing ranges,
/// unknown dtype).
TensorFile read_safetensors(const std::string& bytes, const std::string& file_name);

}  // namespace kiln
