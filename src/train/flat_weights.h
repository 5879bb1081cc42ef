#pragma once

#include <string>
#include <vector>

#include "base/weights.h"
#include "graph/lowered_graph.h"

namespace kiln {

/// The trainable weights as one array: what the optimizer works on.
struct WeightLayout {
  struct Part {
    std::string name;
    std::size_t first = 0, size = 0;
  };
  std::vector<Part> parts;  ///< in the order of the graph's parameters
  std::size_t size = 0;
};

WeightLayout make_layout(const LoweredGraph& graph, const Weights& weights);

std::vector<double> gather(const WeightLayout& layout, const Weights& weights);
void scatter(const WeightLayout& layout, const std::vector<double>& flat, Weights& weights);

}  // namespace kiln
