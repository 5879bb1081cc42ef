#pragma once

#include <string>

namespace kiln::test {

/// A potential whose names are words of Python, of the module or of the text.
inline std::string yaml_with_awkward_names() {
  return "model_inputs: {in: {role: species}, structure: {role: positions}, lambda: {role: edges}, owned: {role: "
         "structure}}\n"
         "model_layers:\n"
         "  forward: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: model_inputs.in}}\n"
         "  tables: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 1}, inputs: {pos: model_inputs.structure, "
         "edge_index: model_inputs.lambda}}\n"
         "  training: {type: RadialBasisEdgeEncoding, config: {r_max: 3.0}, inputs: {edge_lengths: "
         "tables.edge_lengths}}\n"
         "  class: {type: AtomwiseLinear, config: {irreps_out_block: [{l: 0, mul: 2}]}, inputs: {h: forward}}\n"
         "  potential: {type: MACE_layer, config: {lmax: 1, correlation: 2, num_elements: 2, hidden_irreps_block: [{l: "
         "0, "
         "mul: 2}]}, inputs: {vectors: tables.edge_vec, node_feats: class, node_attrs: forward, edge_feats: training, "
         "edge_index: model_inputs.lambda}}\n"
         "  named: {type: ScalarReadout, inputs: {h: potential}}\n"
         "  fields: {type: AtomwiseSum, inputs: {src: named, index: model_inputs.owned}}\n"
         "model_outputs: {energy: fields, \"a \\\"quoted\\\" name\": named}\n";
}

}  // namespace kiln::test
