#pragma once

#include "engines/engine.h"
#include "engines/torch/torch_program.h"
#include "graph/lowered_graph.h"

namespace kiln {

/// The whole graph as TorchScript text and tensors (docs/architecture.md); the text is valid Python, too
/// (python_module). Methods:
///   forward(<model inputs in file order>) -> Tensor or Tuple in file order of model_outputs
///   named(<the same>) -> Dict[str, Tensor]
///   potential(species [N], structure [n_owned], n_structures: int,
///             receiver [E], sender [E], edge_vectors [E, 3],      (these three once per edge set)
///             gradients: bool, create_graph: bool)
///     -> Tuple[energies [S], atom energies [n_owned], dE/d(edge vectors) [E, 3] per edge set]     (potentials only)
/// The first n_owned rows are the owned ones. Energies and sums over edges are float64, the rest is in the program's
/// precision. In `forward`, an input `structure` tells owned atoms (0) from ghosts (1) in evaluation mode, and numbers
/// the structures in training mode; per-structure outputs have a leading [S] then.
/// The edges may come in any order. Throws Error of kind configuration naming what cannot be written.
TorchProgram make_torch_program(const LoweredGraph& graph, const Weights& weights, Precision precision);

/// The same methods as the text of a Python module with a class `Graph`, for people who want to read, trace or change
/// the model in Python: `Graph(torch.jit.load(FILE))` has the weights of the file that the program was saved to.
std::string python_module(const LoweredGraph& graph, Precision precision);

}  // namespace kiln
