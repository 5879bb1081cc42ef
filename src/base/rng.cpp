#include "base/rng.h"

#include <cmath>

namespace kiln {
namespace {

std::uint64_t splitmix(std::uint64_t& x) {
  std::uint64_t z = (x += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::uint64_t fnv1a(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3u;
  return hash;
}

std::uint64_t rotate_left(std::uint64_t x, int n) { return (x << n) | (x >> (64 - n)); }

/// log(x), x in (0, 1), by  log m = 2 (t + t^3/3 + t^5/5 + …),  t = (m - 1)/(m + 1):  basic arithmetic only.
double portable_log(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);  // [1/2, 1)
  if (m < 0.70710678118654752) m *= 2, --exponent;
  const double t = (m - 1.0) / (m + 1.0);
  const double t2 = t * t;
  double series = 0.0;
  for (int n = 23; n >= 1; n -= 2) series = series * t2 + 1.0 / n;
  return exponent * 0.69314718055994531 + 2.0 * t * series;
}

}  // namespace

Rng::Rng(std::uint64_t seed, const std::string& stream) : state_{} {
  std::uint64_t x = splitmix(seed) ^ fnv1a(stream);
  for (std::uint64_t& word : state_) word = splitmix(x);
}

std::uint64_t Rng::next() {
  const std::uint64_t result = rotate_left(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

double Rng::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

double Rng::normal() {
  for (;;) {  // Marsaglia's polar method; the second deviate is dropped so that the state is the whole state
    const double u = 2.0 * uniform() - 1.0;
    const double v = 2.0 * uniform() - 1.0;
    const double s = u * u + v * v;
    if (s > 0.0 && s < 1.0) return u * std::sqrt(-2.0 * portable_log(s) / s);
  }
}

std::uint64_t Rng::below(std::uint64_t bound) {
  const std::uint64_t rejected = -bound % bound;  // 2^64 mod bound: the remainder that would bias small results
  for (;;) {
    const std::uint64_t bits = next();
    if (bits >= rejected) return bits % bound;
  }
}

}  // namespace kiln
