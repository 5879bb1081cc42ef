#pragma once

namespace kiln {

/// Vector levels for which kernels are compiled; each contains those before it.
enum class VectorLevel {
  x86_64,     ///< SSE2
  x86_64_v3,  ///< AVX2, FMA, BMI, BMI2
  x86_64_v4   ///< AVX-512 F, BW, CD, DQ, VL
};

VectorLevel best_level();  ///< the highest one this processor runs
const char* name_of(VectorLevel level);

}  // namespace kiln
