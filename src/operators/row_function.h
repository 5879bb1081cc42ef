#pragma once

#include <string>
#include <utility>
#include <vector>

#include "kiln/span.h"

namespace kiln {

/// One row of every input, float64, layout mul_ir (the components of a copy stand together), and whole weights.
struct RowArguments {
  Span<const Span<const double>> inputs;   ///< in the order of the operation's inputs
  Span<const Span<const double>> weights;  ///< in the order of RowFunction::weights
};

/// A function of a field, row by row, that a plugin brings: twice, once per engine, and the two must agree. That it
/// rotates with the structure is its author's business. Without the two functions, or of edges, it runs on the torch
/// engine only. The functions are called from several threads.
struct RowFunction {
  std::string name;        ///< for messages: "soft_clamp"
  std::string expression;  ///< TorchScript on all rows, as of a Call: $0, $1 … are inputs, $name is a weight
  std::vector<std::pair<std::string, std::string>> weights;  ///< name in the expression, full name

  /// y = f(inputs), overwritten. Sizes are irreps.dim() of each field.
  void (*forward)(const RowArguments& x, Span<double> y) = nullptr;
  /// inputs_bar[k] += (dy / dinput_k)^T y_bar, for every input; inputs_bar comes zeroed.
  void (*reverse)(const RowArguments& x, Span<const double> y_bar, Span<const Span<double>> inputs_bar) = nullptr;
  std::string plugin;  ///< that it comes from, for messages; set when it is lowered
};

}  // namespace kiln
