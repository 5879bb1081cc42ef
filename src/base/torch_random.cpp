#include "base/torch_random.h"

#include <cmath>

#include "base/torch_normal.h"

namespace kiln {

namespace {

constexpr double kTwoPi = 6.283185307179586;

/// What is drawn in sixteens is scaled in one rounding.
void make_scaled_normal(float* sixteen, double mean, double std) {
  const float shift = static_cast<float>(mean), scale = static_cast<float>(std);
  make_normal(sixteen);
  for (int k = 0; k < 16; ++k) sixteen[k] = std::fma(sixteen[k], scale, shift);
}

}  // namespace

TorchRandom::TorchRandom(std::uint64_t seed) : engine_(static_cast<std::uint32_t>(seed)) {}

/// 24 random bits as a fraction.
float TorchRandom::fraction() {
  return static_cast<float>(static_cast<std::uint32_t>(engine_()) & 0xffffffu) * 0x1p-24f;
}

/// 53 random bits as a fraction.
double TorchRandom::wide_fraction() {
  const std::uint64_t high = static_cast<std::uint32_t>(engine_());
  const std::uint64_t low = static_cast<std::uint32_t>(engine_());
  return static_cast<double>((high << 32 | low) & 0x1fffffffffffffull) * 0x1p-53;
}

std::vector<double> TorchRandom::uniform(std::int64_t n, double low, double high) {
  const float from = static_cast<float>(low), to = static_cast<float>(high);
  std::vector<double> values(n);
  for (double& value : values) value = static_cast<float>(static_cast<double>(fraction()) * (to - from) + from);
  return values;
}

/// One number at a time; of each pair the second waits for the next call.
double TorchRandom::next_normal() {
  if (has_second_) {
    has_second_ = false;
    return second_;
  }
  const double u1 = wide_fraction(), u2 = wide_fraction();
  const double radius = std::sqrt(-2.0 * std::log1p(-u2));
  second_ = radius * std::sin(kTwoPi * u1);
  has_second_ = true;
  return radius * std::cos(kTwoPi * u1);
}

std::vector<double> TorchRandom::normal(std::int64_t n, double mean, double std) {
  if (n < 16) {
    std::vector<double> values(n);
    for (double& value : values) value = static_cast<float>(next_normal() * std + mean);
    return values;
  }
  std::vector<float> drawn(n);
  for (float& value : drawn) value = fraction();
  for (std::int64_t k = 0; k + 16 <= n; k += 16) make_scaled_normal(&drawn[k], mean, std);
  if (n % 16 != 0) {  // the last sixteen are drawn anew
    for (std::int64_t k = n - 16; k < n; ++k) drawn[k] = fraction();
    make_scaled_normal(&drawn[n - 16], mean, std);
  }
  return {drawn.begin(), drawn.end()};
}

}  // namespace kiln
