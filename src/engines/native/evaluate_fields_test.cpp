#include "engines/native/evaluate_fields.h"

#include "engines/native/test_models.h"

// That fields are right is shown against the torch engine (tests/cli/run_test.py); here, that keeping them changes
// nothing, and what is refused.

namespace kiln {
namespace {

using namespace test;

std::vector<int> fields_of_operations(const LoweredGraph& graph) {
  std::vector<int> fields;
  for (const Operation& operation : graph.operations) fields.push_back(operation.output);
  return fields;
}

TEST(EvaluateFields, KeepingFieldsChangesNoBit) {
  MaceOptions tabulated;
  tabulated.radial = "{tabulated: {knots: 24}}";
  for (const MaceOptions& options : {MaceOptions{}, tabulated}) {
    const LoweredGraph graph = lowered(mace_yaml(options));
    const Weights weights = init_weights(graph, 3);
    const AtomGraph atoms = atom_graph(random_crystal(3, 2), graph, 2);
    for (const Precision precision : {Precision::f64, Precision::f32}) {
      const EngineOutput want = evaluate(*make_native_engine(graph, weights, precision), atoms);
      std::vector<int> fields = {graph.energy_field, graph.atom_energy_field};
      for (const int field : fields_of_operations(graph)) fields.push_back(field);
      const FieldValues got = make_native_fields(graph, weights, precision, fields)(atoms, {}, true);
      EXPECT_EQ(got.fields[0], want.energies);
      EXPECT_EQ(got.fields[1], want.atom_energies);
      EXPECT_EQ(got.edge_gradients, want.edge_gradients);
      for (std::size_t k = 0; k < fields.size(); ++k) {
        const FieldType& type = graph.fields[fields[k]];
        const std::size_t rows = type.level == Level::system ? 1
                                 : type.level == Level::atom ? atoms.n_all()
                                                             : atoms.edges[0].n_edges();
        EXPECT_EQ(got.fields[k].size(), rows * type.irreps.dim()) << k;
      }
    }
  }
}

/// Sums of structures: what is a ghost of one is nothing of its energy, nor of its gradients.
TEST(EvaluateFields, OnlyTheFirstStructureIsDifferentiated) {
  const LoweredGraph graph = lowered(mace_yaml({}));
  const Weights weights = init_weights(graph, 3);
  const AtomGraph one = atom_graph(random_crystal(2, 2, 1, false), graph, 2);
  const AtomGraph both = batch(std::vector<AtomGraph>{one, atom_graph(random_crystal(2, 2, 5, false), graph, 2)});
  const FieldFunction evaluate_both = make_native_fields(graph, weights, Precision::f64, {graph.energy_field});
  const std::vector<double> alone = evaluate_both(one, {}, true).edge_gradients[0];
  std::vector<double> gradients = evaluate_both(both, {}, true).edge_gradients[0];
  EXPECT_GT(largest(alone), 1e-6);
  const auto second = gradients.begin() + static_cast<std::ptrdiff_t>(alone.size());
  EXPECT_TRUE(std::all_of(second, gradients.end(), [](double g) { return g == 0.0; }));
  gradients.erase(second, gradients.end());
  EXPECT_TRUE(largest_difference(gradients, alone) <= 1e-13);
}

TEST(EvaluateFields, RefusesWhatItCannotRun) {
  LoweredGraph graph = lowered(mace_yaml({}));
  const Weights weights = init_weights(graph, 3);
  for (Operation& operation : graph.operations)
    if (std::holds_alternative<RadialFunctions>(operation.op))
      operation = {
          Call{"torch.relu", "torch.relu($0)", {-1}, {}}, {operation.inputs[0]}, operation.output, "strange", 0};
  for (const int field : fields_of_operations(graph)) {
    if (graph.fields[field].level != Level::edge) continue;
    try {
      make_native_fields(graph, weights, Precision::f64, {field});
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.diagnostics().front().code, "unsupported-operator");
    }
  }
}

}  // namespace
}  // namespace kiln
