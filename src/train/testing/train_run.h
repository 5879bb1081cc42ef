#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>

#include "base/rng.h"
#include "graph/checked_graph.h"
#include "graph/lowered_graph.h"
#include "layers/layer_table.h"
#include "train/testing/readout_engine.h"
#include "train/testing/temporary_folder.h"
#include "train/train.h"

namespace kiln {

inline const char* const kModel = R"(
model_inputs: {species: species, coords: positions, edge_index: edges, shift: shift}
model_layers:
  one_hot: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: species}}
  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 1}, inputs: {pos: coords, edge_index: edge_index, shift: shift}}
  radial: {type: RadialBasisEdgeEncoding, config: {r_max: 3.0, num_radial_basis: 4}, inputs: {edge_lengths: geometry.edge_lengths}}
  features: {type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: one_hot}}
  mace:
    type: MACE_layer
    config: {lmax: 1, correlation: 2, num_elements: 2, num_radial_basis: 4, hidden_irreps_block: 4x0e, radial: {tabulated: {knots: 16}}}
    inputs: {vectors: geometry.edge_vec, node_feats: features, node_attrs: one_hot, edge_feats: radial, edge_index: edge_index}
  readout: {type: ScalarReadout, inputs: {h: mace}}
  network: {type: ScaleShift, inputs: {h: readout}}
  reference: {type: PerSpeciesEnergy, config: {energies: [0, 0]}, inputs: {species: species}}
  energy: {type: AtomwiseSum, inputs: {src: [network, reference]}}
model_outputs: {energy: energy}
)";

inline const char* const kOptions = R"(architecture:
  name: graph
  model: {file: model.yaml}
  training:
    batch_size: 4
    num_epochs: 4
    learning_rate: 0.05
    checkpoint_interval: 1
seed: 42
training_set: {systems: data.xyz, targets: {energy: {unit: eV}}}
validation_set: 0.1
test_set: 0.2
)";

/// CO and its fragments: E = sum of atoms and a spring; forces and energy of a formula.
inline std::string molecules(int n, std::uint64_t seed) {
  Rng rng(seed, "molecules");
  std::string text;
  for (int k = 0; k < n; ++k) {
    if (k % 5 == 4) {  // a lone atom: no edges
      text += "1\nProperties=species:S:1:pos:R:3:forces:R:3 energy=-400 pbc=\"F F F\"\nO 0 0 0 0 0 0\n";
      continue;
    }
    const double r = 1.0 + 0.4 * rng.uniform(), force = -20.0 * (r - 1.2);
    text += fmt::format("2\nProperties=species:S:1:pos:R:3:forces:R:3 energy={:.17g} pbc=\"F F F\"\n",
                        -600.0 + 10.0 * (r - 1.2) * (r - 1.2));
    text += fmt::format("C 0 0 0 {:.17g} 0 0\nO {:.17g} 0 0 {:.17g} 0 0\n", -force, r, force);
  }
  return text;
}

/// A folder with a small model, its options and data; training there with an engine of the readout alone.
struct TrainTest : testing::Test {
  TemporaryFolder folder;
  std::ostringstream log;
  TrainRequest request;
  int opened = 0;
  std::string slopes_of = "readout.linear.weight";  ///< weights of which the engine gives slopes

  TrainTest() {
    TemporaryFolder::write("model.yaml", kModel);
    TemporaryFolder::write("options.yaml", kOptions);
    TemporaryFolder::write("data.xyz", molecules(20, 1));
    request.options_file = "options.yaml";
  }

  LoweredGraph lowered() const {
    Diagnostics faults;
    return lower_graph(check_graph(parse_graph_file("model.yaml", faults), layer_table(), faults));
  }
  std::shared_ptr<TorchLibrary> open() {
    ++opened;
    return std::make_shared<ReadoutLibrary>(lowered(), slopes_of);
  }
  TrainResult run() {
    log.str("");
    return train(
        request, [this] { return open(); }, log);
  }
  Error failure() {
    try {
      run();
    } catch (const Error& e) {
      return e;
    }
    ADD_FAILURE() << "nothing was thrown";
    return Error(ErrorKind::internal, "", "");
  }
  bool logged(const std::string& text) const { return log.str().find(text) != std::string::npos; }
};

}  // namespace kiln
