#include "base/torch_normal.h"

#include <cmath>

namespace kiln {

namespace {

constexpr float kLogarithm[] = {7.0376836292e-2f,  -1.1514610310e-1f, 1.1676998740e-1f,
                                -1.2420140846e-1f, 1.4249322787e-1f,  -1.6668057665e-1f,
                                2.0000714765e-1f,  -2.4999993993e-1f, 3.3333331174e-1f};
constexpr float kSine[] = {-1.9515295891e-4f, 8.3321608736e-3f, -1.6666654611e-1f};
constexpr float kCosine[] = {2.443315711809948e-5f, -1.388731625493765e-3f, 4.166664568298827e-2f};
constexpr float kTwoPi = 6.283185307179586f;

template <int n>
float polynomial(const float (&coefficients)[n], float x) {
  float value = coefficients[0];
  for (int k = 1; k < n; ++k) value = std::fma(value, x, coefficients[k]);
  return value;
}

/// ln x of x = m 2^e, m from sqrt(1/2) to sqrt(2); ln 2 is added in two parts, of which one has few digits.
float logarithm(float x) {
  constexpr float kRootOfHalf = 0.707106781186547524f, kLn2 = 0.693359375f, kRestOfLn2 = -2.12194440e-4f;
  int exponent = 0;
  float m = std::frexp(x, &exponent);
  float e = static_cast<float>(exponent);
  const bool low = m < kRootOfHalf;
  e -= low ? 1.0f : 0.0f;
  m = low ? (m - 1.0f) + m : m - 1.0f;
  const float z = m * m;
  float y = std::fma(polynomial(kLogarithm, m) * m, z, e * kRestOfLn2);
  y = std::fma(-0.5f, z, y);
  return std::fma(e, kLn2, m + y);
}

/// Both of an angle from 0 to 2 pi: of what it is beyond an even number of eighths of a turn.
void sine_and_cosine(float angle, float& sine, float& cosine) {
  constexpr float kEighths = 1.27323954473516f;                                                     // 4 / pi
  constexpr float kParts[] = {-0.78515625f, -2.4187564849853515625e-4f, -3.77489497744594108e-8f};  // of -pi / 4
  const int eighth = (static_cast<int>(angle * kEighths) + 1) & ~1;
  float x = angle;
  for (const float part : kParts) x = std::fma(static_cast<float>(eighth), part, x);
  const float z = x * x;
  const float near_one = std::fma(polynomial(kCosine, z) * z, z, -0.5f * z) + 1.0f;
  const float near_zero = std::fma(polynomial(kSine, z) * z, x, x);
  const bool upright = (eighth & 2) == 0;
  sine = upright ? near_zero : near_one;
  cosine = upright ? near_one : near_zero;
  if ((eighth & 4) != 0) sine = -sine;
  if (((eighth - 2) & 4) == 0) cosine = -cosine;
}

}  // namespace

void make_normal(float* sixteen) {
  for (int k = 0; k < 8; ++k) {
    const float radius = std::sqrt(-2.0f * logarithm(1.0f - sixteen[k]));
    float sine = 0.0f, cosine = 0.0f;
    sine_and_cosine(kTwoPi * sixteen[k + 8], sine, cosine);
    sixteen[k] = radius * cosine;
    sixteen[k + 8] = radius * sine;
  }
}

}  // namespace kiln
