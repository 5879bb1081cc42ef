#include "kernels/levels.h"

namespace kiln {

namespace kernels {
#define KILN_DECLARE_LEVEL(name)              \
  namespace name {                            \
  extern const KernelTable<double> table_f64; \
  extern const KernelTable<float> table_f32;  \
  }
KILN_DECLARE_LEVEL(x86_64)
KILN_DECLARE_LEVEL(v3)
KILN_DECLARE_LEVEL(v4)
#undef KILN_DECLARE_LEVEL

template <>
const KernelTable<double>& kernel_table<double>(VectorLevel level) {
  switch (level) {
    case VectorLevel::x86_64_v4:
      return v4::table_f64;
    case VectorLevel::x86_64_v3:
      return v3::table_f64;
    default:
      return x86_64::table_f64;
  }
}

template <>
const KernelTable<float>& kernel_table<float>(VectorLevel level) {
  switch (level) {
    case VectorLevel::x86_64_v4:
      return v4::table_f32;
    case VectorLevel::x86_64_v3:
      return v3::table_f32;
    default:
      return x86_64::table_f32;
  }
}
}  // namespace kernels

}  // namespace kiln
