#pragma once

#include <memory>

#include "base/level.h"
#include "engines/engine.h"

namespace kiln {

/// The engine that needs the C++ standard library only. Throws Error of kind configuration naming the layer if the
/// graph holds something it cannot run. Weights pass once through `prepare` (tables rebuilt in float64, couplings
/// folded, packed). One thread; the result's bits depend on the vector level only.
std::unique_ptr<Engine> make_native_engine(const LoweredGraph& graph, const Weights& weights, Precision precision);

/// The same with the kernels of a given level, which the machine must support: for tests and benchmarks.
std::unique_ptr<Engine> make_native_engine(const LoweredGraph& graph, const Weights& weights, Precision precision,
                                           VectorLevel level);

}  // namespace kiln
