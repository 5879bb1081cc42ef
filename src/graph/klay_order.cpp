#include "graph/klay_order.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace kiln {

std::string klay_source(const std::string& reference) {
  const std::string inputs = "model_inputs.";
  return starts_with(reference, inputs) ? reference.substr(inputs.size()) : reference.substr(0, reference.find('.'));
}

namespace {

struct NamedNode {
  std::string name;
  std::vector<int> readers;                    ///< each once, in the order in which the file connects them
  int n_missing = 0;                           ///< connections from names that have no place yet
  std::unordered_map<int, int> n_connections;  ///< to each reader
};

class NameGraph {
 public:
  explicit NameGraph(const GraphSpec& graph) {
    for (const InputSpec& input : graph.inputs) node(input.name);
    for (const LayerSpec& layer : graph.layers) {
      node(layer.name);
      for (const PortSpec& port : layer.inputs) {
        for (const Reference& source : port.sources) connect(klay_source(source.text), layer.name);
      }
      for (const OutputMapSpec& output : layer.output_map) connect(layer.name, output.name);
    }
  }

  std::unordered_map<std::string, int> order() {
    std::unordered_map<std::string, int> places;
    std::vector<int> generation;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].n_missing == 0) generation.push_back(static_cast<int>(i));
    }
    while (!generation.empty()) {
      std::vector<int> next;
      for (const int i : generation) {
        places.emplace(nodes_[i].name, static_cast<int>(places.size()));
        for (const int reader : nodes_[i].readers) {
          nodes_[reader].n_missing -= nodes_[i].n_connections.at(reader);
          if (nodes_[reader].n_missing == 0) next.push_back(reader);
        }
      }
      generation = std::move(next);
    }
    return places;
  }

 private:
  int node(const std::string& name) {
    const auto [index, is_new] = index_.emplace(name, static_cast<int>(nodes_.size()));
    if (is_new) nodes_.push_back({name, {}, 0, {}});
    return index->second;
  }

  void connect(const std::string& from, const std::string& to) {
    const int source = node(from), reader = node(to);  // in this order: a source may be new
    if (++nodes_[source].n_connections[reader] == 1) nodes_[source].readers.push_back(reader);
    ++nodes_[reader].n_missing;
  }

  std::vector<NamedNode> nodes_;
  std::unordered_map<std::string, int> index_;
};

}  // namespace

std::unordered_map<std::string, int> klay_order(const GraphSpec& graph) { return NameGraph(graph).order(); }

}  // namespace kiln
