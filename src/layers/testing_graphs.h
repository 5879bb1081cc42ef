#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/interpolation.h"
#include "graph/checked_graph.h"
#include "graph/describe_graph.h"
#include "graph/graph_document.h"
#include "layers/layer_table.h"

/// What the tests of the layers share: a small graph as text, and its check.
namespace kiln::testing {

struct Checked {
  Diagnostics faults;
  CheckedGraph graph;

  const CheckedField& field(const std::string& name) const {
    for (const CheckedField& f : graph.fields) {
      if (f.name == name) return f;
    }
    throw Error(ErrorKind::internal, "test", "no field " + name);
  }
  std::string irreps(const std::string& name) const { return to_string(field(name).type.irreps); }
};

inline Checked check(const std::string& text) {
  Checked checked;
  Yaml document = parse_graph_document(text, "m.yaml", checked.faults);
  resolve_interpolations(document, checked.faults);
  const GraphSpec spec = parse_graph(document, checked.faults);
  checked.graph = check_graph(spec, layer_table(), checked.faults);
  return checked;
}

/// The graph that a model file carries, read back: without faults, and the same.
inline CheckedGraph read_back(const CheckedGraph& graph) {
  Diagnostics faults;
  const GraphSpec spec = parse_graph(parse_json_tree(graph.canonical_json), faults);
  CheckedGraph again = check_graph(spec, layer_table(), faults);
  EXPECT_TRUE(faults.list.empty());
  EXPECT_EQ(again.canonical_json, graph.canonical_json);
  EXPECT_EQ(describe(again), describe(graph));
  return again;
}

/// "code@line" of every fault in order, warnings with a leading "w ".
inline std::vector<std::string> faults_of(const Checked& checked) {
  std::vector<std::string> found;
  for (const Diagnostic& d : checked.faults.list) {
    found.push_back((d.severity == Severity::warning ? "w " : "") + d.code + "@" + std::to_string(d.where.line));
  }
  return found;
}
inline std::vector<std::string> faults_of(const std::string& text) { return faults_of(check(text)); }

using Faults = std::vector<std::string>;

/// What is said of the text, without places.
inline std::vector<std::string> messages_of(const std::string& text) {
  std::vector<std::string> messages;
  for (const Diagnostic& fault : check(text).faults.list) messages.push_back(fault.what);
  return messages;
}

using Messages = std::vector<std::string>;

/// The text with one passage exchanged; the passage must be there.
inline std::string with(std::string text, const std::string& passage, const std::string& instead) {
  const std::size_t place = text.find(passage);
  EXPECT_NE(place, std::string::npos) << passage;
  return place == std::string::npos ? text : text.replace(place, passage.size(), instead);
}

inline LoweredGraph lowered(const std::string& text) {
  const Checked checked = check(text);
  throw_if_errors(checked.faults, ErrorKind::configuration);
  return lower_graph(checked.graph);
}

template <class Op>
std::vector<const Operation*> operations(const LoweredGraph& graph) {
  std::vector<const Operation*> found;
  for (const Operation& op : graph.operations) {
    if (std::holds_alternative<Op>(op.op)) found.push_back(&op);
  }
  return found;
}

/// One MACE layer, two species; the line numbers stand in tests.
inline const std::string kOneLayer = R"yaml(model_inputs: {
  species: "Tensor (N,)",
  coords: "Tensor (N,3)",
  edge_index: "Tensor (2,E)",
  contributions: "Tensor (N,)", shift: "Tensor (E,3)"}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}
  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 1}, inputs: {pos: coords, edge_index: edge_index, shift: shift}}
  radial: {type: RadialBasisEdgeEncoding, config: {r_max: 4.0}, inputs: {edge_lengths: geometry.1}}
  embedding: {type: AtomwiseLinear, config: {irreps_out_block: "8x0e"}, inputs: {h: elements}}
  conv:
    type: MACE_layer
    config: {lmax: 1, correlation: 2, hidden_irreps_block: "8x0e", avg_num_neighbors: 10.0}
    inputs:
      {vectors: geometry.0, node_feats: embedding, node_attrs: elements, edge_feats: radial, edge_index: edge_index}
  readout: {type: ScalarReadout, inputs: {h: conv}}
  total: {type: KIMAPISumIndex, inputs: {src: readout, index: contributions}}
  gradients: {type: Derivatives, config: {of: energy}, inputs: {energy: total}}
model_outputs:
  energy: total
  forces: gradients.forces
)yaml";

/// Two MACE layers on a staged graph, as KLay and KLIFF write it: the first convolution reads edge_index1.
inline const std::string kStaged = R"yaml(model_inputs: {
  species: "Tensor (N,)",
  coords: "Tensor (N,3)",
  edge_index0: "Tensor (2,E)",
  edge_index1: "Tensor (2,E)",
  contributions: "Tensor (N,)", shift0: "Tensor (E,3)", shift1: "Tensor (E,3)"}
model_layers:
  elements: {type: OneHotAtomEncoding, config: {num_elems: 1}, inputs: {x: species}}
  geometry0: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 1}, inputs: {pos: coords, edge_index: edge_index0, shift: shift0}}
  geometry1: {alias: geometry0, inputs: {pos: coords, edge_index: edge_index1, shift: shift1}}
  radial0: {type: RadialBasisEdgeEncoding, config: {r_max: 4.0}, inputs: {edge_lengths: geometry0.1}}
  radial1: {alias: radial0, inputs: {edge_lengths: geometry1.1}}
  embedding: {type: AtomwiseLinear, config: {irreps_out_block: "8x0e"}, inputs: {h: elements}}
  conv1:
    type: MACE_layer
    config: {lmax: 1, correlation: 2, hidden_irreps_block: "8x0e + 8x1o"}
    inputs:
      {vectors: geometry1.0, node_feats: embedding, node_attrs: elements, edge_feats: radial1, edge_index: edge_index1}
  conv2:
    type: MACE_layer
    config: {lmax: 1, correlation: 2, hidden_irreps_block: "8x0e"}
    inputs:
      {vectors: geometry0.0, node_feats: conv1, node_attrs: elements, edge_feats: radial0, edge_index: edge_index0}
  readout: {type: ScalarReadout, config: {hidden: 4}, inputs: {h: conv2}}
  total: {type: KIMAPISumIndex, inputs: {src: readout, index: contributions}}
model_outputs:
  energy: total
)yaml";

/// A linear map called twice.
inline const std::string kTwo =
    "model_inputs: {x: {shape: [N, 4]}}\n"
    "model_layers:\n"
    "  a: {type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: x}}\n"
    "  b: {alias: a, inputs: {h: a}}\n"
    "model_outputs: {y: b}\n";

}  // namespace kiln::testing
