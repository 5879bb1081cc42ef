#pragma once

#include <functional>
#include <map>
#include <vector>

#include "engines/engine.h"

namespace kiln {

/// Fields of a graph for one structure.
struct FieldValues {
  /// As asked for, [rows, irreps.dim()], layout mul_ir; rows are structures, atoms, or the edges of the atom graph.
  std::vector<std::vector<double>> fields;
  std::vector<std::vector<double>> edge_gradients;  ///< of the energy of the first structure; EngineOutput
};

/// Rows of inputs that are fields of atoms, by field: [n_all, irreps.dim()], layout mul_ir.
using GivenRows = std::map<int, std::vector<double>>;

/// The inputs whose rows an evaluation takes: real fields of atoms without a meaning of their own.
std::vector<int> row_inputs(const LoweredGraph& graph);

/// Atoms of further structures than the first are ghosts: they have fields and send messages, but no energy that
/// counts. `rows`: those of all row_inputs; throws Error of kind internal if they are not as many as the atoms.
using FieldFunction = std::function<FieldValues(const AtomGraph& graph, const GivenRows& rows, bool gradients)>;

/// Evaluates any fields on the native engine, not only energies: all that operations make, of any level, whether the
/// graph is a potential or not. Throws Error of kind configuration (code unsupported-operator) naming the layer if
/// there is something that it cannot run.
FieldFunction make_native_fields(const LoweredGraph& graph, const Weights& weights, Precision precision,
                                 const std::vector<int>& fields);

}  // namespace kiln
