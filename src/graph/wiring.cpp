#include "graph/wiring.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/numbers.h"
#include "base/text.h"
#include "graph/name_table.h"

namespace kiln {

namespace {

std::string line_of(const SourcePos& where) {
  return where.known() ? " (line " + std::to_string(where.line) + ")" : "";
}

/// Places of the layers by their names; of two with one name, the first.
using LayerPlaces = std::unordered_map<std::string, int>;

LayerPlaces places_of(const GraphSpec& graph) {
  LayerPlaces places;
  for (int i = 0; i < static_cast<int>(graph.layers.size()); ++i) places.emplace(graph.layers[i].name, i);
  return places;
}

/// The layer whose output map has this name; "" if there is none.
std::string maker_of(const GraphSpec& graph, const std::string& name) {
  for (const LayerSpec& layer : graph.layers) {
    for (const OutputMapSpec& output : layer.output_map) {
      if (output.name == name) return layer.name;
    }
  }
  return "";
}

std::string what_is(const GraphSpec& graph, const std::string& name) {
  for (const InputSpec& input : graph.inputs) {
    if (input.name == name) return "a model input";
  }
  const std::string maker = maker_of(graph, name);
  return maker.empty() ? "" : "an output of the layer '" + maker + "'";
}

void unknown_target(const GraphSpec& graph, const LayerSpec& alias, const std::vector<std::string>& others,
                    Diagnostics& faults) {
  const std::string is = what_is(graph, alias.alias);
  const std::string maker = maker_of(graph, alias.alias);
  std::string hint = maker.empty() ? did_you_mean(alias.alias, others) : "write '" + maker + "'";
  for (const std::string& layer : others) {  // written as a reference or as a path
    if (alias.alias == "model_layers." + layer || starts_with(alias.alias, layer + ".")) hint = "write '" + layer + "'";
  }
  faults.error("bad-alias", alias.alias_where,
               "alias '" + alias.name + "' points to '" + alias.alias + "', which is " +
                   (is.empty() ? "no layer" : is + ", not a layer"),
               hint);
}

constexpr int kNowhere = -1, kNotFollowed = -2;

/// The layer that each alias names, or that is meant where there is none of this name, which is a fault; kNowhere: not
/// known, or no alias.
std::vector<int> targets_of_aliases(const GraphSpec& graph, Diagnostics& faults) {
  const LayerPlaces places = places_of(graph);
  std::vector<int> targets;
  std::vector<std::string> others;  // of the layers but for one
  for (const LayerSpec& layer : graph.layers) others.push_back(layer.name);
  const auto meant_by = [&](std::size_t alias) {
    std::swap(others[alias], others.back());
    const std::string own = std::move(others.back());
    others.pop_back();
    unknown_target(graph, graph.layers[alias], others, faults);
    const std::string meant = misspelt_name(graph.layers[alias].alias, others);
    others.push_back(own);
    std::swap(others[alias], others.back());
    const auto place = meant.empty() ? places.end() : places.find(meant);
    const bool is_alias = place != places.end() && !graph.layers[place->second].alias.empty();
    return is_alias ? places.end() : place;  // what that means may be a guess, too
  };
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const std::string& alias = graph.layers[i].alias;
    auto named = alias.empty() ? places.end() : places.find(alias);
    if (!alias.empty() && named == places.end()) named = meant_by(i);
    targets.push_back(named == places.end() ? kNowhere : named->second);
  }
  return targets;
}

/// Told at the first of the layers of the loop.
void tell_circle(const GraphSpec& graph, std::vector<int> circle, Diagnostics& faults) {
  std::rotate(circle.begin(), std::min_element(circle.begin(), circle.end()), circle.end());
  const LayerSpec& layer = graph.layers[circle.front()];
  std::string path;
  for (int step : circle) path += graph.layers[step].name + line_of(graph.layers[step].where) + " -> ";
  faults.error("bad-alias", layer.alias_where,
               circle.size() == 1 ? "'" + layer.name + "' is an alias of itself"
                                  : "aliases lead in a circle: " + path + layer.name,
               "an alias names a layer that has a type");
}

/// Sets the ends of the chain of aliases that begins at a layer: the layer that has a type; kNowhere if there is none.
/// Each step is followed once.
void follow_aliases(const GraphSpec& graph, const std::vector<int>& targets, int layer, std::vector<int>& ends,
                    Diagnostics& faults) {
  std::vector<int> chain;
  int step = layer;
  while (step != kNowhere && ends[step] == kNotFollowed && !graph.layers[step].alias.empty()) {
    ends[step] = kNowhere;  // as long as no end is found
    chain.push_back(step);
    step = targets[step];
  }
  const auto again = std::find(chain.begin(), chain.end(), step);
  if (again != chain.end()) tell_circle(graph, {again, chain.end()}, faults);
  if (step == kNowhere || again != chain.end()) return;
  if (ends[step] == kNotFollowed) ends[step] = step;
  for (int passed : chain) ends[passed] = ends[step];
}

/// Layers of KLay that the table may lack.
bool is_layer_of_klay(const std::string& type) {
  constexpr const char* kNames[] = {"GatedAtomwiseLinear",
                                    "BinaryAtomicNumberEncoding",
                                    "ElectronicConfigurationEncoding",
                                    "BesselBasis",
                                    "PolynomialCutoff",
                                    "ConvNetLayer",
                                    "InteractionBlock",
                                    "EGCL",
                                    "E3Attention",
                                    "E3AttentionPooling",
                                    "RadialAttention",
                                    "AttentionInteractionBlock"};
  return std::find(std::begin(kNames), std::end(kNames), type) != std::end(kNames);
}

const LayerDeclaration* find_declaration(const LayerSpec& layer, const LayerTable& table, Diagnostics& faults) {
  if (layer.type.empty()) return nullptr;  // told while parsing
  if (const LayerDeclaration* declaration = table.find(layer.type)) return declaration;
  std::string hint = did_you_mean(layer.type, table.names());
  if (hint.empty()) hint = "`kiln layers` lists the types; one of a plugin needs --allow plugin:PATH";
  if (is_layer_of_klay(layer.type)) hint = "KLay has this layer, Kiln has not yet; `kiln layers` lists what there is";
  if (layer.type == "???") hint = "'\?\?\?' is a value that must be given; `kiln layers` lists the types";
  faults.error("unknown-layer", layer.type_where, "layer '" + layer.name + "': unknown type '" + layer.type + "'",
               hint);
  return declaration_meant(layer.type, table);
}

std::vector<WiredLayer> find_declarations(const GraphSpec& graph, const LayerTable& table, Diagnostics& faults) {
  const std::vector<int> targets = targets_of_aliases(graph, faults);
  std::vector<WiredLayer> layers(graph.layers.size());
  std::vector<int> ends(layers.size(), kNotFollowed);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    follow_aliases(graph, targets, static_cast<int>(i), ends, faults);
    layers[i].spec = &graph.layers[i];
    layers[i].owner = ends[i];
    if (graph.layers[i].alias.empty()) layers[i].declaration = find_declaration(graph.layers[i], table, faults);
  }
  for (WiredLayer& layer : layers) {
    if (layer.owner >= 0) layer.declaration = layers[layer.owner].declaration;
    if (layer.declaration == nullptr) continue;
    layer.output_names =
        layer.declaration->any_ports ? std::vector<std::string>{""} : layer.declaration->output_names();
    layer.output_where.assign(layer.output_names.size(), layer.spec->where);
    layer.output_map_names.resize(layer.output_names.size());
  }
  return layers;
}

/// The positional ports of a call, sorted by number; holes are faults.
std::vector<const PortSpec*> positional_ports(WiredLayer& layer, Diagnostics& faults) {
  std::vector<std::pair<std::int64_t, const PortSpec*>> numbered;
  const auto error = [&](const char* code, const PortSpec& port, const std::string& what) {
    faults.error(code, port.where, "layer '" + layer.spec->name + "': " + what,
                 "number the ports one after another: 0, 1, …");
    layer.good = layer.ports_known = false;
  };
  for (const PortSpec& port : layer.spec->inputs) {
    std::int64_t number = 0;
    if (!is_digits(port.port)) continue;
    if (!read_integer(port.port, number)) {
      error("bad-port", port, "port '" + port.port + "' is too large");
      continue;
    }
    numbered.emplace_back(number, &port);
  }
  std::sort(numbered.begin(), numbered.end());
  std::vector<const PortSpec*> ports;
  for (std::size_t i = 0; i < numbered.size(); ++i) {
    const PortSpec& port = *numbered[i].second;
    if (i > 0 && numbered[i].first != numbered[i - 1].first + 1)
      error("port-hole", port,
            "positional ports have a hole between " + std::to_string(numbered[i - 1].first) + " and " + port.port);
    ports.push_back(&port);
  }
  return ports;
}

/// All ports of a call that takes any: the positional ones first.
std::vector<const PortSpec*> any_ports(WiredLayer& layer, Diagnostics& faults) {
  std::vector<const PortSpec*> ports = positional_ports(layer, faults);
  for (const PortSpec& port : layer.spec->inputs) {
    if (!is_digits(port.port)) ports.push_back(&port);
  }
  return ports;
}

/// Assigns the ports of one layer call to the declared ones.
class PortMatcher {
 public:
  PortMatcher(WiredLayer& layer, Diagnostics& faults)
      : layer_(layer), declaration_(*layer.declaration), faults_(faults), given_(declaration_.inputs.size(), nullptr) {}

  /// The given port of each declared one, or nullptr.
  const std::vector<const PortSpec*>& match() {
    match_positional();
    for (const PortSpec& port : layer_.spec->inputs) {
      if (!is_digits(port.port)) match_named(port);
    }
    for (const PortSpec* port : unknown_) read_as_meant(*port);
    for (std::size_t i = 0; i < given_.size(); ++i) check_port(static_cast<int>(i));
    return given_;
  }

 private:
  void error(const char* code, const SourcePos& where, const std::string& what, const std::string& hint = {}) {
    faults_.error(code, where, "layer '" + layer_.spec->name + "': " + what, hint);
    layer_.good = false;
  }

  void give(int index, const PortSpec& port) {
    if (given_[index] == nullptr) {
      given_[index] = &port;
      return;
    }
    error("duplicate-port", port.where,
          "input '" + declaration_.inputs[index].name + "' is given twice: '" + given_[index]->port + "'" +
              line_of(given_[index]->where) + " and '" + port.port + "'");
  }

  /// They fill the declared ports from the first on.
  void match_positional() {
    const std::vector<const PortSpec*> positions = positional_ports(layer_, faults_);
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const PortSpec& port = *positions[i];
      if (i >= declaration_.inputs.size()) {
        error("unknown-port", port.where, "takes " + std::to_string(declaration_.inputs.size()) + " inputs at most",
              "they are " + joined(declaration_.input_names()));
      } else {
        give(static_cast<int>(i), port);
      }
    }
  }

  void match_named(const PortSpec& port) {
    for (std::size_t i = 0; i < declaration_.inputs.size(); ++i) {
      const PortDeclaration& declared = declaration_.inputs[i];
      if (declared.name == port.port) return give(static_cast<int>(i), port);
      const auto& old = declared.synonyms;
      if (std::find(old.begin(), old.end(), port.port) == old.end()) continue;
      faults_.warning("deprecated-port", port.where,
                      "layer '" + layer_.spec->name + "': input '" + port.port + "' is now '" + declared.name + "'",
                      "write '" + declared.name + "'");
      return give(static_cast<int>(i), port);
    }
    unknown_.push_back(&port);
  }

  std::vector<std::string> missing_ports() const {
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < given_.size(); ++i)
      if (given_[i] == nullptr) missing.push_back(declaration_.inputs[i].name);
    return missing;
  }

  /// As the missing port that it is near to, so that what is given there is looked at.
  void read_as_meant(const PortSpec& port) {
    const std::string nearest = nearest_name(port.port, declaration_.input_names());
    error("unknown-port", port.where, "has no input '" + port.port + "'",
          "'" + declaration_.name + "' takes: " + joined(declaration_.input_names()) + "." +
              (nearest.empty() ? "" : " Did you mean '" + nearest + "'?"));
    guessed_.insert(nearest);
    const std::string meant = misspelt_name(port.port, missing_ports());
    for (std::size_t i = 0; i < given_.size() && !meant.empty(); ++i)
      if (declaration_.inputs[i].name == meant) given_[i] = &port;
  }

  void check_port(int index) {
    const PortDeclaration& declared = declaration_.inputs[index];
    if (given_[index] == nullptr) {
      if (declared.optional) return;
      layer_.good = false;
      if (guessed_.count(declared.name) != 0 || !layer_.spec->inputs_known) return;
      error("missing-input", layer_.spec->where, "needs the input '" + declared.name + "'",
            declared.name + ": " + declared.doc);
    } else if (given_[index]->is_list && !given_[index]->sources.empty() && !declared.list) {
      error("not-a-list", given_[index]->where, "input '" + declared.name + "' takes one field, not a list");
    }
  }

  WiredLayer& layer_;
  const LayerDeclaration& declaration_;
  Diagnostics& faults_;
  std::vector<const PortSpec*> given_;
  std::vector<const PortSpec*> unknown_;  ///< names that the layer has no port for
  std::set<std::string> guessed_;         ///< what unknown names are near to: these are not told to be missing, too
};

/// Per port of the call, what the file says or nullptr.
std::vector<const PortSpec*> match_ports(WiredLayer& layer, Diagnostics& faults) {
  if (layer.declaration == nullptr) return {};
  if (!layer.declaration->any_ports) {
    layer.input_names = layer.declaration->input_names();
    return PortMatcher(layer, faults).match();
  }
  const std::vector<const PortSpec*> ports = any_ports(layer, faults);
  for (const PortSpec* port : ports) layer.input_names.push_back(port->port);
  return ports;
}

/// Every reference is resolved once, also those at ports that the layer does not have.
void wire_layer(WiredLayer& layer, NameTable& names, Diagnostics& faults) {
  layer.good = layer.ports_known = layer.spec->inputs_known;
  const std::vector<const PortSpec*> given = match_ports(layer, faults);
  layer.inputs.resize(given.size());
  for (const PortSpec* port : given) layer.input_lists.push_back(port != nullptr && port->is_list);
  layer.input_where.assign(given.size(), layer.spec->where);
  layer.source_where.resize(given.size());
  for (const PortSpec& port : layer.spec->inputs) {
    std::vector<Source> sources;
    for (const Reference& reference : port.sources) {
      sources.push_back(names.resolve(reference, Reader::layer, faults));
      layer.references.emplace_back(sources.back(), reference.where);
      if (!sources.back().known()) layer.good = false;
    }
    if (port.sources.empty()) layer.good = false;
    const auto place = std::find(given.begin(), given.end(), &port);
    if (place == given.end()) continue;
    const std::size_t index = place - given.begin();
    layer.inputs[index] = std::move(sources);
    for (const Reference& reference : port.sources) layer.source_where[index].push_back(reference.where);
    layer.input_where[index] = port.sources.empty() ? port.where : port.sources[0].where;
  }
  for (const Reference& reference : layer.spec->unplaced) {  // looked for all the same, as KLay does
    layer.references.emplace_back(names.resolve(reference, Reader::layer, faults), reference.where);
    if (!layer.references.back().first.known()) layer.good = false;
  }
}

/// Of a library: nothing says what it reads.
void leave_open(WiredLayer& layer) {
  layer.ports_known = false;
  if (layer.declaration == nullptr || layer.declaration->any_ports) return;
  layer.input_names = layer.declaration->input_names();
  layer.inputs.resize(layer.input_names.size());
  layer.input_lists.assign(layer.input_names.size(), false);
  layer.input_where.assign(layer.input_names.size(), layer.spec->where);
  layer.source_where.resize(layer.input_names.size());
}

}  // namespace

const LayerDeclaration* declaration_meant(const std::string& type, const LayerTable& table) {
  if (const LayerDeclaration* declaration = table.find(type)) return declaration;
  const LayerDeclaration* meant = is_layer_of_klay(type) ? nullptr : table.find(misspelt_name(type, table.names()));
  return meant != nullptr && meant->plugin.empty() ? meant : nullptr;
}

WiredGraph wire_graph(const GraphSpec& graph, const LayerTable& table, Diagnostics& faults) {
  WiredGraph wired;
  wired.layers = find_declarations(graph, table, faults);
  NameTable names(graph, wired.layers, faults);
  const bool library = is_library(graph);
  for (WiredLayer& layer : wired.layers) {
    if (library && layer.spec->inputs.empty())
      leave_open(layer);
    else
      wire_layer(layer, names, faults);
  }
  for (const Reference& given : graph.handed_in) names.expect_output(given, faults);
  for (const OutputSpec& output : graph.outputs)
    wired.outputs.push_back(names.resolve(output.source, Reader::model_output, faults));
  return wired;
}

}  // namespace kiln
