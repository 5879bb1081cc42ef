#pragma once

#include <memory>
#include <vector>

#include "engines/engine.h"
#include "engines/native/aligned_buffer.h"
#include "engines/native/chunk_senders.h"
#include "engines/native/field_layout.h"
#include "engines/native/plan.h"

namespace kiln::native {

/// Memory of one field; what is empty is not kept.
template <class T>
struct FieldMemory {
  AlignedBuffer<T> values, adjoint;        ///< [rows, layout.row_size]
  std::vector<double> sums, sums_adjoint;  ///< [rows, irreps.dim()] of scalar_sum fields
};

/// Everything an evaluation writes to. The caller's; grows to the largest graph it has seen.
template <class T>
struct Workspace : Engine::Scratch {
  std::vector<FieldMemory<T>> fields;
  std::vector<ChunkSenders> senders;  ///< per operation; of edge convolutions
  Arena arena;
};

/// Rows begin .. begin + n_rows - 1 of the graph: at most kChunkRows.
struct Chunk {
  int index = 0;
  int begin = 0;
  int n_rows = 0;
};

/// What steps see of an evaluation. Field pointers stand at the chunk's first row.
template <class T>
struct Run {
  const AtomGraph& graph;
  const Plan& plan;
  const std::vector<FieldLayout>& layouts;
  Workspace<T>& workspace;
  EngineOutput& out;
  bool gradients = false;

  T* values(int field, const Chunk& chunk) const {
    return workspace.fields[field].values.data() + offset(field, plan.fields[field].local_values, chunk);
  }
  /// nullptr where no derivative is needed.
  T* adjoint(int field, const Chunk& chunk) const {
    if (!plan.fields[field].differentiated) return nullptr;
    return workspace.fields[field].adjoint.data() + offset(field, plan.fields[field].local_adjoint, chunk);
  }
  /// Rows of a field of every chunk.
  T* all_values(int field) const { return workspace.fields[field].values.data(); }
  T* all_adjoints(int field) const { return workspace.fields[field].adjoint.data(); }

 private:
  std::size_t offset(int field, bool local, const Chunk& chunk) const {
    return local ? 0 : static_cast<std::size_t>(chunk.begin) * layouts[field].row_size;
  }
};

/// One operation of the plan with its prepared weights. Immutable.
template <class T>
class Step {
 public:
  virtual ~Step() = default;
  virtual void forward(Run<T>& run, const Chunk& chunk) const = 0;
  /// Adds to the adjoints of its inputs.
  virtual void reverse(Run<T>& run, const Chunk& chunk) const = 0;
};

}  // namespace kiln::native
