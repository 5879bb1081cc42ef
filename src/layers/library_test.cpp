#include "graph/library.h"

#include "kiln/error.h"
#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

GraphSpec library() {
  Diagnostics faults;
  const Yaml document = parse_yaml(
      "model_layers:\n"
      "  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 1}}\n"
      "  readout: {type: ScalarReadout, config: {hidden: 4}}\n"
      "  again: {alias: readout}\n",
      "library.yaml", faults);
  return parse_graph(document, faults);
}

InputSpec input(const std::string& name, const std::string& value) {
  Diagnostics faults;
  return {name, parse_yaml(value, "input", faults), {}};
}

CheckedGraph checked(const std::string& layer, const std::vector<InputSpec>& inputs) {
  Diagnostics faults;
  CheckedGraph graph = check_graph(graph_of_layer(library(), layer, inputs, layer_table()), layer_table(), faults);
  EXPECT_FALSE(faults.has_errors()) << faults.list.front().what;
  return graph;
}

TEST(Library, ALayerIsAGraphOfItsOwn) {
  const CheckedGraph graph = checked("readout", {input("h", "{shape: [N, 8]}")});
  ASSERT_EQ(graph.outputs.size(), 1u);
  EXPECT_EQ(to_string(graph.fields[graph.outputs[0].field].type.irreps), "1x0e");
  const Weights weights = init_weights(lower_graph(graph), 1);
  EXPECT_EQ(weights.at("readout.hidden.weight").data.size(), 8u * 4u);
}

TEST(Library, AnAliasSharesTheWeights) {
  const auto names = [](const std::string& layer) {
    const LoweredGraph lowered = lower_graph(checked(layer, {input("h", "{shape: [N, 8]}")}));
    std::vector<std::string> all;
    for (const ParameterSpec& parameter : lowered.parameters) all.push_back(parameter.name);
    return all;
  };
  EXPECT_EQ(names("again"), names("readout"));
}

TEST(Library, EveryOutputHasTheNameOfItsPort) {
  const CheckedGraph graph =
      checked("geometry", {input("pos", "{role: positions}"), input("edge_index", "{role: edges, cutoff: 3.0}")});
  std::vector<std::string> names;
  for (const CheckedOutput& output : graph.outputs) names.push_back(output.name);
  EXPECT_EQ(names, (std::vector<std::string>{"edge_vec", "edge_lengths", "edge_sh"}));
}

TEST(Library, UnknownLayersAreNamed) {
  try {
    graph_of_layer(library(), "reedout", {}, layer_table());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.diagnostics().front().hint, "Did you mean 'readout'?");
  }
}

}  // namespace
}  // namespace kiln
