#include "model/self_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/rng.h"

namespace kiln {

namespace {

constexpr int kFewestSites = 4;
constexpr double kSpacing = 0.45;  // between sites, in cutoffs: a few shells of neighbors within the cutoff
constexpr double kJitter = 0.12;   // of the spacing, so that no symmetry hides an error

/// Rattled sites of a cubic grid, side^3 of them, as many as there are species or more; species in turn.
Structure rattled_grid(const std::vector<int>& atomic_numbers, int n_sites, int side, double spacing) {
  Rng rng(1, "self-test");
  Structure structure;
  for (int site = 0; site < n_sites; ++site) {
    const int grid[3] = {site % side, site / side % side, site / side / side};
    std::array<double, 3> position;
    for (int k = 0; k < 3; ++k) position[k] = spacing * (grid[k] + kJitter * (2.0 * rng.uniform() - 1.0));
    structure.positions.push_back(position);
    structure.atomic_numbers.push_back(atomic_numbers[site % atomic_numbers.size()]);
  }
  return structure;
}

double worse(double worst, double got, double want) {
  const double difference = std::abs(got - want) / (1.0 + std::abs(want));
  return std::isnan(worst) || difference <= worst ? worst : difference;  // NaN stays
}

double worse(double worst, const std::vector<double>& got, const std::vector<double>& want) {
  if (got.size() != want.size()) return NAN;
  for (std::size_t i = 0; i < got.size(); ++i) worst = worse(worst, got[i], want[i]);
  return worst;
}

}  // namespace

double self_test_tolerance(Precision precision) { return precision == Precision::f64 ? 1e-10 : 1e-5; }

std::vector<Structure> self_test_structures(const std::vector<int>& atomic_numbers, double cutoff) {
  const int n_sites = std::max(kFewestSites, static_cast<int>(atomic_numbers.size()));
  const int side = static_cast<int>(std::ceil(std::cbrt(n_sites)));
  const double spacing = kSpacing * (cutoff > 0.0 ? cutoff : 5.0);
  const double edge = side * spacing;
  Structure crystal = rattled_grid(atomic_numbers, side * side * side, side, spacing);
  crystal.cell = {edge, 0.0, 0.0, 0.07 * edge, 1.03 * edge, 0.0, -0.04 * edge, 0.05 * edge, 0.98 * edge};
  crystal.periodic = {true, true, true};
  return {rattled_grid(atomic_numbers, n_sites, side, spacing), crystal};
}

std::vector<SelfTest> evaluate_self_tests(const Model& model, const PotentialGraph& graph, const ModelHost& host) {
  const auto engine = make_engine(graph.lowered, model.weights, model.precision, host);
  const auto scratch = engine->make_scratch();
  std::vector<SelfTest> tests;
  for (const SelfTest& test : model.self_tests) {
    const AtomGraph atoms = atom_graph_of(graph, test.structure);
    Prediction prediction = predict(*engine, atoms, {true, true, false}, *scratch);
    tests.push_back({test.structure, prediction.energy, std::move(prediction.forces), std::move(prediction.virial)});
  }
  return tests;
}

double largest_difference(const std::vector<SelfTest>& got, const std::vector<SelfTest>& want) {
  double worst = got.size() == want.size() ? 0.0 : NAN;
  for (std::size_t i = 0; i < std::min(got.size(), want.size()); ++i) {
    const double n = std::max(want[i].structure.n_atoms(), 1);
    worst = worse(worst, got[i].energy / n, want[i].energy / n);
    worst = worse(worst, got[i].forces, want[i].forces);
    worst = worse(worst, got[i].virial, want[i].virial);
  }
  return worst;
}

namespace {

double compare_self_tests(const Model& model, const ModelHost& host) {
  const double worst = largest_difference(evaluate_self_tests(model, potential_graph(model), host), model.self_tests);
  const double tolerance = self_test_tolerance(model.precision);
  if (!(worst <= tolerance))
    throw Error(ErrorKind::numerical, "self-test-failed",
                fmt::format("the model does not reproduce its self-test: the largest relative difference is {:.1e}, "
                            "the tolerance {:.1e}",
                            worst, tolerance),
                "the file was changed after it was written, or this build of Kiln computes something else");
  return worst;
}

}  // namespace

double run_self_test(const Model& model, const ModelHost& host) {
  double worst = 0.0;
  with_other_plugins_told(model, [&] { worst = compare_self_tests(model, host); });
  return worst;
}

}  // namespace kiln
