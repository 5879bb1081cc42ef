#include "graph/liveness.h"

#include <algorithm>
#include <set>

namespace kiln {

namespace {

struct WeightNames {
  using Names = std::vector<std::string>;
  template <class Op>
  Names operator()(const Op&) const {
    return {};
  }
  Names operator()(const RadialBasis& op) const { return {op.frequencies}; }
  Names operator()(const RadialFunctions& op) const {
    Names names = op.weights;
    names.push_back(op.basis.frequencies);
    return names;
  }
  Names operator()(const Network& op) const { return op.weights; }
  Names operator()(const Linear& op) const { return {op.weight}; }
  Names operator()(const SymmetricContraction& op) const {
    Names names;
    for (const Names& degrees : op.weights) names.insert(names.end(), degrees.begin(), degrees.end());
    return names;
  }
  Names operator()(const SpeciesTable& op) const { return {op.values}; }
  Names operator()(const Affine& op) const { return {op.scale, op.shift}; }
  Names operator()(const Call& op) const { return full_names(op.weights); }
  Names operator()(const RowFunction& op) const { return full_names(op.weights); }
  static Names full_names(const std::vector<std::pair<std::string, std::string>>& weights) {
    Names names;
    for (const auto& [name, full_name] : weights) names.push_back(full_name);
    return names;
  }
};

template <class T, class Predicate>
void keep_if(std::vector<T>& values, Predicate keep) {
  values.erase(std::remove_if(values.begin(), values.end(), [&](const T& value) { return !keep(value); }),
               values.end());
}

}  // namespace

std::vector<std::string> weights_of(const Operator& op) { return std::visit(WeightNames{}, op); }

LiveParts live_parts(const CheckedGraph& graph) {
  LiveParts live{std::vector<bool>(graph.fields.size(), false), std::vector<bool>(graph.layers.size(), false)};
  for (const CheckedOutput& output : graph.outputs) live.fields[output.field] = true;
  for (std::size_t i = graph.layers.size(); i-- > 0;) {
    const CheckedLayer& layer = graph.layers[i];
    live.layers[i] =
        std::any_of(layer.outputs.begin(), layer.outputs.end(), [&](int field) { return live.fields[field]; });
    if (!live.layers[i]) continue;
    for (const std::vector<int>& port : layer.inputs) {
      for (const int field : port) live.fields[field] = true;
    }
  }
  return live;
}

std::vector<bool> live_fields(const LoweredGraph& graph) {
  std::vector<bool> live(graph.fields.size(), false);
  for (const LoweredOutput& output : graph.outputs) {
    if (output.field >= 0) live[output.field] = true;
  }
  if (graph.energy_field >= 0) live[graph.energy_field] = true;
  for (auto op = graph.operations.rbegin(); op != graph.operations.rend(); ++op) {
    if (!live[op->output]) continue;
    for (int field : op->inputs) live[field] = true;
  }
  return live;
}

void drop_dead(LoweredGraph& graph) {
  const std::vector<bool> live = live_fields(graph);
  keep_if(graph.operations, [&](const Operation& op) { return live[op.output]; });
  keep_if(graph.inputs, [&](const LoweredInput& input) { return live[input.field]; });
  std::set<std::string> used;
  for (const Operation& op : graph.operations) {
    for (const std::string& name : weights_of(op.op)) used.insert(name);
  }
  keep_if(graph.parameters, [&](const ParameterSpec& parameter) { return used.count(parameter.name) != 0; });
}

void set_hops(LoweredGraph& graph) {
  std::vector<int> needed(graph.fields.size(), 0);
  graph.n_hops = 0;
  for (auto op = graph.operations.rbegin(); op != graph.operations.rend(); ++op) {
    op->hops = needed[op->output];
    for (std::size_t i = 0; i < op->inputs.size(); ++i) {
      const bool sender = i == 0 && std::holds_alternative<EdgeConvolution>(op->op);
      int& hops = needed[op->inputs[i]];
      hops = std::max(hops, op->hops + (sender ? 1 : 0));
      graph.n_hops = std::max(graph.n_hops, hops);
    }
  }
}

}  // namespace kiln
