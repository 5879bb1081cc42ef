#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace kiln {

/// Random numbers that depend on (seed, stream) only: xoshiro256++ seeded through splitmix64. The same on every
/// machine: normal deviates use a logarithm of their own, since libm's last bits differ between processors.
class Rng {
 public:
  /// Streams of different names are independent: "weights/conv1.linear.weight", "shuffle".
  Rng(std::uint64_t seed, const std::string& stream);

  std::uint64_t next();                      ///< 64 random bits
  double uniform();                          ///< [0, 1), 53 bits
  double normal();                           ///< mean 0, variance 1
  std::uint64_t below(std::uint64_t bound);  ///< 0 .. bound - 1 without bias; bound >= 1

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace kiln
