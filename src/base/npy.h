#pragma once

#include <map>
#include <string>

#include "base/safetensors.h"

namespace kiln {

/// numpy's array file, versions 1 to 3. Either byte order, C or Fortran order; float16 to float64, integers (unsigned
/// ones of 16 bits and more become the next wider signed type), bool. Throws Error of kind data: truncated, objects,
/// complex numbers, texts, records.
Tensor read_npy(const std::string& bytes, const std::string& file_name);

/// Throws Error of kind usage for bfloat16, which numpy does not know.
std::string write_npy(const Tensor& tensor);

/// numpy's archive of arrays by name, uncompressed. Throws Error of kind data, also where two arrays have one name.
/// `npz_entries` gives what read_npy reads: others may be texts or objects.
std::map<std::string, std::string> npz_entries(const std::string& bytes, const std::string& file_name);
std::map<std::string, Tensor> read_npz(const std::string& bytes, const std::string& file_name);
std::string write_npz(const std::map<std::string, Tensor>& arrays);

}  // namespace kiln
