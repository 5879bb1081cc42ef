#pragma once

#include <string>
#include <vector>

#include "base/weights.h"
#include "graph/lowered_graph.h"

namespace kiln {

/// The weights that training changes as one array: those that the optimizer works on, then running statistics.
struct WeightLayout {
  struct Part {
    std::string name;
    std::size_t first = 0, size = 0;
  };
  std::vector<Part> parts;    ///< trained ones, then running statistics; each in the order of the graph's parameters
  std::size_t n_trained = 0;  ///< numbers of the first parts, those with gradients
  std::size_t size = 0;       ///< with running statistics
};

bool same(const WeightLayout& a, const WeightLayout& b);

WeightLayout make_layout(const LoweredGraph& graph, const Weights& weights);

std::vector<double> gather(const WeightLayout& layout, const Weights& weights);
void scatter(const WeightLayout& layout, const std::vector<double>& flat, Weights& weights);

}  // namespace kiln
