#pragma once

#include <memory>
#include <string>

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

/// Why the function of a plugin cannot run here; "" if it can: it must have both bodies and be one of atoms.
std::string why_not_native(const LoweredGraph& graph, const Operation& operation, const RowFunction& function);

}  // namespace kiln
