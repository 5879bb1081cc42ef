#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kiln {

/// A dense array, row-major, always float64 in memory.
struct Array {
  std::vector<std::int64_t> shape;
  std::vector<double> data;

  std::int64_t size() const { return static_cast<std::int64_t>(data.size()); }
};

/// All parameters of a model by name, `<layer>.<parameter>`, in name order.
using Weights = std::map<std::string, Array>;

}  // namespace kiln
