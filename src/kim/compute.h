#pragma once

#include "KIM_ModelDriverHeaders.hpp"

namespace kiln_driver {

/// KIM's Compute routine: reads the arguments, evaluates the potential on a staged graph, writes what was asked for.
/// Signs and orders change here: partialVirial = -W, order xx yy zz yz xz xy; particle virials are symmetrized.
/// Returns 0, or 1 with the reason in kim.log and on stderr.
int compute(const KIM::ModelCompute* compute, const KIM::ModelComputeArguments* arguments) noexcept;

int create_arguments(const KIM::ModelCompute* compute, KIM::ModelComputeArgumentsCreate* arguments) noexcept;
int destroy_arguments(const KIM::ModelCompute* compute, KIM::ModelComputeArgumentsDestroy* arguments) noexcept;

}  // namespace kiln_driver
