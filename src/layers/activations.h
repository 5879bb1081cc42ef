#pragma once

namespace kiln {

/// e3nn's constants c = E[act(z)^2]^{-1/2}, from 10^6 seeded random numbers (reference: layers.md 2.6).
inline constexpr double kSiluConstant = 1.6791767923989418;

}  // namespace kiln
