#pragma once

#include <memory>

#include "engines/engine.h"

namespace kiln {

/// The engine that needs the C++ standard library only. Throws Error of kind configuration naming the layer if the
/// graph holds something it cannot run. Weights pass once through `prepare` (tables rebuilt in float64, couplings
/// folded, packed).
std::unique_ptr<Engine> make_native_engine(const LoweredGraph& graph, const Weights& weights, Precision precision);

}  // namespace kiln
