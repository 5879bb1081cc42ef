#pragma once

#include "operators/aten_text.h"

namespace kiln {

/// Lines of the bias-free network (docs/layers.md, radial functions) on a variable [n_rows, widths[0]].
struct NetworkText {
  std::vector<int> widths;
  std::vector<std::string> weights;  ///< names
  bool f64 = false;                  ///< weights widened to float64 (knot values of a float32 program)
};

/// The layers up to the last hidden one, activated: [n_rows, widths[size - 2]].
std::string write_hidden_layers(const NetworkText& network, const std::string& input, TextWriter& out,
                                const std::string& name);
/// The last layer, linear, on the result of write_hidden_layers.
std::string write_last_layer(const NetworkText& network, const std::string& hidden, TextWriter& out,
                             const std::string& name);

}  // namespace kiln
