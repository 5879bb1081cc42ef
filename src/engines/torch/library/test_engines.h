#pragma once

#include "engines/native/test_models.h"
#include "engines/torch/torch_library.h"
#include "engines/torch/torch_text.h"

namespace kiln::test {

/// The library beside this test program, opened once.
inline TorchLibrary& torch_library() {
  static const std::shared_ptr<TorchLibrary> library = [] {
    TorchLibrary::prepare_environment();
    auto opened = TorchLibrary::open("/proc/self/exe");
    opened->configure_process();
    return opened;
  }();
  return *library;
}

inline std::unique_ptr<TrainableEngine> torch_engine(const LoweredGraph& graph, const Weights& weights,
                                                     Precision precision = Precision::f64) {
  return torch_library().make_engine(make_torch_program(graph, weights, precision));
}

/// Graphs that between them hold every operator and every way to write it.
inline std::vector<MaceOptions> torch_models() {
  MaceOptions one, two, tabulated, split, soft, many_species, single, linear;
  one.n_layers = 1;
  one.lmax = 3;
  tabulated.radial = "{tabulated: {knots: 32}}";
  tabulated.hidden_lmax = 2;
  split.radial = "{tabulated: {knots: 70}}";  // the last radial layer is left for the edges
  split.channels = 24;
  split.correlation = 2;
  soft.attributes = "soft";
  soft.correlation = 2;
  many_species.n_species = 10;  // species weights are looked up
  many_species.correlation = 2;
  many_species.channels = 3;
  single.n_species = 1;
  single.lmax = 1;
  linear.correlation = 1;
  linear.readout_hidden = 0;
  linear.lmax = 4;
  linear.hidden_lmax = 3;
  return {one, two, tabulated, split, soft, many_species, single, linear};
}

/// Names of torch_models, for the tests' own names.
inline std::string torch_model_name(const testing::TestParamInfo<MaceOptions>& info) {
  static const char* const names[] = {"OneLayer",       "TwoLayers",   "Tabulated",  "SplitTable",
                                      "SoftAttributes", "ManySpecies", "OneSpecies", "Linear"};
  return names[info.index];
}

/// The same graph with each radial function as two operators, basis and network. The basis' field is the last one
/// added.
inline LoweredGraph with_networks(LoweredGraph graph) {
  std::vector<Operation> operations;
  for (Operation& operation : graph.operations) {
    if (const auto* functions = std::get_if<RadialFunctions>(&operation.op)) {
      const RadialFunctions radial = *functions;
      FieldType type = graph.fields[operation.output];
      type.irreps = scalars(radial.basis.n_basis);
      graph.fields.push_back(type);
      const int basis = static_cast<int>(graph.fields.size()) - 1;
      operations.push_back({radial.basis, operation.inputs, basis, operation.layer, operation.hops});
      operation.op = Network{radial.widths, radial.weights};
      operation.inputs = {basis};
    }
    operations.push_back(operation);
  }
  graph.operations = std::move(operations);
  return graph;
}

}  // namespace kiln::test
