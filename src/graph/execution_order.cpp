#include "graph/execution_order.h"

#include <algorithm>
#include <set>

namespace kiln {

namespace {

struct Edge {
  int from = -1;    ///< layer that is read
  SourcePos where;  ///< of the reference
};

/// Per layer, the layers it reads.
std::vector<std::vector<Edge>> edges_of(const WiredGraph& graph) {
  std::vector<std::vector<Edge>> edges(graph.layers.size());
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    for (const auto& [source, where] : graph.layers[i].references) {
      if (source.kind == Source::Kind::layer) edges[i].push_back({source.index, where});
    }
  }
  return edges;
}

std::string step(const LayerSpec& layer, const SourcePos& where) {
  return layer.name + (where.known() ? " (line " + std::to_string(where.line) + ")" : "");
}

/// Walks from a layer of the rest along what it reads until a layer comes twice.
void report_cycle(const WiredGraph& graph, const std::vector<std::vector<Edge>>& edges, const std::set<int>& rest,
                  std::set<int>& reported, Diagnostics& faults, int start) {
  std::vector<int> path = {start};
  std::vector<SourcePos> where;
  while (true) {
    const auto& sources = edges[path.back()];
    const auto next =
        std::find_if(sources.begin(), sources.end(), [&](const Edge& e) { return rest.count(e.from) != 0; });
    where.push_back(next->where);
    const auto again = std::find(path.begin(), path.end(), next->from);
    if (again == path.end()) {
      path.push_back(next->from);
      continue;
    }
    const std::size_t first = again - path.begin();
    const bool known = reported.count(*again) != 0;
    for (std::size_t i = 0; i < path.size(); ++i) reported.insert(path[i]);
    if (known) return;
    std::string text;
    for (std::size_t i = first; i < path.size(); ++i) text += step(*graph.layers[path[i]].spec, where[i]) + " <- ";
    faults.error("cycle", where[first], "cycle: " + text + graph.layers[path[first]].spec->name,
                 "each line is where that layer reads the next; cut one of these references");
    return;
  }
}

}  // namespace

std::vector<int> execution_order(const WiredGraph& graph, Diagnostics& faults) {
  const std::vector<std::vector<Edge>> edges = edges_of(graph);
  std::vector<std::vector<int>> readers(edges.size());
  std::vector<std::size_t> n_missing(edges.size());  // references to layers that have no place yet
  std::set<int> rest, ready;
  for (int i = 0; i < static_cast<int>(edges.size()); ++i) {
    rest.insert(i);
    n_missing[i] = edges[i].size();
    if (edges[i].empty()) ready.insert(i);
    for (const Edge& edge : edges[i]) readers[edge.from].push_back(i);
  }
  std::vector<int> order;
  while (!ready.empty()) {  // as in the file where nothing speaks against it
    const int next = *ready.begin();
    ready.erase(ready.begin());
    rest.erase(next);
    order.push_back(next);
    for (const int reader : readers[next]) {
      if (--n_missing[reader] == 0) ready.insert(reader);
    }
  }
  std::set<int> reported;
  for (int layer : rest) {
    if (reported.count(layer) == 0) report_cycle(graph, edges, rest, reported, faults, layer);
  }
  return order;
}

}  // namespace kiln
