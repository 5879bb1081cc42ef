#include <gtest/gtest.h>

#include "engines/native/executor.h"
#include "engines/native/test_models.h"
#include "golden.h"
#include "kernels/symmetric_basis.h"

// KLay's MACE_layer on its own inputs: the layer's node features and attributes are put in place of the engine's, the
// operations of the layer run one by one, and its output and the derivatives of sum w h^2 are compared.

namespace kiln::native {
namespace {

using nlohmann::json;

std::string blocks_yaml(const json& blocks) {
  std::string text = "[";
  for (const json& block : blocks)
    text += "{l: " + block.at("l").dump() + ", p: " + block.at("p").get<std::string>() +
            ", mul: " + block.at("mul").dump() + "}, ";
  return text + "]";
}

std::string model_yaml(const json& c) {
  const json& config = c.at("config");
  const json& radial = c.at("radial").at("config");
  const std::string n = config.at("num_elements").dump();
  return "model_inputs: {species: '', coords: '', edge_index: '', shift: ''}\nmodel_layers:\n"
         "  elements: {type: OneHotAtomEncoding, config: {num_elems: " +
         n +
         "}, inputs: {x: model_inputs.species}}\n"
         "  attributes: {type: AtomwiseLinear, config: {irreps_out_block: [{l: 0, mul: " +
         n +
         "}]}, inputs: {h: elements}}\n"
         "  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 1}, inputs: {pos: model_inputs.coords, "
         "edge_index: model_inputs.edge_index, shift: model_inputs.shift}}\n"
         "  radial: {type: RadialBasisEdgeEncoding, config: {r_max: " +
         radial.at("r_max").dump() + ", num_radial_basis: " + radial.at("num_radial_basis").dump() +
         ", polynomial_degree: " + radial.at("polynomial_degree").dump() +
         "}, inputs: {edge_lengths: geometry.edge_lengths}}\n"
         "  features: {type: AtomwiseLinear, config: {irreps_out_block: " +
         blocks_yaml(config.at("input_block")) +
         "}, inputs: {h: elements}}\n"
         "  mace: {type: MACE_layer, config: {lmax: " +
         config.at("lmax").dump() + ", correlation: " + config.at("correlation").dump() + ", num_elements: " + n +
         ", avg_num_neighbors: " + config.at("avg_num_neighbors").dump() + ", use_sc: " + config.at("use_sc").dump() +
         ", hidden_irreps_block: " + blocks_yaml(config.at("hidden_irreps_block")) +
         ", input_block: " + blocks_yaml(config.at("input_block")) +
         ", num_radial_basis: " + config.at("num_radial_basis").dump() +
         "}, inputs: {vectors: geometry.edge_vec, "
         "node_feats: features, node_attrs: " +
         (c.at("name").get<std::string>().find("soft") == 0 ? "attributes" : "elements") +
         ", edge_feats: radial, edge_index: model_inputs.edge_index}}\n"
         "  readout: {type: ScalarReadout, inputs: {h: mace}}\n"
         "  total: {type: AtomwiseSum, inputs: {src: readout}}\nmodel_outputs: {energy: total}\n";
}

int natural_parity(int l) { return l % 2 == 0 ? 1 : -1; }

/// KLay's contraction weights [elements, paths, K] in the symmetrized basis.
std::vector<double> projected(const std::vector<double>& klay, const SymmetricBasis& basis, int n_elements,
                              int channels) {
  std::vector<double> weights(static_cast<std::size_t>(n_elements) * basis.n_paths * channels, 0.0);
  for (int z = 0; z < n_elements; ++z)
    for (int k = 0; k < basis.n_unsymmetrized; ++k)
      for (int q = 0; q < basis.n_paths; ++q)
        for (int u = 0; u < channels; ++u)
          weights[(z * basis.n_paths + q) * channels + u] +=
              basis.projection[k * basis.n_paths + q] * klay[(z * basis.n_unsymmetrized + k) * channels + u];
  return weights;
}

void import_contraction(const json& c, Weights& weights) {
  const json& config = c.at("config");
  const int correlation = config.at("correlation"), n_elements = config.at("num_elements");
  const json& hidden = config.at("hidden_irreps_block");
  for (std::size_t k = 0; k < hidden.size(); ++k)
    for (int degree = 1; degree <= correlation; ++degree) {
      const int l = hidden[k].at("l"), channels = hidden[k].at("mul");
      const std::string klay =
          "product.symmetric_contractions.contractions." + std::to_string(k) +
          (degree == correlation ? ".weights_max" : ".weights." + std::to_string(correlation - 1 - degree));
      const SymmetricBasis basis = symmetric_basis(config.at("lmax"), l, natural_parity(l), degree);
      weights["mace.product.contraction" + std::to_string(k) + ".nu" + std::to_string(degree)].data =
          projected(golden::numbers(c.at("weights").at(klay)), basis, n_elements, channels);
    }
}

Weights imported_weights(const LoweredGraph& graph, const json& c, const json& shared) {
  Weights weights = init_weights(graph, 1);
  for (const json* source : {&shared, &c.at("weights")})
    for (const auto& [name, array] : source->items())
      if (weights.count("mace." + name)) weights["mace." + name].data = golden::numbers(array);
  weights["radial.basis.bessel_weights"].data =
      golden::numbers(c.at("radial").at("weights").at("basis.bessel_weights"));
  import_contraction(c, weights);
  return weights;
}

/// Receivers are row 1 of the edge index; r_ij runs from receiver to sender.
AtomGraph graph_of(const json& c) {
  const std::vector<double> positions = golden::numbers(c.at("inputs").at("positions"));
  const std::vector<double> index = golden::numbers(c.at("inputs").at("edge_index"));
  const std::vector<double> attributes = golden::numbers(c.at("inputs").at("node_attrs"));
  const int n = static_cast<int>(positions.size() / 3), n_edges = static_cast<int>(index.size() / 2);
  const int n_elements = static_cast<int>(attributes.size()) / n;
  AtomGraph graph;
  graph.n_rows = {n, n};
  graph.structure.assign(n, 0);
  graph.edges.emplace_back();
  EdgeList& edges = graph.edges[0];
  edges.first = {0};
  for (int i = 0; i < n; ++i) {
    const auto row = attributes.begin() + i * n_elements;
    graph.species.push_back(static_cast<int>(std::max_element(row, row + n_elements) - row));
    for (int e = 0; e < n_edges; ++e)
      if (static_cast<int>(index[n_edges + e]) == i) {
        const int j = static_cast<int>(index[e]);
        edges.neighbor.push_back(j);
        for (int x = 0; x < 3; ++x) edges.vectors.push_back(positions[3 * j + x] - positions[3 * i + x]);
      }
    edges.first.push_back(static_cast<int>(edges.neighbor.size()));
  }
  return graph;
}

/// Copies between e3nn's rows (copy-major) and the engine's: function(e3nn index, engine index).
template <class Function>
void for_each_component(const FieldLayout& layout, int n_rows, Function function) {
  std::size_t at = 0;
  for (int r = 0; r < n_rows; ++r)
    for (const FieldLayout::Block& block : layout.blocks)
      for (int u = 0; u < block.mul; ++u)
        for (int m = 0; m < block.n_components; ++m)
          function(at++, static_cast<std::size_t>(r) * layout.row_size + block.offset + m * block.stride + u);
}

int field_of_layer(const LoweredGraph& graph, const std::string& layer) {
  int field = -1;
  for (const Operation& op : graph.operations)
    if (op.layer == layer) field = op.output;
  return field;
}

/// The layer alone, in float64.
struct LayerRun {
  LoweredGraph graph;
  AtomGraph atoms;
  Program<double> program;
  Workspace<double> workspace;
  EngineOutput out;
  Run<double> run{atoms, program.plan, program.layouts, workspace, out, true};
  int features = field_of_layer(graph, "features"), attributes = field_of_layer(graph, "attributes"),
      output = field_of_layer(graph, "mace");

  LayerRun(const json& c, const json& shared)
      : graph(test::lowered(model_yaml(c))),
        atoms(graph_of(c)),
        program(make_program<double>(graph, imported_weights(graph, c, shared), best_level())) {
    out.edge_gradients.emplace_back(atoms.edges[0].vectors.size(), 0.0);
    // The features are an input here, so everything that depends on them has an adjoint.
    for (int k = 0; k < static_cast<int>(graph.operations.size()); ++k) {
      bool depends = program.outputs[k] == features;
      for (const int input : graph.operations[k].inputs) depends |= program.plan.fields[input].differentiated;
      if (depends) program.plan.fields[program.outputs[k]].differentiated = true;
    }
    reserve_workspace(program, run);
  }

  void set(int field, const std::vector<double>& values) {
    double* to = workspace.fields[field].values.data();
    for_each_component(program.layouts[field], atoms.n_all(),
                       [&](std::size_t from, std::size_t at) { to[at] = values[from]; });
  }
  std::vector<double> get(int field, const AlignedBuffer<double>& memory) const {
    std::vector<double> values;
    for_each_component(program.layouts[field], atoms.n_all(),
                       [&](std::size_t, std::size_t at) { values.push_back(memory.data()[at]); });
    return values;
  }

  void forward(const json& inputs) {
    for (int k = 0; k < static_cast<int>(program.steps.size()); ++k) {
      if (!program.steps[k] || graph.fields[program.outputs[k]].level != Level::atom) continue;
      program.steps[k]->forward(run, chunk_of(program, atoms, k, 0));
      if (program.outputs[k] == features) set(features, golden::numbers(inputs.at("node_feats")));
      if (program.outputs[k] == attributes) set(attributes, golden::numbers(inputs.at("node_attrs")));
      if (program.outputs[k] == output) return;
    }
  }

  void reverse(const std::vector<double>& output_bar) {
    double* bar = workspace.fields[output].adjoint.data();
    for_each_component(program.layouts[output], atoms.n_all(),
                       [&](std::size_t from, std::size_t at) { bar[at] = output_bar[from]; });
    bool inside = false;
    for (int k = static_cast<int>(program.steps.size()) - 1; k >= 0 && program.outputs[k] != features; --k) {
      inside |= program.outputs[k] == output;
      if (inside && program.steps[k] && program.plan.fields[program.outputs[k]].differentiated)
        program.steps[k]->reverse(run, chunk_of(program, atoms, k, 0));
    }
  }
};

TEST(MaceGolden, LayerEqualsKlayInValueAndDerivatives) {
  const json file = golden::read("mace_layer");
  for (const json& c : file.at("cases")) {
    LayerRun layer(c, file.at("shared_weights"));
    ASSERT_LE(layer.atoms.n_all(), kChunkRows);
    layer.forward(c.at("inputs"));
    const std::vector<double> h = layer.get(layer.output, layer.workspace.fields[layer.output].values);
    EXPECT_TRUE(golden::relative_difference(h, golden::numbers(c.at("outputs").at("node_feats"))) <= 1e-12)
        << c.at("name");

    std::vector<double> h_bar = golden::numbers(c.at("inputs").at("energy_weights"));
    for (std::size_t i = 0; i < h.size(); ++i) h_bar[i] *= 2.0 * h[i];
    layer.reverse(h_bar);
    std::vector<double> gradient = forces_from_edges(layer.atoms, layer.out);
    for (double& x : gradient) x = -x;
    EXPECT_TRUE(golden::relative_difference(gradient, golden::numbers(c.at("gradients").at("positions"))) <= 1e-12)
        << c.at("name");
    EXPECT_TRUE(golden::relative_difference(layer.get(layer.features, layer.workspace.fields[layer.features].adjoint),
                                            golden::numbers(c.at("gradients").at("node_feats"))) <= 1e-12)
        << c.at("name");
  }
}

}  // namespace
}  // namespace kiln::native
