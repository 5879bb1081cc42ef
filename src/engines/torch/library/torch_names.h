#pragma once

#include <torch/csrc/jit/frontend/resolver.h>

namespace kiln {

/// Dotted names in the text of a program, as Python reads them: torch.x, torch.linalg.x, torch.special.x, torch.fft.x,
/// torch.nn.functional.x (by position as far as Python and ATen agree), torch.ops.namespace.x, torch.float64, torch.pi,
/// math.pi, math.sqrt.
torch::jit::ResolverPtr torch_names();

}  // namespace kiln
