#include "base/level.h"

namespace kiln {

VectorLevel best_level() {
#if defined(__x86_64__)
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                  __builtin_cpu_supports("bmi2");
  const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  return v4 ? VectorLevel::x86_64_v4 : v3 ? VectorLevel::x86_64_v3 : VectorLevel::x86_64;
#else
  return VectorLevel::x86_64;  // the baseline sources are portable C++
#endif
}

const char* name_of(VectorLevel level) {
  switch (level) {
    case VectorLevel::x86_64_v4:
      return "x86-64-v4";
    case VectorLevel::x86_64_v3:
      return "x86-64-v3";
    case VectorLevel::x86_64:
      break;
  }
  return "x86-64";
}

}  // namespace kiln
