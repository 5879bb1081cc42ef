#pragma once

#include "engines/engine.h"
#include "engines/torch/torch_program.h"
#include "graph/lowered_graph.h"

namespace kiln {

/// The whole graph as TorchScript text and tensors (DESIGN section 5). Methods:
///   forward(<model inputs in file order>) -> Tensor or Tuple in file order of model_outputs
///   named(<the same>) -> Dict[str, Tensor]
///   potential(species [N], structure [N], n_structures: int, receiver [E], sender [E], edge_vectors [E, 3],
///   create_graph: bool,
///             gradients: bool) -> Tuple[energies [S], atom energies [N], dE/d(edge vectors) [E, 3]]     (potentials
///             only)
TorchProgram make_torch_program(const LoweredGraph& graph, const Weights& weights, Precision precision);

}  // namespace kiln
