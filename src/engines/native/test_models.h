#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "engines/derivatives.h"
#include "engines/native/native_engine.h"
#include "graph/checked_graph.h"
#include "layers/layer_table.h"
#include "structure/atom_graph_builder.h"

namespace kiln::test {

/// A MACE of one or two layers as YAML; small, but with everything that changes the path through the engine.
struct MaceOptions {
  int n_layers = 2;
  int lmax = 2;
  int correlation = 3;
  int n_species = 2;
  int channels = 5;     ///< not a multiple of any vector
  int hidden_lmax = 1;  ///< of the layers before the last
  double cutoff = 3.0;
  std::string radial = "exact";
  std::string attributes = "elements";  ///< or "soft": learned scalars instead of one-hot ones
  std::string edge_feats = "radial";    ///< or "geometry.edge_lengths": a network of the bare length
  int readout_hidden = 4;
};

inline std::string irreps_block(int channels, int lmax) {
  std::string text = "[";
  for (int l = 0; l <= lmax; ++l) text += "{l: " + std::to_string(l) + ", mul: " + std::to_string(channels) + "}, ";
  return text + "]";
}

inline std::string species_energies(int n_species) {
  std::string text = "[";
  for (int s = 0; s < n_species; ++s) text += std::to_string(0.7 - 1.9 * s) + ", ";
  return text + "]";
}

inline std::string mace_layer_yaml(const MaceOptions& o, int layer) {
  const int hidden_lmax = layer == o.n_layers ? 0 : o.hidden_lmax;
  const std::string features = layer == 1 ? "embedding" : "interaction" + std::to_string(layer - 1);
  return "  interaction" + std::to_string(layer) +
         ":\n    type: MACE_layer\n    config: {lmax: " + std::to_string(o.lmax) +
         ", correlation: " + std::to_string(o.correlation) + ", num_elements: " + std::to_string(o.n_species) +
         ", hidden_irreps_block: " + irreps_block(o.channels, hidden_lmax) +
         ", avg_num_neighbors: 4.0, radial: " + o.radial +
         "}\n    inputs: {vectors: geometry.edge_vec, node_feats: " + features + ", node_attrs: " + o.attributes +
         ", edge_feats: " + o.edge_feats + ", edge_index: model_inputs.edge_index}\n";
}

inline std::string mace_yaml(const MaceOptions& o) {
  const std::string n = std::to_string(o.n_species);
  std::string yaml =
      "model_inputs: {species: '', coords: '', edge_index: '', shift: '', contributions: ''}\nmodel_layers:\n";
  yaml += "  elements: {type: OneHotAtomEncoding, config: {num_elems: " + n + "}, inputs: {x: model_inputs.species}}\n";
  if (o.attributes == "soft")
    yaml +=
        "  soft: {type: AtomwiseLinear, config: {irreps_out_block: [{l: 0, mul: " + n + "}]}, inputs: {h: elements}}\n";
  yaml += "  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: " + std::to_string(o.lmax) +
          "}, inputs: {pos: model_inputs.coords, edge_index: model_inputs.edge_index, shift: model_inputs.shift}}\n"
          "  radial: {type: RadialBasisEdgeEncoding, config: {r_max: " +
          std::to_string(o.cutoff) +
          ", num_radial_basis: 6, polynomial_degree: 5}, inputs: {edge_lengths: geometry.edge_lengths}}\n"
          "  embedding: {type: AtomwiseLinear, config: {irreps_out_block: [{l: 0, mul: " +
          std::to_string(o.channels) + "}]}, inputs: {h: elements}}\n";
  std::string readouts;
  for (int layer = 1; layer <= o.n_layers; ++layer) {
    yaml += mace_layer_yaml(o, layer);
    const std::string name = "readout" + std::to_string(layer);
    yaml += "  " + name +
            ": {type: ScalarReadout, config: {hidden: " + std::to_string(layer == o.n_layers ? o.readout_hidden : 0) +
            "}, inputs: {h: interaction" + std::to_string(layer) + "}}\n";
    readouts += name + ", ";
  }
  yaml += "  scaled: {type: ScaleShift, config: {scale: 0.7, shift: 0.1}, inputs: {h: [" + readouts +
          "]}}\n"
          "  atoms: {type: PerSpeciesEnergy, config: {energies: " +
          species_energies(o.n_species) +
          "}, inputs: {species: model_inputs.species}}\n"
          "  total: {type: AtomwiseSum, inputs: {src: [scaled, atoms], index: model_inputs.contributions}}\n"
          "model_outputs: {energy: total}\n";
  return yaml;
}

inline LoweredGraph lowered(const std::string& yaml) {
  Diagnostics faults;
  const GraphSpec spec = parse_graph(parse_yaml(yaml, "model.yaml", faults), faults);
  const CheckedGraph checked = check_graph(spec, layer_table(), faults);
  throw_if_errors(faults, ErrorKind::configuration);
  return lower_graph(checked);
}

/// Species 0 .. n_species - 1 are the elements Z = 1 .. n_species.
inline std::vector<int> species_table(int n_species) {
  std::vector<int> table(119, -1);
  for (int s = 0; s < n_species; ++s) table[s + 1] = s;
  return table;
}

/// A distorted periodic crystal: about 13 neighbors within 3 Å.
inline Structure random_crystal(int n_cells, int n_species, unsigned seed = 1, bool periodic = true) {
  std::mt19937 random(seed);
  std::normal_distribution<double> displacement(0.0, 0.15);
  Structure s;
  const double a = 2.1;
  for (int x = 0; x < n_cells; ++x)
    for (int y = 0; y < n_cells; ++y)
      for (int z = 0; z < n_cells; ++z) {
        s.atomic_numbers.push_back(1 + (x + 2 * y + z) % n_species);
        s.positions.push_back(
            {a * x + displacement(random), a * y + displacement(random), a * z + displacement(random)});
      }
  if (!periodic) return s;
  s.cell = {a * n_cells, 0, 0, 0.3, a * n_cells, 0, -0.2, 0.4, a * n_cells};
  s.periodic = {true, true, true};
  return s;
}

inline AtomGraph atom_graph(const Structure& structure, const LoweredGraph& graph, int n_species) {
  std::vector<double> cutoffs;
  for (const EdgeSet& set : graph.edge_sets) cutoffs.push_back(set.cutoff);
  return build_atom_graph(structure, cutoffs, graph.n_hops, species_table(n_species));
}

inline EngineOutput evaluate(const Engine& engine, const AtomGraph& graph, bool gradients = true) {
  EngineOutput out;
  const auto scratch = engine.make_scratch();
  engine.evaluate(graph, gradients, *scratch, out);
  return out;
}

inline double largest(const std::vector<double>& values) {
  double most = 0.0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

inline double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return 1e300;
  double most = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(std::abs(a[i] - b[i]) < 1e300)) return 1e300;
    most = std::max(most, std::abs(a[i] - b[i]));
  }
  return most;
}

}  // namespace kiln::test
