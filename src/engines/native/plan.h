#pragma once

#include <vector>

#include "graph/lowered_graph.h"

namespace kiln::native {

constexpr int kChunkRows = 64;  ///< receivers a step works on at a time; part of the result's bits, so fixed

/// How the engine keeps a field.
struct FieldPlan {
  int producer = -1;            ///< operation, -1: an input
  int stage = -1;               ///< of the producer
  bool needed = false;          ///< for the energy, the atoms' energies or a kept field
  bool given = false;           ///< an input whose rows are given with the graph of atoms
  bool kept = false;            ///< all its values are read after the evaluation
  bool differentiated = false;  ///< depends on the edge vectors
  bool scalar_sum = false;      ///< energies on their way to the sum: kept in float64, unpadded
  bool local_values = false;    ///< only read while its chunk is worked on: memory of one chunk
  bool local_adjoint = false;
  int only_reader = -1;  ///< operation that alone reads it and writes, not adds to, the adjoint
};

/// Operations that run chunk by chunk: no one reads what another chunk of the same stage writes.
struct Stage {
  std::vector<int> operations;
  int hops = 0;  ///< largest of its operations: decides how many rows there are
};

/// What to run in which order; precision and weights do not matter.
struct Plan {
  std::vector<FieldPlan> fields;
  std::vector<Stage> stages;
  std::vector<int> system_operations;  ///< on sums, after all stages
};

/// `kept`: fields that are asked for beyond the energies; `given`: inputs whose rows are there. Throws Error of kind
/// configuration if the graph has no energy and nothing is kept.
Plan make_plan(const LoweredGraph& graph, const std::vector<int>& kept = {}, const std::vector<int>& given = {});

}  // namespace kiln::native
