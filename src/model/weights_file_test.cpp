#include "model/weights_file.h"

#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace kiln::testing;

/// Two linear maps of layers with awkward names.
std::string two_maps(const std::string& first, const std::string& second) {
  const std::string config = ", type: AtomwiseLinear, config: {irreps_in_block: 1x0e, irreps_out_block: 1x0e}}\n";
  return "model_inputs: {x: {shape: [N, 1]}}\nmodel_layers:\n  " + first + ": {inputs: {h: x}" + config + "  " +
         second + ": {inputs: {h: " + first + "}" + config + "model_outputs: {y: " + second + "}\n";
}

struct Assigned {
  Weights weights;
  Faults faults;
};

/// Weights with the values 0, 1, … under these names of a file.
Assigned assign(const std::string& yaml, const std::vector<std::string>& names) {
  const Checked checked = check(yaml);
  throw_if_errors(checked.faults, ErrorKind::configuration);
  std::map<std::string, Tensor> file;
  for (const std::string& name : names)
    file[name] = to_tensor(Array{{1}, {static_cast<double>(file.size())}}, TensorDType::f64);
  Assigned assigned;
  Diagnostics faults;
  assign_weights(file, checked.graph, lower_graph(checked.graph).parameters, "w.pt", assigned.weights, faults);
  for (const Diagnostic& fault : faults.list) assigned.faults.push_back(fault.code + " " + fault.what);
  return assigned;
}

double value(const Assigned& assigned, const std::string& name) { return assigned.weights.at(name).data.at(0); }

TEST(WeightsFile, TakesTheNamesOfAnExportedModule) {
  const Assigned of_words =
      assign(two_maps("class", "tables"), {"class_.linear.weight", "tables_.linear.weight", "tables.c0"});
  EXPECT_EQ(of_words.faults, Faults{});
  EXPECT_EQ(value(of_words, "class.linear.weight"), 0.0);
  EXPECT_EQ(value(of_words, "tables.linear.weight"), 1.0);
  const Assigned plain = assign(two_maps("a", "b"), {"a.linear.weight", "b.linear.weight", "tables.c0"});
  EXPECT_EQ(plain.faults, Faults{});
}

TEST(WeightsFile, KnowsWhoseNameItIs) {
  const std::string yaml = two_maps("class", "class_");
  const Assigned plain = assign(yaml, {"class.linear.weight", "class_.linear.weight"});
  const Assigned exported = assign(yaml, {"class_.linear.weight", "class__.linear.weight"});
  for (const Assigned& assigned : {plain, exported}) {
    EXPECT_EQ(assigned.faults, Faults{});
    EXPECT_EQ(value(assigned, "class.linear.weight"), 0.0);
    EXPECT_EQ(value(assigned, "class_.linear.weight"), 1.0);
  }
}

TEST(WeightsFile, ALayerNamedTablesIsNoTable) {
  const Assigned assigned =
      assign(two_maps("a", "tables"), {"a.linear.weight", "tables.linear.weight", "tables.linear.wieght"});
  EXPECT_EQ(assigned.faults, Faults{"unknown-weight the graph has no parameter 'tables.linear.wieght'"});
}

}  // namespace
}  // namespace kiln
