#include "graph/klay_overwrites.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <type_traits>

#include "base/numbers.h"
#include "base/source_text.h"
#include "graph/klay_order.h"
#include "graph/layer_faults.h"
#include "graph/yaml_forms.h"

namespace kiln {

namespace {

/// Something that takes a name.
struct Claim {
  enum class Kind { input, layer, output } kind = Kind::input;
  int index = 0;   ///< of the input, of the layer, of the layer whose output map it is
  int output = 0;  ///< of the output map
  SourcePos where;
};

const char* what_is(const Claim& claim) {
  switch (claim.kind) {
    case Claim::Kind::input:
      return "model input";
    case Claim::Kind::layer:
      return "layer";
    default:
      return "output name";
  }
}

/// By name, in the order in which KLay notes them.
using Claims = std::map<std::string, std::vector<Claim>>;

Claims claims_of(const GraphSpec& graph) {
  Claims claims;
  for (int i = 0; i < static_cast<int>(graph.inputs.size()); ++i)
    claims[graph.inputs[i].name].push_back({Claim::Kind::input, i, 0, graph.inputs[i].where});
  for (int i = 0; i < static_cast<int>(graph.layers.size()); ++i) {
    const LayerSpec& layer = graph.layers[i];
    claims[layer.name].push_back({Claim::Kind::layer, i, 0, layer.where});
    for (int k = 0; k < static_cast<int>(layer.output_map.size()); ++k)
      claims[layer.output_map[k].name].push_back({Claim::Kind::output, i, k, layer.output_map[k].where});
  }
  return claims;
}

class NameOverwriting {
 public:
  NameOverwriting(GraphSpec& graph, Diagnostics& faults)
      : graph_(graph), faults_(faults), claims_(claims_of(graph)), order_(klay_order(graph)) {}

  void run() {
    for (const auto& [name, claims] : claims_) {
      if (claims.size() > 1) settle(name, claims);
    }
    tell_lost_maps();
    pass_over_lost_aliases();
    promote_aliases();
    drop_losers();
    rename_references();
  }

 private:
  /// Only the thing noted last decides whether a layer is called: an output map of a later line takes its place.
  bool is_called(int layer) const { return claims_.at(graph_.layers[layer].name).back().kind == Claim::Kind::layer; }

  /// The claim whose value readers get; nullptr if KLay refuses the graph.
  const Claim* winner_of(const std::string& name, const std::vector<Claim>& claims) const {
    if (library_) return claims.front().kind == Claim::Kind::layer ? &claims.front() : &claims.back();
    if (claims.back().kind == Claim::Kind::input) return &claims.front();  // a list that names it twice
    if (order_.count(name) == 0) return nullptr;
    if (claims.back().kind == Claim::Kind::layer) return &claims.back();
    const Claim* winner = nullptr;
    int last = -1;
    for (const Claim& claim : claims) {
      if (claim.kind != Claim::Kind::output || !is_called(claim.index)) continue;
      const int turn = order_.at(graph_.layers[claim.index].name);
      if (turn < last) continue;
      winner = &claim;
      last = turn;
    }
    return winner;
  }

  /// Are all of them output maps of layers that are not called, or what these take the place of? Then nothing has the
  /// name, which only who reads it finds out.
  bool is_nothing(const std::vector<Claim>& claims) const {
    return claims.back().kind == Claim::Kind::output &&
           std::none_of(claims.begin(), claims.end(), [&](const Claim& claim) {
             return claim.kind == Claim::Kind::output && is_called(claim.index);
           });
  }

  void lose(const std::string& name, const Claim& claim) {
    lost_.insert({claim.kind, claim.index, claim.output});
    if (claim.kind == Claim::Kind::input) lost_inputs_.insert(name);
    if (claim.kind == Claim::Kind::layer) lost_layers_[name] = claim.index;
  }

  void lose_all(const std::string& name, const std::vector<Claim>& claims) {
    for (const Claim& claim : claims) {
      lose(name, claim);
      const bool is_last = &claim == &claims.back();
      const std::string why =
          is_last ? "its layer '"
                  : "the output name at " + place(claims.back().where) + " takes its place, but its layer '";
      faults_.warning("name-clash", claim.where,
                      std::string(what_is(claim)) + " '" + name + "' is lost: " + why +
                          graph_.layers[claims.back().index].name + "' is not called, as in KLay",
                      "rename one of them");
    }
  }

  void settle(const std::string& name, const std::vector<Claim>& claims) {
    const Claim* winner = winner_of(name, claims);
    if (winner == nullptr && !library_ && order_.count(name) != 0 && is_nothing(claims)) return lose_all(name, claims);
    if (winner == nullptr) return refuse(name, claims);
    for (const Claim& claim : claims) {
      if (&claim == winner) continue;
      std::string effect =
          "the " + std::string(what_is(*winner)) + " at " + place(winner->where) + " counts, as in KLay";
      if (winner->kind == Claim::Kind::layer && claim.kind == Claim::Kind::output && !library_)
        effect += call_with(graph_.layers[winner->index], claim);
      faults_.warning("name-clash", claim.where,
                      std::string(what_is(claim)) + " '" + name + "' is overwritten: " + effect, "rename one of them");
      lose(name, claim);
    }
  }

  void refuse(const std::string& name, const std::vector<Claim>& claims) {
    const bool is_output = claims[0].kind == Claim::Kind::output;
    const std::string other = is_output ? "another output" : "a " + std::string(what_is(claims[0]));
    const bool of_klay = std::none_of(claims.begin(), claims.end(), [](const Claim& claim) {
      return !claim.where.via.empty() || claim.where.copy > 0;  // of an include or a repetition, which KLay has not
    });
    for (std::size_t k = 1; k < claims.size(); ++k) {
      faults_.error("name-clash", claims[k].where,
                    std::string(what_is(claims[k])) + " '" + name + "' has the name of " + other,
                    "'" + name + "' is also at " + place(claims[0].where) + "; rename one of them" +
                        (of_klay ? ": KLay cannot run this either" : ""));
    }
  }

  /// An output map that takes the name of a later layer hands that layer its own layer as one more input.
  std::string call_with(LayerSpec& layer, const Claim& claim) {
    const LayerSpec& source = graph_.layers[claim.index];
    const std::string& key = source.output_map[claim.output].key;
    PortSpec port;
    port.port = key;
    port.sources = {{source.name, claim.where}};
    port.where = claim.where;
    port.implied = true;
    const auto first_own =
        std::find_if(layer.inputs.begin(), layer.inputs.end(), [](const PortSpec& other) { return !other.implied; });
    const bool given = std::any_of(first_own, layer.inputs.end(), [&](const PortSpec& own) { return own.port == key; });
    layer.inputs.insert(first_own, port);
    return given ? "" : ", and is called with the whole of '" + source.name + "' at its port " + key;
  }

  bool is_lost(const Claim& claim) const { return lost_.count({claim.kind, claim.index, claim.output}) != 0; }
  bool is_lost_layer(const LayerSpec& layer) const {
    return is_lost({Claim::Kind::layer, static_cast<int>(&layer - graph_.layers.data()), 0, {}});
  }

  /// What an output map names is made where its layer is called: whoever reads it finds nothing.
  void tell_lost_maps() {
    for (int i = 0; i < static_cast<int>(graph_.layers.size()); ++i) {
      const LayerSpec& layer = graph_.layers[i];
      if (!is_lost_layer(layer) || library_) continue;
      for (int k = 0; k < static_cast<int>(layer.output_map.size()); ++k) {
        const OutputMapSpec& output = layer.output_map[k];
        if (is_lost({Claim::Kind::output, i, k, {}})) continue;
        faults_.warning("name-clash", output.where,
                        "output name '" + output.name + "' goes with its layer: '" + layer.name +
                            "' is overwritten and not called, as in KLay",
                        "rename what has the name '" + layer.name + "'");
      }
    }
  }

  const LayerSpec* lost_layer(const std::string& name) const {
    const auto found = lost_layers_.find(name);
    return found == lost_layers_.end() ? nullptr : &graph_.layers[found->second];
  }

  /// An alias of a lost alias is one of what that was an alias of.
  void pass_over_lost_aliases() {
    for (LayerSpec& layer : graph_.layers) {
      if (is_lost_layer(layer)) continue;
      std::set<std::string> passed;  // lost aliases may lead in a circle
      const LayerSpec* lost = lost_layer(layer.alias);
      while (lost != nullptr && !lost->alias.empty() && passed.insert(lost->name).second) {
        layer.alias = lost->alias;
        lost = lost_layer(layer.alias);
      }
    }
  }

  /// The module of a layer that is no longer called goes to the first alias of it.
  void promote_aliases() {
    std::map<std::string, std::string> owners;  // by the lost layers whose modules they have now
    for (LayerSpec& layer : graph_.layers) {
      const LayerSpec* lost = is_lost_layer(layer) ? nullptr : lost_layer(layer.alias);
      if (lost == nullptr || !lost->alias.empty()) continue;  // no module: a circle, which is told of its aliases
      const auto [owner, is_first] = owners.insert({lost->name, layer.name});
      layer.alias = is_first ? "" : owner->second;
      if (is_first) take_module(layer, *lost);
    }
  }

  static void take_module(LayerSpec& layer, const LayerSpec& lost) {
    layer.type = lost.type;
    layer.type_where = lost.type_where;
    layer.config = lost.config;
    layer.config_known = lost.config_known;
    layer.weights = lost.weights;
  }

  void drop_losers() {
    const auto drop = [](auto& list, const auto& is_lost) {
      std::remove_reference_t<decltype(list)> kept;
      for (std::size_t k = 0; k < list.size(); ++k) {
        if (!is_lost(static_cast<int>(k))) kept.push_back(std::move(list[k]));
      }
      list = std::move(kept);
    };
    for (int i = 0; i < static_cast<int>(graph_.layers.size()); ++i)
      drop(graph_.layers[i].output_map, [&](int k) { return is_lost({Claim::Kind::output, i, k, {}}); });
    drop(graph_.layers, [&](int i) { return is_lost({Claim::Kind::layer, i, 0, {}}); });
    drop(graph_.inputs, [&](int i) { return is_lost({Claim::Kind::input, i, 0, {}}); });
  }

  /// `model_inputs.x` of an input that is overwritten leads to what has its name.
  void rename_references() {
    const auto rename = [&](Reference& reference) {
      const std::string name = klay_source(reference.text);
      if (reference.text == "model_inputs." + name && lost_inputs_.count(name) != 0) reference.text = name;
    };
    for (LayerSpec& layer : graph_.layers) {
      for (PortSpec& port : layer.inputs) {
        for (Reference& source : port.sources) rename(source);
      }
    }
    for (OutputSpec& output : graph_.outputs) rename(output.source);
    for (Reference& output : graph_.block_outputs) rename(output);
  }

  GraphSpec& graph_;
  Diagnostics& faults_;
  const Claims claims_;
  const std::unordered_map<std::string, int> order_;
  std::set<std::tuple<Claim::Kind, int, int>> lost_;
  std::set<std::string> lost_inputs_;
  std::map<std::string, int> lost_layers_;
  const bool library_ = is_library(graph_);  ///< of which KLay reads no output maps
};

/// The ports in the order in which KLay comes to them: those of one source together, sources as they are first named.
std::vector<const PortSpec*> in_klay_order(const std::vector<PortSpec>& ports) {
  std::map<std::string, std::size_t> first;
  std::vector<const PortSpec*> ordered;
  const auto source = [](const PortSpec& port) {
    return port.sources.empty() ? "" : klay_source(port.sources[0].text);
  };
  for (const PortSpec& port : ports) {
    first.insert({source(port), first.size()});
    ordered.push_back(&port);
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [&](const PortSpec* a, const PortSpec* b) { return first.at(source(*a)) < first.at(source(*b)); });
  return ordered;
}

/// Of ports with one number the one that KLay comes to last. Implied ones are told as clashes of names.
void overwrite_ports(LayerSpec& layer, Diagnostics& faults) {
  std::map<std::string, const PortSpec*> last;
  for (const PortSpec* port : in_klay_order(layer.inputs)) last[port->port] = port;
  std::vector<PortSpec> kept;
  for (const PortSpec& port : layer.inputs) {
    const PortSpec& winner = *last.at(port.port);
    if (&winner == &port) {
      kept.push_back(port);
      continue;
    }
    layer.unplaced.insert(layer.unplaced.end(), port.sources.begin(), port.sources.end());
    if (!port.implied) {
      LayerFaults{layer.name, true, faults}.warning(
          "duplicate-port", port.where,
          "port " + port.port + " is overwritten: the one at " + place(winner.where) + " counts, as in KLay",
          "0 and '0' are the same port; remove one of them");
    }
  }
  layer.inputs = std::move(kept);
}

/// Only the order of the numbers counts: holes close up, and the least, negative perhaps, comes first.
void number_ports(LayerSpec& layer, Diagnostics& faults) {
  std::map<std::int64_t, PortSpec*> numbered;
  std::int64_t number = 0;
  for (PortSpec& port : layer.inputs) {
    if (read_integer(port.port, number)) numbered[number] = &port;
  }
  bool renumber = !numbered.empty() && numbered.begin()->first < 0;
  for (auto port = numbered.begin(); port != numbered.end(); ++port) {
    const auto next = std::next(port);
    if (next == numbered.end() || next->first == port->first + 1) continue;
    renumber = true;
    LayerFaults{layer.name, true, faults}.warning("port-hole", next->second->where,
                                                  "positional ports have a hole between " +
                                                      std::to_string(port->first) + " and " +
                                                      std::to_string(next->first) + "; closed up, as in KLay",
                                                  "number the ports from 0");
  }
  if (!renumber) return;
  int count = 0;
  for (auto& [key, port] : numbered) port->port = std::to_string(count++);
}

}  // namespace

void overwrite_as_klay(GraphSpec& graph, Diagnostics& faults) {
  NameOverwriting(graph, faults).run();
  for (LayerSpec& layer : graph.layers) {
    overwrite_ports(layer, faults);
    number_ports(layer, faults);
  }
}

}  // namespace kiln
