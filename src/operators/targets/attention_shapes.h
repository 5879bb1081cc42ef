#pragma once

#include "operators/targets/shape_rules.h"

namespace kiln {

/// One of the three tensors of an attention: (steps, batch, columns), with `batch_first` (batch, steps, columns), or
/// one sequence (steps, columns).
struct AttentionRows {
  std::string argument;  ///< its name
  Shape shape;
  std::int64_t columns = 0;  ///< that it must have
};

/// An attention of several heads, as torch.nn.MultiheadAttention takes it.
struct Attention {
  std::vector<AttentionRows> rows;  ///< queries, keys, values
  std::string mask, padding_mask;   ///< names of the arguments
  std::int64_t embed_dim = 0, num_heads = 0;
  bool batch_first = false;
};

/// What the three tensors say together, each as far as it is known.
struct AttentionSizes {
  bool known = false;
  bool single = false;  ///< one sequence, no batch
  Size batch, steps, sources;
};

/// Of tensors without faults.
AttentionSizes sizes_of(const Attention& attention);

/// What is wrong with the tensors and their masks, if anything.
ShapeResult attention_faults(const FittedCall& call, const Attention& attention);

/// Of what is made of the queries' rows; unknown if no tensor's shape is known.
Shape attended_shape(const Attention& attention);

}  // namespace kiln
