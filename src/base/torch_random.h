#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace kiln {

/// The random numbers of torch's CPU generator after `torch.manual_seed(seed)`: modules that are named after torch's
/// start with torch's weights. Values are float32, as torch's default is, and torch's to the bit where it has AVX2: on
/// other machines torch rounds otherwise itself.
class TorchRandom {
 public:
  explicit TorchRandom(std::uint64_t seed);
  std::vector<double> uniform(std::int64_t n, double low, double high);  ///< tensor.uniform_(low, high)
  std::vector<double> normal(std::int64_t n, double mean, double std);   ///< tensor.normal_(mean, std)

 private:
  float fraction();
  double wide_fraction();
  double next_normal();

  std::mt19937 engine_;  ///< the same algorithm as at::mt19937
  double second_ = 0.0;
  bool has_second_ = false;
};

}  // namespace kiln
