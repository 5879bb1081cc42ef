#pragma once

#include <memory>
#include <vector>

#include "base/level.h"
#include "base/weights.h"
#include "engines/native/run.h"

namespace kiln::native {

/// A plan with prepared weights. Immutable.
template <class T>
struct Program {
  Plan plan;
  std::vector<FieldLayout> layouts;             ///< per field; empty for fields without irreps
  std::vector<std::unique_ptr<Step<T>>> steps;  ///< per operation; null for those that are not run
  std::vector<int> outputs;                     ///< per operation: its field
  std::vector<int> hops;                        ///< per operation
  std::vector<int> edge_sets;                   ///< per operation; -1 unless an edge convolution
  std::vector<bool> system_fields;              ///< rows are structures
  int n_edge_sets = 0;
  int n_species = 0;
  int energy_field = -1, atom_energy_field = -1;
};

/// `kept`: fields that are asked for beyond the energies; `given`: inputs whose rows are written into the workspace
/// once it is reserved.
template <class T>
Program<T> make_program(const LoweredGraph& graph, const Weights& weights, VectorLevel level,
                        const std::vector<int>& kept = {}, const std::vector<int>& given = {});

/// Throws Error of kind internal if edges or species are not what the program needs.
template <class T>
void check_atom_graph(const Program<T>& program, const AtomGraph& graph);

/// Memory for all fields and the senders of all chunks; adjoints start at zero.
template <class T>
void reserve_workspace(const Program<T>& program, Run<T>& run);

/// The part of a stage's chunk that an operation works on; may be empty.
template <class T>
Chunk chunk_of(const Program<T>& program, const AtomGraph& graph, int operation, int index);

template <class T>
void run_forward(const Program<T>& program, Run<T>& run);

/// From the energies of the first n_structures structures back to run.out.edge_gradients, which are added to.
template <class T>
void run_reverse(const Program<T>& program, Run<T>& run, int n_structures);

/// Energies into out, and with gradients the derivatives by the edge vectors.
template <class T>
void execute(const Program<T>& program, const AtomGraph& graph, bool gradients, Workspace<T>& workspace,
             EngineOutput& out);

}  // namespace kiln::native
