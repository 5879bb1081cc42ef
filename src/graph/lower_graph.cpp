#include <algorithm>
#include <map>
#include <set>

#include "graph/checked_graph.h"
#include "graph/layer_code.h"
#include "graph/liveness.h"
#include "graph/lower_context.h"
#include "graph/wiring.h"
#include "kiln/error.h"

namespace kiln {

namespace {

/// State of one lowering: where each checked field went.
struct Lowering {
  const CheckedGraph& checked;
  LoweredGraph graph = {};
  std::vector<int> field = {};         ///< of checked.fields; -1: not yet
  std::vector<int> edge_vectors = {};  ///< of checked.edge_sets
  std::unordered_map<std::string, std::size_t> parameter_places = {};
};

int add_input(LoweredGraph& graph, const FieldType& type, const std::string& name) {
  graph.fields.push_back(type);
  graph.inputs.push_back({static_cast<int>(graph.fields.size()) - 1, type.meaning, name});
  return graph.inputs.back().field;
}

FieldType edge_vectors_type(int edge_set) {
  FieldType type;
  type.level = Level::edge;
  type.meaning = Meaning::edge_vectors;
  type.edge_set = edge_set;
  type.irreps = {{{1, {1, -1}}}};
  type.unit = "Å";
  return type;
}

void lower_inputs(Lowering& lowering) {
  for (const CheckedInput& input : lowering.checked.inputs) {
    const FieldType& type = lowering.checked.fields[input.field].type;
    lowering.field[input.field] = add_input(lowering.graph, type, input.name);
    lowering.graph.model_inputs.push_back(input.name);
    lowering.graph.model_input_meanings.push_back(type.meaning);
    if (type.n_species > lowering.graph.n_species) lowering.graph.n_species = type.n_species;
  }
  for (int s = 0; s < static_cast<int>(lowering.checked.edge_sets.size()); ++s) {
    lowering.edge_vectors.push_back(add_input(lowering.graph, edge_vectors_type(s), ""));
  }
}

/// Behind the outputs that the layer itself gives.
void lower_rows(const CheckedGraph& checked, const CheckedLayer& layer, LowerContext& context) {
  for (std::size_t port = context.outputs.size(); port < layer.outputs.size(); ++port) {
    const std::string& row = layer.output_names[port];
    Call take;
    take.target = "row " + row;
    take.expression = "$0[" + row + "]";
    take.list_sizes = {-1};
    context.outputs.push_back(row.empty()
                                  ? context.outputs[0]
                                  : context.add(take, {context.outputs[0]}, checked.fields[layer.outputs[port]].type));
  }
}

void lower_layer(Lowering& lowering, const CheckedLayer& layer) {
  LowerContext context;
  context.config = &layer.config;
  context.layer = layer.name;
  context.weight_owner = layer.weight_owner;
  context.graph = &lowering.graph;
  context.parameter_places = &lowering.parameter_places;
  context.edge_vectors = lowering.edge_vectors;
  for (const std::vector<int>& port : layer.inputs) {
    context.inputs.emplace_back();
    for (int field : port) context.inputs.back().push_back(lowering.field[field]);
  }
  const std::size_t n_outputs = n_own_outputs(*layer.declaration, layer.outputs.size());
  context.outputs.assign(n_outputs, -1);
  for (std::size_t port = 0; port < n_outputs; ++port) {
    context.output_types.push_back(lowering.checked.fields[layer.outputs[port]].type);
    context.output_names.push_back(layer.output_names[port]);
  }
  context.input_names = layer.input_names;
  context.input_lists = layer.input_lists;
  context.klay = lowering.checked.klay;
  const auto foreign = lowering.checked.foreign.find(layer.weight_owner);
  if (foreign != lowering.checked.foreign.end()) context.foreign = &foreign->second;
  call_lower(layer, context);
  lower_rows(lowering.checked, layer, context);
  for (std::size_t port = 0; port < layer.outputs.size(); ++port) {
    lowering.field[layer.outputs[port]] = context.outputs[port];
  }
}

/// A per-atom `energy` is summed for whoever asks for the energy of a structure.
int energy_of_structure(LoweredGraph& graph, int field) {
  if (graph.fields[field].level == Level::system) return field;
  FieldType type = graph.fields[field];
  type.level = Level::system;
  graph.fields.push_back(type);
  const int sum = static_cast<int>(graph.fields.size()) - 1;
  graph.operations.push_back({SumAtoms{}, {field}, sum, "energy", 0});
  return sum;
}

void set_energy(LoweredGraph& graph, int field) {
  const FieldType& type = graph.fields[field];
  if (type.irreps != scalars(1) || type.level == Level::edge || type.dtype != DType::real) return;
  graph.energy_field = energy_of_structure(graph, field);
  for (const Operation& op : graph.operations) {
    if (op.output == graph.energy_field && std::holds_alternative<SumAtoms>(op.op)) {
      graph.atom_energy_field = op.inputs[0];
    }
  }
}

/// The output `energy` is the potential; without one, what is differentiated.
void lower_outputs(Lowering& lowering) {
  LoweredGraph& graph = lowering.graph;
  int energy = -1, differentiated = -1;
  for (const CheckedOutput& output : lowering.checked.outputs) {
    const CheckedField& field = lowering.checked.fields[output.field];
    const bool derivative = is_derivative(field.type.meaning) && field.layer >= 0;
    if (derivative) {
      differentiated = lowering.field[lowering.checked.layers[field.layer].inputs[0][0]];
      graph.outputs.push_back({output.name, -1, field.type.meaning});
    } else {
      graph.outputs.push_back({output.name, lowering.field[output.field], Meaning::plain});
    }
    if (output.name == "energy" && !derivative) energy = lowering.field[output.field];
  }
  if (energy < 0) energy = differentiated;
  if (energy >= 0) set_energy(graph, energy);
}

/// `freeze`, `init` and `seed` of the layers that own the parameters.
void apply_weights(const CheckedGraph& checked, std::vector<ParameterSpec>& parameters) {
  std::map<std::string, const LayerWeights*> weights;
  for (const CheckedLayer& layer : checked.layers) {
    if (layer.weight_owner == layer.name) weights[layer.name] = &layer.weights;
  }
  for (ParameterSpec& parameter : parameters) {
    const auto owner = weights.find(layer_of(parameter));
    if (owner != weights.end()) apply_layer_weights(*owner->second, parameter);
  }
}

/// Layers of which all weights are frozen, or all running statistics.
std::set<std::string> layers_at_rest(const LoweredGraph& graph) {
  std::set<std::string> frozen, trained, running, moving;
  for (const ParameterSpec& parameter : graph.parameters) {
    (parameter.frozen ? frozen : trained).insert(layer_of(parameter));
    if (parameter.running) running.insert(layer_of(parameter));
    if (changes_in_forward(parameter)) moving.insert(layer_of(parameter));
  }
  std::set<std::string> at_rest;
  for (const std::string& layer : frozen) {
    const bool statistics = running.count(layer) != 0 && moving.count(layer) == 0;
    if (trained.count(layer) == 0 || statistics) at_rest.insert(layer);
  }
  return at_rest;
}

/// They stay in evaluation mode while the others are trained: what they give then is what the model will give.
void keep_in_evaluation(const CheckedGraph& checked, LoweredGraph& graph) {
  const std::set<std::string> at_rest = layers_at_rest(graph);
  std::set<std::string> calls;  // with aliases
  for (const CheckedLayer& layer : checked.layers) {
    if (at_rest.count(layer.weight_owner) != 0) calls.insert(layer.name);
  }
  for (Operation& operation : graph.operations) {
    if (auto* call = std::get_if<Call>(&operation.op)) call->evaluation = calls.count(operation.layer) != 0;
  }
  for (ForeignCode& code : graph.foreign) code.evaluation = at_rest.count(code.layer) != 0;
}

Lowering lower_layers(const CheckedGraph& checked) {
  Lowering lowering{checked};
  lowering.field.assign(checked.fields.size(), -1);
  lowering.graph.edge_sets = checked.edge_sets;
  lowering.graph.geometry = checked.geometry;
  lower_inputs(lowering);
  for (const CheckedLayer& layer : checked.layers) lower_layer(lowering, layer);
  return lowering;
}

LoweredGraph lower_all(const CheckedGraph& checked) {
  Lowering lowering = lower_layers(checked);
  for (const auto& [layer, module] : checked.foreign) {
    if (!module.bytes.empty()) lowering.graph.foreign.push_back({layer, module.bytes});
  }
  lower_outputs(lowering);
  apply_weights(checked, lowering.graph.parameters);
  keep_in_evaluation(checked, lowering.graph);
  return std::move(lowering.graph);
}

}  // namespace

LoweredGraph lower_graph(const CheckedGraph& checked) {
  LoweredGraph graph = lower_all(checked);
  drop_dead(graph);
  set_hops(graph);
  return graph;
}

std::vector<ParameterSpec> all_parameters(const CheckedGraph& checked) {
  return lower_layers(checked).graph.parameters;
}

}  // namespace kiln
