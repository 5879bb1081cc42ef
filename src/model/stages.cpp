#include "model/stages.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace kiln {

namespace {

using Edge = std::pair<std::int64_t, std::int64_t>;
using EdgeCounts = std::map<Edge, int>;  ///< several edges of one pair go to several images

EdgeCounts edge_counts(const Tensor& list) {
  const std::vector<std::int64_t> index = to_integers(list);
  const std::size_t n = index.size() / 2;
  EdgeCounts counts;
  for (std::size_t e = 0; e < n; ++e) ++counts[{index[e], index[n + e]}];
  return counts;
}

int count_in(const EdgeCounts& counts, const Edge& edge) {
  const auto place = counts.find(edge);
  return place == counts.end() ? 0 : place->second;
}

/// Where an input says which atoms are ghosts.
struct Owned {
  std::vector<std::int64_t> structure;

  bool operator()(const Edge& edge) const { return is_owned(edge.first) && is_owned(edge.second); }
  bool is_owned(std::int64_t atom) const {
    return atom >= static_cast<std::int64_t>(structure.size()) || structure[static_cast<std::size_t>(atom)] == 0;
  }
};

Owned owned_atoms(const CheckedGraph& graph, const GivenArrays& given) {
  for (const CheckedInput& input : graph.inputs)
    if (input.meaning == Meaning::structure) return {to_integers(given.at(input.name).tensor)};
  return {};
}

std::string text_of(const Edge& edge) {
  return "the edge (" + std::to_string(edge.first) + ", " + std::to_string(edge.second) + ")";
}

/// What is wrong with a part of the whole; "" if nothing.
std::string fault_of_part(const EdgeCounts& part, const EdgeCounts& whole, const Owned& owned,
                          const std::string& whole_name) {
  for (const auto& [edge, n] : part)
    if (n > count_in(whole, edge)) return "holds " + text_of(edge) + ", which '" + whole_name + "' does not";
  for (const auto& [edge, n] : whole)
    if (owned(edge) && count_in(part, edge) < n)
      return "lacks " + text_of(edge) + " between owned atoms, which '" + whole_name + "' holds";
  return "";
}

/// Atoms that are at most so many edges, in either direction, away from an owned one.
std::set<std::int64_t> atoms_within(int n_hops, const EdgeCounts& counts, const Owned& owned) {
  std::set<std::int64_t> reached;
  for (const auto& [edge, n] : counts)
    for (const std::int64_t atom : {edge.first, edge.second})
      if (owned.is_owned(atom)) reached.insert(atom);
  for (int hop = 0; hop < n_hops; ++hop) {
    const std::set<std::int64_t> before = reached;
    for (const auto& [edge, n] : counts) {
      if (before.count(edge.first) != 0) reached.insert(edge.second);
      if (before.count(edge.second) != 0) reached.insert(edge.first);
    }
    if (reached.size() == before.size()) break;
  }
  return reached;
}

bool reads(const CheckedLayer& layer, int field) {
  return std::any_of(layer.inputs.begin(), layer.inputs.end(), [&](const std::vector<int>& fields) {
    return std::find(fields.begin(), fields.end(), field) != fields.end();
  });
}

/// Do messages go along the edges?
bool passes_messages(const CheckedGraph& graph, int edge_set) {
  return std::any_of(graph.layers.begin(), graph.layers.end(), [&](const CheckedLayer& layer) {
    const auto is_list = [&](int field) {
      const FieldType& type = graph.fields[field].type;
      return type.meaning == Meaning::edge_index && type.edge_set == edge_set;
    };
    return layer.declaration->passes_messages() &&
           std::any_of(layer.inputs.begin(), layer.inputs.end(), [&](const std::vector<int>& fields) {
             return std::any_of(fields.begin(), fields.end(), is_list);
           });
  });
}

}  // namespace

void check_directions(const CheckedGraph& graph, const GivenArrays& given, Diagnostics& faults) {
  const Owned owned = owned_atoms(graph, given);
  for (int s = 0; s < static_cast<int>(graph.edge_sets.size()); ++s) {
    const std::string& name = largest_list(graph, s);
    if (name.empty() || !passes_messages(graph, s)) continue;
    const GivenArray& list = given.at(name);
    const EdgeCounts counts = edge_counts(list.tensor);
    const std::set<std::int64_t> receivers = atoms_within(graph.n_hops - 1, counts, owned);
    for (const auto& [edge, n] : counts) {
      const Edge back = {edge.second, edge.first};
      if (n <= count_in(counts, back) || receivers.count(edge.second) == 0) continue;
      faults.error("one-direction", SourcePos::whole_file(list.file),
                   "model input '" + name + "' holds " + text_of(edge) + ", but not " + text_of(back) +
                       ": messages go both ways",
                   "give both directions of every edge, with opposite shifts");
      break;
    }
  }
}

std::string edge_list_of(const CheckedGraph& graph, const CheckedInput& input) {
  if (input.meaning == Meaning::edge_index) return input.name;
  if (input.meaning != Meaning::shift) return "";
  for (const CheckedLayer& layer : graph.layers) {
    if (!reads(layer, input.field)) continue;
    for (const CheckedInput& list : graph.inputs)
      if (list.meaning == Meaning::edge_index && reads(layer, list.field)) return list.name;
  }
  return "";
}

const std::string& largest_list(const CheckedGraph& graph, int edge_set) {
  return graph.geometry.at(static_cast<std::size_t>(edge_set)).edge_index;
}

void check_stages(const CheckedGraph& graph, const GivenArrays& given, Diagnostics& faults) {
  const Owned owned = owned_atoms(graph, given);
  for (const CheckedInput& input : graph.inputs) {
    const int edge_set = graph.fields[input.field].type.edge_set;
    if (input.meaning != Meaning::edge_index || edge_set < 0) continue;
    const std::string& largest = largest_list(graph, edge_set);
    if (largest.empty() || largest == input.name) continue;
    const GivenArray& list = given.at(input.name);
    const std::string fault =
        fault_of_part(edge_counts(list.tensor), edge_counts(given.at(largest).tensor), owned, largest);
    if (!fault.empty())
      faults.error("not-a-stage", SourcePos::whole_file(list.file), "model input '" + input.name + "' " + fault,
                   "the lists of all stages are parts of the largest: its edges with the receivers that a stage needs");
  }
}

}  // namespace kiln
