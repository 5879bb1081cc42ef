#include "graph/execution_order.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

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

/// Walks along what the layers read: one that stands on the path already closes a cycle. No reference stands in two
/// cycles that are told: each needs a correction of its own. Of more than a hundred the others are not told.
class CycleFinder {
 public:
  CycleFinder(const WiredGraph& graph, const std::vector<std::vector<Edge>>& edges, Diagnostics& faults)
      : graph_(graph), edges_(edges), faults_(faults), place_(edges_.size(), kNew) {}

  void walk_from(int start) {
    enter(start);
    while (!path_.empty() && n_told_ < kMostCycles) {
      Step& last = path_.back();
      if (last.n_tried == edges_[last.layer].size()) {
        place_[last.layer] = kLeft;
        path_.pop_back();
        continue;
      }
      const Edge& edge = edges_[last.layer][last.n_tried++];
      if (is_told(last.layer, edge)) continue;
      last.where = edge.where;
      if (place_[edge.from] >= 0)
        close(static_cast<std::size_t>(place_[edge.from]));
      else
        enter(edge.from);
    }
  }

 private:
  static constexpr int kNew = -1, kLeft = -2;
  static constexpr int kMostCycles = 100;  // what is behind one is walked again
  using Reference = std::tuple<std::string, int, int, int, int>;

  /// One place in a file may be read by several layers, of a block. What stands in no file is told from others by its
  /// layers.
  static Reference reference(int layer, const Edge& edge) {
    const bool known = edge.where.known();
    return {edge.where.file, edge.where.line, edge.where.column, known ? -1 : layer, known ? -1 : edge.from};
  }
  bool is_told(int layer, const Edge& edge) const { return told_.count(reference(layer, edge)) != 0; }

  void enter(int layer) {
    if (place_[layer] != kNew) return;
    place_[layer] = static_cast<int>(path_.size());
    path_.push_back({layer, 0, {}});
  }

  /// Goes back to where the cycle began.
  void close(std::size_t first) {
    tell_cycle(graph_, path_, first, faults_);
    ++n_told_;
    for (std::size_t i = first; i < path_.size(); ++i)
      told_.insert(reference(path_[i].layer, edges_[path_[i].layer][path_[i].n_tried - 1]));
    for (std::size_t i = first + 1; i < path_.size(); ++i) place_[path_[i].layer] = kNew;
    path_.resize(first + 1);
  }

  const WiredGraph& graph_;
  const std::vector<std::vector<Edge>>& edges_;
  Diagnostics& faults_;
  std::vector<int> place_;  ///< of each layer on the path
  std::vector<Step> path_;
  std::set<Reference> told_;
  int n_told_ = 0;
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
