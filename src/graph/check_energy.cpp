#include <algorithm>
#include <set>

#include "base/text.h"
#include "graph/graph_checker.h"

namespace kiln {

const CheckedField* geometry_read_by(const CheckedGraph& graph, const CheckedLayer& layer) {
  if (!layer.declaration->any_ports) return nullptr;
  for (const std::vector<int>& port : layer.inputs) {
    for (int field : port) {
      const Meaning meaning = graph.fields[field].type.meaning;
      if (meaning == Meaning::positions || meaning == Meaning::cell || meaning == Meaning::shift)
        return &graph.fields[field];
    }
  }
  return nullptr;
}

namespace {

/// Layers whose outputs depend on the positions, or perhaps do, through a layer at fault.
std::set<int> layers_with_positions(const CheckedGraph& graph) {
  std::set<int> layers;
  for (int i = 0; i < static_cast<int>(graph.layers.size()); ++i) {
    for (const std::vector<int>& port : graph.layers[i].inputs) {
      for (int field : port) {
        const CheckedField& f = graph.fields[field];
        if (f.type.meaning == Meaning::positions || f.maker_at_fault || layers.count(f.layer) != 0) layers.insert(i);
      }
    }
  }
  return layers;
}

const CheckedOutput* output_named(const CheckedGraph& graph, const std::string& name) {
  for (const CheckedOutput& output : graph.outputs) {
    if (output.name == name) return &output;
  }
  return nullptr;
}

/// Names of outputs have letter cases: `Energy` is no energy.
void warn_other_case(GraphCheck& check) {
  for (const OutputSpec& output : check.spec.outputs) {
    if (output.name == "energy" || lower_case(output.name) != "energy") continue;
    check.faults.warning(
        "not-an-energy", output.source.where,
        "the output '" + output.name + "' makes no potential: that would be 'energy', in small letters",
        "rename it to energy");
  }
}

const SourcePos& output_where(const GraphCheck& check, const std::string& name) {
  const auto& outputs = check.spec.outputs;
  return std::find_if(outputs.begin(), outputs.end(), [&](const OutputSpec& o) { return o.name == name; })
      ->source.where;
}

constexpr const char* kReadEdges = "give it edge vectors or lengths (SphericalHarmonicEdgeAttrs)";

/// The layers that a field depends on.
std::vector<bool> layers_behind(const CheckedGraph& graph, int field) {
  std::vector<bool> read(graph.layers.size(), false);
  const auto mark = [&](int of) {
    if (graph.fields[of].layer >= 0) read[graph.fields[of].layer] = true;
  };
  mark(field);
  for (std::size_t i = graph.layers.size(); i-- > 0;) {  // they are in execution order
    if (!read[i]) continue;
    for (const std::vector<int>& port : graph.layers[i].inputs) std::for_each(port.begin(), port.end(), mark);
  }
  return read;
}

/// A model input without a role that the layer reads.
const CheckedField* free_input_of(const CheckedGraph& graph, const CheckedLayer& layer) {
  for (const std::vector<int>& port : layer.inputs) {
    for (int field : port) {
      const CheckedField& read = graph.fields[field];
      if (read.layer < 0 && read.type.meaning == Meaning::plain) return &read;
    }
  }
  return nullptr;
}

std::string geometry_text(Meaning meaning) {
  return meaning == Meaning::positions ? "the positions themselves" : meaning == Meaning::cell ? "the cell" : "shifts";
}

/// The positions to differentiate by must be those that the edges are made from.
void check_positions(GraphCheck& check, const CheckedLayer& layer) {
  if (layer.inputs.size() < 2 || layer.inputs[1].empty()) return;
  const std::string& positions = check.graph.fields[layer.inputs[1][0]].name;
  for (const GeometryInput& geometry : check.graph.geometry) {
    if (geometry.positions.empty() || geometry.positions == positions) continue;
    check.faults.error("another-positions", layer.where,
                       "layer '" + layer.name + "': the edges are made from '" + geometry.positions + "', not from '" +
                           positions + "'",
                       "wire 'pos' to '" + geometry.positions + "'");
  }
}

/// Energies are differentiated by edge vectors: what reads the geometry itself would be left out in silence.
void check_read_geometry(GraphCheck& check, int energy) {
  const CheckedLayer* layer = geometry_reader(check.graph, energy);
  if (layer == nullptr) return;
  check.faults.error("reads-positions", layer->where,
                     "layer '" + layer->name + "' reads " +
                         geometry_text(geometry_read_by(check.graph, *layer)->type.meaning) +
                         ": the derivatives of the energy, which depends on it, would be wrong",
                     kReadEdges);
}

/// One energy is differentiated: the output `energy` if there is one.
void check_derivatives(GraphCheck& check) {
  const CheckedGraph& graph = check.graph;
  const std::set<int> moving = layers_with_positions(graph);
  const CheckedOutput* energy = output_named(graph, "energy");
  int differentiated = energy == nullptr ? -1 : energy->field;
  for (const CheckedLayer& layer : graph.layers) {
    if (layer.declaration->category != Category::autograd) continue;
    check_positions(check, layer);
    if (differentiated < 0 || layer.inputs[0][0] == differentiated) check_read_geometry(check, layer.inputs[0][0]);
    const CheckedField& source = graph.fields[layer.inputs[0][0]];
    const std::string who = "layer '" + layer.name + "': ";
    if (moving.count(source.layer) == 0 && !source.maker_at_fault) {
      check.faults.error("no-dependence", layer.where,
                         who + "'" + source.name + "' does not depend on the positions: its forces are zero",
                         "differentiate the energy of a layer that reads distances");
    }
    if (differentiated >= 0 && layer.inputs[0][0] != differentiated) {
      check.faults.error("another-energy", layer.where,
                         who + "differentiates '" + source.name + "', but the energy of this graph is '" +
                             graph.fields[differentiated].name + "'",
                         "derivatives are those of the output 'energy'");
    }
    differentiated = layer.inputs[0][0];
  }
}

void check_derivatives_unread(GraphCheck& check) {
  for (const CheckedLayer& layer : check.graph.layers) {
    for (const std::vector<int>& port : layer.inputs) {
      for (int field : port) {
        const int from = check.graph.fields[field].layer;
        if (from < 0 || check.graph.layers[from].declaration->category != Category::autograd) continue;
        check.faults.error(
            "derivative-as-input", layer.where,
            "layer '" + layer.name + "' reads '" + check.graph.fields[field].name + "', a derivative of the energy",
            "derivatives can only be model outputs");
      }
    }
  }
}

}  // namespace

void check_energy(GraphCheck& check) {
  check_derivatives(check);
  check_derivatives_unread(check);
  const CheckedOutput* energy = output_named(check.graph, "energy");
  if (energy == nullptr) return warn_other_case(check);
  const FieldType& type = check.graph.fields[energy->field].type;
  if (type.in_doubt) return;
  const std::optional<EnergyFault> fault = fault_of_energy(check.graph);
  if (type.irreps != scalars(1) || type.level == Level::edge) {
    check.faults.warning("not-an-energy", output_where(check, "energy"),
                         "the output 'energy' is " + to_string(type) + ": this graph is no potential",
                         "an energy is one scalar per structure");
  } else if (type.level == Level::atom) {
    check.faults.warning("atom-energy", output_where(check, "energy"),
                         "the output 'energy' is an energy per atom, not their sum", "sum it with AtomwiseSum");
  } else if (fault && !check.faults.has_errors()) {
    check.faults.warning("not-an-energy", fault->where, fault->what + ": this graph can be run, but is no potential",
                         fault->hint);
  }
}

const CheckedLayer* geometry_reader(const CheckedGraph& graph, int field) {
  const std::vector<bool> read = layers_behind(graph, field);
  for (std::size_t i = 0; i < graph.layers.size(); ++i)
    if (read[i] && geometry_read_by(graph, graph.layers[i]) != nullptr) return &graph.layers[i];
  return nullptr;
}

std::optional<EnergyFault> fault_of_energy(const CheckedGraph& graph) {
  const CheckedOutput* energy = output_named(graph, "energy");
  if (energy == nullptr) return std::nullopt;
  if (const CheckedLayer* layer = geometry_reader(graph, energy->field))
    return EnergyFault{layer->where,
                       "layer '" + layer->name + "' reads " +
                           geometry_text(geometry_read_by(graph, *layer)->type.meaning) +
                           ", and the energy depends on it",
                       kReadEdges};
  const std::vector<bool> read = layers_behind(graph, energy->field);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const CheckedField* input = read[i] ? free_input_of(graph, graph.layers[i]) : nullptr;
    if (input == nullptr) continue;
    return EnergyFault{graph.layers[i].where,
                       "layer '" + graph.layers[i].name + "' reads the input '" + input->name +
                           "', which no structure gives, and the energy depends on it",
                       "let it depend on species, positions and edges only"};
  }
  return std::nullopt;
}

bool gives_stress(const CheckedGraph& graph) {
  return std::any_of(graph.outputs.begin(), graph.outputs.end(), [&](const CheckedOutput& output) {
    return output.field >= 0 && graph.fields[output.field].type.meaning == Meaning::stress;
  });
}

}  // namespace kiln
