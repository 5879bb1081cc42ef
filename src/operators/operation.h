#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "operators/atom_operators.h"
#include "operators/edge_operators.h"
#include "operators/row_function.h"

namespace kiln {

// The operators every layer lowers to. Plain data: what is computed, with weights by name. The arithmetic stands in
// kernels/ (native) and in operators/*_text (ATen). Inputs and output are indices into the fields of the lowered
// graph.
//
// Convention of a lowered graph: receiver = center i, edge vectors r_ij from receiver to sender; layers that are
// defined with the other direction carry (-1)^l in their path coefficients.

/// A torch function or module that has no operator of its own: the expression with $0, $1 … for its inputs and $name
/// for its weights (operators/torch_target.h). Runs on the torch engine only.
struct Call {
  std::string target;           ///< for messages
  std::string expression;       ///< TorchScript
  std::vector<int> list_sizes;  ///< per $k: -1 for one field, else so many fields as a list
  std::vector<std::pair<std::string, std::string>> weights;  ///< name in the expression, full name
  bool evaluation = false;  ///< frozen: in evaluation mode also while others are trained
  bool random = false;      ///< draws random numbers in training (Dropout)
};

/// Element of the tuple or list that a call gives; of a tensor, the row. Negative: from the end.
struct Element {
  int index = 0;
  bool optional = false;  ///< by its type it may be None: of code from outside
};

using Operator =
    std::variant<OneHot, EdgeLengths, Harmonics, RadialBasis, RadialFunctions, Network, Linear, EdgeConvolution,
                 SymmetricContraction, Add, Activation, SpeciesTable, Affine, SumAtoms, Call, Element, RowFunction>;

/// One step of a lowered graph.
struct Operation {
  Operator op;
  std::vector<int> inputs;  ///< field indices
  int output = -1;          ///< field index
  std::string layer;        ///< the YAML layer it comes from, for messages
  int hops = 0;  ///< its output is needed on the first n_rows[hops] rows (atom level), or on the edges of their
                 ///< receivers (edge level); 0 for system fields
};

const char* name_of(const Operator& op);  ///< "linear", "edge_convolution", …

}  // namespace kiln
