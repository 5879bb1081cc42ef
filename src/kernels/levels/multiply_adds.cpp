#include "kernels/levels/functions.h"

namespace kiln::kernels::KILN_LEVEL {

/// Twelve independent chains hide the latency of the multiply-add; nothing is loaded or stored.
template <class T>
double multiply_adds(long n) {
  constexpr int kChains = 12;
  Vector<T> x[kChains];
  for (int i = 0; i < kChains; ++i) x[i] = zero<T>() + T(i + 1);
  const Vector<T> a = zero<T>() + T(0.999), b = zero<T>() + T(1e-3);
  for (long k = 0; k < n; ++k) {
    // Rounding at every step: nothing the compiler may shorten.
    for (int i = 0; i < kChains; ++i) x[i] = x[i] * a + b;
  }
  Vector<T> sum = x[0];
  for (int i = 1; i < kChains; ++i) sum += x[i];
  volatile T keep = horizontal_sum<T>(sum);
  (void)keep;
  return static_cast<double>(n) * kChains * kLanes<T>;
}

template double multiply_adds<double>(long);
template double multiply_adds<float>(long);

}  // namespace kiln::kernels::KILN_LEVEL
