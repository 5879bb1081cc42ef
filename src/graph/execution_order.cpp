#include "graph/execution_order.h"

#include <algorithm>
#include <set>

namespace kiln {

namespace {

struct Edge {
  int from = -1;    ///< layer that is read
  SourcePos where;  ///< of the reference
};

/// A layer on the way along what is read.
struct Step {
  int layer = -1;
  std::size_t n_tried = 0;  ///< of the layers that it reads
  SourcePos where;          ///< of the reference that was tried last
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

void tell_cycle(const WiredGraph& graph, const std::vector<Step>& path, std::size_t first, Diagnostics& faults) {
  std::string text;
  for (std::size_t i = first; i < path.size(); ++i)
    text += step(*graph.layers[path[i].layer].spec, path[i].where) + " <- ";
  faults.error("cycle", path[first].where, "cycle: " + text + graph.layers[path[first].layer].spec->name,
               "each line is where that layer reads the next; cut one of these references");
}

/// Walks along what the layers read: one that stands on the path already closes a cycle. Of cycles that share a layer
/// one is told.
class CycleFinder {
 public:
  CycleFinder(const WiredGraph& graph, const std::vector<std::vector<Edge>>& edges, Diagnostics& faults)
      : graph_(graph), edges_(edges), faults_(faults), place_(edges.size(), kNew), told_(edges.size(), false) {}

  void walk_from(int start) {
    enter(start);
    while (!path_.empty()) {
      const int layer = path_.back().layer;
      if (path_.back().n_tried == edges_[layer].size()) {
        place_[layer] = kLeft;
        path_.pop_back();
        continue;
      }
      const Edge& edge = edges_[layer][path_.back().n_tried++];
      path_.back().where = edge.where;
      if (place_[edge.from] >= 0) close(static_cast<std::size_t>(place_[edge.from]));
      enter(edge.from);
    }
  }

 private:
  static constexpr int kNew = -1, kLeft = -2;

  void enter(int layer) {
    if (place_[layer] != kNew) return;
    place_[layer] = static_cast<int>(path_.size());
    path_.push_back({layer, 0, {}});
  }

  void close(std::size_t first) {
    for (std::size_t i = first; i < path_.size(); ++i)
      if (told_[path_[i].layer]) return;
    for (std::size_t i = first; i < path_.size(); ++i) told_[path_[i].layer] = true;
    tell_cycle(graph_, path_, first, faults_);
  }

  const WiredGraph& graph_;
  const std::vector<std::vector<Edge>>& edges_;
  Diagnostics& faults_;
  std::vector<int> place_;  ///< of each layer on the path
  std::vector<bool> told_;
  std::vector<Step> path_;
};

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
  CycleFinder cycles(graph, edges, faults);
  for (const int layer : rest) cycles.walk_from(layer);
  return order;
}

}  // namespace kiln
