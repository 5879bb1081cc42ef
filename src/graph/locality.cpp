#include "graph/locality.h"

#include <algorithm>
#include <utility>

#include "graph/graph_checker.h"
#include "graph/liveness.h"

namespace kiln {

namespace {

/// A domain of a simulation has no cell.
bool reads_cell(const CheckedGraph& graph, const CheckedLayer& layer) {
  const auto is_cell = [&](int field) { return graph.fields[field].type.meaning == Meaning::cell; };
  return std::any_of(layer.inputs.begin(), layer.inputs.end(),
                     [&](const std::vector<int>& port) { return std::any_of(port.begin(), port.end(), is_cell); });
}

/// What no output reads does not count.
std::string global_layer_of(const CheckedGraph& graph) {
  const LiveParts live = live_parts(graph);
  const std::vector<bool> mixes = layers_that_mix_rows(graph, {Level::atom, Level::edge});
  for (std::size_t i = 0; i < graph.layers.size(); ++i)
    if (live.layers[i] && (mixes[i] || reads_cell(graph, graph.layers[i]))) return graph.layers[i].name;
  return "";
}

}  // namespace

bool reads_any(const CheckedLayer& layer, const std::vector<bool>& fields) {
  return std::any_of(layer.inputs.begin(), layer.inputs.end(), [&](const std::vector<int>& port) {
    return std::any_of(port.begin(), port.end(), [&](int field) { return fields[field]; });
  });
}

std::vector<bool> with_free_rows(const CheckedGraph& graph, std::vector<bool> fields) {
  for (const CheckedLayer& layer : graph.layers) {  // in execution order
    if (!layer.row_wise || !reads_any(layer, fields)) continue;
    for (const int field : layer.outputs)
      if (graph.fields[field].type.level == Level::free) fields[field] = true;
  }
  return fields;
}

std::vector<bool> layers_that_mix_rows(const CheckedGraph& graph, const std::set<Level>& levels) {
  std::vector<bool> rows, mixes;
  for (const CheckedField& field : graph.fields) rows.push_back(levels.count(field.type.level) != 0);
  rows = with_free_rows(graph, std::move(rows));
  for (const CheckedLayer& layer : graph.layers) mixes.push_back(!layer.row_wise && reads_any(layer, rows));
  return mixes;
}

std::vector<int> needed_hops(const CheckedGraph& graph) {
  std::vector<int> needed(graph.layers.size(), -1);
  const auto need = [&](int field, int hops) {
    const int layer = graph.fields[field].layer;
    if (layer >= 0) needed[layer] = std::max(needed[layer], hops);
  };
  for (const CheckedOutput& output : graph.outputs) need(output.field, 0);
  for (int i = static_cast<int>(graph.layers.size()) - 1; i >= 0; --i) {
    if (needed[i] < 0) continue;
    const CheckedLayer& layer = graph.layers[i];
    for (std::size_t port = 0; port < layer.inputs.size(); ++port) {
      const int further = layer.declaration->reads_senders(static_cast<int>(port)) ? 1 : 0;
      for (int field : layer.inputs[port]) need(field, needed[i] + further);
    }
  }
  return needed;
}

void settle_hops(CheckedGraph& graph) {
  const auto hops_of = [&](int field) {
    const int layer = graph.fields[field].layer;
    return layer < 0 ? 0 : graph.layers[layer].hops;
  };
  for (CheckedLayer& layer : graph.layers) {
    layer.hops = layer.declaration->passes_messages() ? 1 : 0;
    for (std::size_t port = 0; port < layer.inputs.size(); ++port) {
      const int further = layer.declaration->reads_senders(static_cast<int>(port)) ? 1 : 0;
      for (int field : layer.inputs[port]) layer.hops = std::max(layer.hops, hops_of(field) + further);
    }
  }
  graph.global_layer = global_layer_of(graph);
  double cutoff = 0.0;
  for (const EdgeSet& edge_set : graph.edge_sets) cutoff = std::max(cutoff, edge_set.cutoff);
  for (CheckedOutput& output : graph.outputs) {
    output.hops = hops_of(output.field);
    graph.n_hops = std::max(graph.n_hops, output.hops);
  }
  graph.influence_distance = graph.n_hops * cutoff;
}

std::vector<std::vector<std::string>> stages_of(const CheckedGraph& graph) {
  std::vector<std::vector<std::string>> stages(static_cast<std::size_t>(graph.n_hops));
  const std::vector<int> needed = needed_hops(graph);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const CheckedLayer& layer = graph.layers[i];
    if (needed[i] >= 0 && layer.declaration->passes_messages())
      stages[static_cast<std::size_t>(needed[i])].push_back(layer.name);
  }
  return stages;
}

}  // namespace kiln
