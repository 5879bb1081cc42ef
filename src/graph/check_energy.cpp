#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "graph/graph_checker.h"
#include "graph/liveness.h"

namespace kiln {

namespace {

/// Layers whose outputs depend on the positions.
std::set<int> layers_with_positions(const CheckedGraph& graph) {
  std::set<int> layers;
  for (int i = 0; i < static_cast<int>(graph.layers.size()); ++i) {
    for (const std::vector<int>& port : graph.layers[i].inputs) {
      for (int field : port) {
        const CheckedField& f = graph.fields[field];
        if (f.type.meaning == Meaning::positions || layers.count(f.layer) != 0) layers.insert(i);
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
        "write energy: " + output.source.text);
  }
}

const SourcePos& output_where(const GraphCheck& check, const std::string& name) {
  const auto& outputs = check.spec.outputs;
  return std::find_if(outputs.begin(), outputs.end(), [&](const OutputSpec& o) { return o.name == name; })
      ->source.where;
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

/// Energies are differentiated by edge vectors: what reads the positions themselves would be left out in silence.
void check_read_positions(GraphCheck& check) {
  const CheckedGraph& graph = check.graph;
  for (const CheckedLayer& layer : graph.layers) {
    if (!layer.declaration->any_ports) continue;
    for (const std::vector<int>& port : layer.inputs) {
      for (int field : port) {
        if (graph.fields[field].type.meaning != Meaning::positions) continue;
        check.faults.error("reads-positions", layer.where,
                           "layer '" + layer.name + "' reads the positions themselves: the derivatives of an energy " +
                               "that depends on it would be wrong",
                           "give it edge vectors or lengths (SphericalHarmonicEdgeAttrs)");
      }
    }
  }
}

/// One energy is differentiated: the output `energy` if there is one.
void check_derivatives(GraphCheck& check) {
  const CheckedGraph& graph = check.graph;
  const std::set<int> moving = layers_with_positions(graph);
  const CheckedOutput* energy = output_named(graph, "energy");
  int differentiated = energy == nullptr ? -1 : energy->field;
  const bool derives = std::any_of(graph.layers.begin(), graph.layers.end(), [](const CheckedLayer& layer) {
    return layer.declaration->category == Category::autograd;
  });
  if (derives) check_read_positions(check);
  for (const CheckedLayer& layer : graph.layers) {
    if (layer.declaration->category != Category::autograd) continue;
    check_positions(check, layer);
    const CheckedField& source = graph.fields[layer.inputs[0][0]];
    const std::string who = "layer '" + layer.name + "': ";
    if (moving.count(source.layer) == 0) {
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
  if (type.irreps != scalars(1) || type.level == Level::edge) {
    check.faults.warning("not-an-energy", output_where(check, "energy"),
                         "the output 'energy' is " + to_string(type) + ": this graph is no potential",
                         "an energy is one scalar per structure");
  } else if (type.level == Level::atom) {
    check.faults.warning("atom-energy", output_where(check, "energy"),
                         "the output 'energy' is an energy per atom, not their sum", "sum it with AtomwiseSum");
  }
}

namespace {

/// The volume in a stress is that of the cell, which no layer reads.
bool gives_stress(const CheckedGraph& graph) {
  return std::any_of(graph.outputs.begin(), graph.outputs.end(), [&](const CheckedOutput& output) {
    return output.field >= 0 && graph.fields[output.field].type.meaning == Meaning::stress;
  });
}

}  // namespace

void warn_unused(GraphCheck& check) {
  const CheckedGraph& graph = check.graph;
  const bool reads_cell = gives_stress(graph);
  const LiveParts live = live_parts(graph);
  std::set<std::string> owners;  // of weights in use, by an alias perhaps
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    if (live.layers[i]) owners.insert(graph.layers[i].weight_owner);
  }
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const CheckedLayer& layer = graph.layers[i];
    if (live.layers[i] || owners.count(layer.name) != 0) continue;
    const bool alias = layer.weight_owner != layer.name;
    check.faults.warning(alias ? "dangling-alias" : "dangling-layer", layer.where,
                         std::string(alias ? "alias" : "layer") + " '" + layer.name + "' reaches no output");
  }
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    const InputSpec& input = check.spec.inputs[i];
    if (reads_cell && graph.inputs[i].meaning == Meaning::cell) continue;
    if (!live.fields[graph.inputs[i].field]) {
      check.faults.warning("unused-input", input.where, "model input '" + input.name + "' is not used");
    }
  }
}

}  // namespace kiln
