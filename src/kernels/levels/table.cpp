#include "kernels/levels/functions.h"

namespace kiln::kernels::KILN_LEVEL {

#define KILN_TABLE(T)                                                                                      \
  {                                                                                                        \
    kLanes<T>, gemm<T>, edge_convolution_forward<T>, edge_convolution_reverse<T>, contraction_forward<T>,  \
        contraction_reverse<T>, contraction_coefficients_reverse<T>, harmonics_forward, harmonics_reverse, \
        multiply_adds<T>                                                                                   \
  }

const KernelTable<double> table_f64 = KILN_TABLE(double);
const KernelTable<float> table_f32 = KILN_TABLE(float);

}  // namespace kiln::kernels::KILN_LEVEL
