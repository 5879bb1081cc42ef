#pragma once

#include "operators/operation.h"

namespace kiln {

/// Paths of e3nn's o3.Linear (docs/layers.md, linear maps): each output block is normalized by the copies of its irrep
/// over all input blocks; flat weights, input blocks outside, output blocks inside. Sets everything but the name of the
/// weight.
Linear linear(const Irreps& in, const Irreps& out);

/// Paths of e3nn's FullyConnectedTensorProduct of features with n_attributes scalars (docs/layers.md, tensor products).
Linear linear_with_attributes(const Irreps& in, int n_attributes, const Irreps& out);

/// Length of the flat weight.
std::int64_t weight_size(const Linear& linear);

}  // namespace kiln
