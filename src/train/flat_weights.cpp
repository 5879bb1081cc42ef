#include "train/flat_weights.h"

#include <algorithm>

namespace kiln {

bool same(const WeightLayout& a, const WeightLayout& b) {
  const auto same_part = [](const WeightLayout::Part& x, const WeightLayout::Part& y) {
    return x.name == y.name && x.first == y.first && x.size == y.size;
  };
  return a.n_trained == b.n_trained && a.size == b.size &&
         std::equal(a.parts.begin(), a.parts.end(), b.parts.begin(), b.parts.end(), same_part);
}

WeightLayout make_layout(const LoweredGraph& graph, const Weights& weights) {
  WeightLayout layout;
  const auto append = [&](const ParameterSpec& p) {
    const std::size_t size = weights.at(p.name).data.size();
    layout.parts.push_back({p.name, layout.size, size});
    layout.size += size;
  };
  for (const ParameterSpec& p : graph.parameters)
    if (p.trainable) append(p);
  layout.n_trained = layout.size;
  for (const ParameterSpec& p : graph.parameters)
    if (changes_in_forward(p)) append(p);
  return layout;
}

std::vector<double> gather(const WeightLayout& layout, const Weights& weights) {
  std::vector<double> flat(layout.size, 0.0);
  for (const auto& part : layout.parts) {
    const auto found = weights.find(part.name);  // a gradient may lack what the energy does not depend on
    if (found != weights.end())
      std::copy(found->second.data.begin(), found->second.data.end(),
                flat.begin() + static_cast<std::ptrdiff_t>(part.first));
  }
  return flat;
}

void scatter(const WeightLayout& layout, const std::vector<double>& flat, Weights& weights) {
  for (const auto& part : layout.parts) {
    const auto first = flat.begin() + static_cast<std::ptrdiff_t>(part.first);
    std::copy(first, first + static_cast<std::ptrdiff_t>(part.size), weights.at(part.name).data.begin());
  }
}

}  // namespace kiln
