#pragma once

#include "base/level.h"
#include "engines/engine.h"

namespace kiln::bench {

/// Multiply-adds the arithmetic of R1 needs per atom, whatever the program: counted in bench/README.md.
constexpr double kR1MultiplyAdds = 1457e3;

/// Fused multiply-adds per second (all lanes) of a loop that touches registers only.
double multiply_add_rate(Precision precision, VectorLevel level);

}  // namespace kiln::bench
