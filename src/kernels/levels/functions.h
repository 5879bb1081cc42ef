#pragma once

#include "kernels/levels.h"
#include "kernels/levels/vector.h"

namespace kiln::kernels::KILN_LEVEL {

template <class T>
void gemm(const Gemm<T>& arguments);
template <class T>
void edge_convolution_forward(const EdgeConvolutionArguments<T>& arguments);
template <class T>
void edge_convolution_reverse(const EdgeConvolutionArguments<T>& arguments);
template <class T>
void contraction_forward(const ContractionArguments<T>& arguments);
template <class T>
void contraction_reverse(const ContractionArguments<T>& arguments);
template <class T>
void contraction_coefficients_reverse(const ContractionArguments<T>& arguments);
void harmonics_forward(const HarmonicsArguments& arguments);
void harmonics_reverse(const HarmonicsArguments& arguments);
template <class T>
double multiply_adds(long n);

extern const KernelTable<double> table_f64;
extern const KernelTable<float> table_f32;

}  // namespace kiln::kernels::KILN_LEVEL
