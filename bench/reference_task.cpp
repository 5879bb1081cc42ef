#include "reference_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "engines/native/native_engine.h"
#include "fma_floor.h"
#include "graph/checked_graph.h"
#include "layers/layer_table.h"
#include "structure/atom_graph_builder.h"

namespace kiln::bench {
namespace {

LoweredGraph reference_graph() {
  Diagnostics faults;
  const GraphSpec spec = parse_graph_file(std::string(KILN_BENCH_DIR) + "/r1.yaml", faults);
  const CheckedGraph checked = check_graph(spec, layer_table(), faults);
  throw_if_errors(faults, ErrorKind::configuration);
  return lower_graph(checked);
}

/// 4 x 4 x 4 cubic cells of diamond, displaced at random (0.05 Å).
Structure rattled_silicon() {
  constexpr int kCells = 4;
  constexpr double kLattice = 5.431;  // Å
  constexpr double kBasis[8][3] = {{0, 0, 0},       {0, .5, .5},     {.5, 0, .5},     {.5, .5, 0},
                                   {.25, .25, .25}, {.25, .75, .75}, {.75, .25, .75}, {.75, .75, .25}};
  std::mt19937 random(1);
  std::normal_distribution<double> displacement(0.0, 0.05);
  Structure s;
  for (int cell = 0; cell < kCells * kCells * kCells; ++cell)
    for (const auto& atom : kBasis) {
      const int corner[3] = {cell % kCells, cell / kCells % kCells, cell / (kCells * kCells)};
      s.atomic_numbers.push_back(14);
      std::array<double, 3> position;
      for (int x = 0; x < 3; ++x) position[x] = kLattice * (corner[x] + atom[x]) + displacement(random);
      s.positions.push_back(position);
    }
  constexpr double kEdge = kLattice * kCells;
  s.cell = {kEdge, 0, 0, 0, kEdge, 0, 0, 0, kEdge};
  s.periodic = {true, true, true};
  return s;
}

AtomGraph reference_atoms(const LoweredGraph& graph) {
  std::vector<double> cutoffs;
  for (const EdgeSet& set : graph.edge_sets) cutoffs.push_back(set.cutoff);
  std::vector<int> species_of(119, -1);
  species_of[14] = 0;
  return build_atom_graph(rattled_silicon(), cutoffs, graph.n_hops, species_of);
}

/// Largest difference of the edge gradients relative to the largest gradient.
double relative_difference(const EngineOutput& a, const EngineOutput& b) {
  double difference = 0.0, largest = 0.0;
  for (std::size_t i = 0; i < a.edge_gradients[0].size(); ++i) {
    const double d = std::abs(a.edge_gradients[0][i] - b.edge_gradients[0][i]);
    if (!std::isfinite(d)) return std::numeric_limits<double>::infinity();
    difference = std::max(difference, d);
    largest = std::max(largest, std::abs(b.edge_gradients[0][i]));
  }
  return difference / largest;
}

/// An engine with its memory.
struct Runner {
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Engine::Scratch> scratch;
  EngineOutput out;

  explicit Runner(std::unique_ptr<Engine> e) : engine(std::move(e)), scratch(engine->make_scratch()) {}
  void run(const AtomGraph& atoms) { engine->evaluate(atoms, true, *scratch, out); }
};

Row time_precision(const LoweredGraph& graph, const Weights& weights, const AtomGraph& atoms, Precision precision,
                   const EngineOutput& reference) {
  const bool wide = precision == Precision::f64;
  const std::string name = wide ? "R1 f64" : "R1 f32";
  Runner runner(make_native_engine(graph, weights, precision));
  runner.run(atoms);  // also warms caches and memory
  require_close(name, relative_difference(runner.out, reference), wide ? 1e-12 : 1e-5);

  constexpr int kRounds = 9;  // interleaved, so that a change of the clock hits both
  std::vector<double> times, floors;
  for (int round = 0; round < kRounds; ++round) {
    floors.push_back(kR1MultiplyAdds / multiply_add_rate(precision, best_level()));
    times.push_back(cpu_seconds([&] { runner.run(atoms); }) / atoms.n_owned());
  }
  const double time = 1e6 * median(times), floor = 1e6 * median(floors);
  fmt::print("{}: {:.1f} us/atom, FMA floor {:.1f} us/atom ({:.1f} GFLOP/s, {})\n", name, time, floor,
             2e-3 * kR1MultiplyAdds / floor, name_of(best_level()));
  return {name, time, "us/atom", "FMA floor", time / floor};
}

}  // namespace

std::vector<Row> reference_task() {
  const LoweredGraph graph = reference_graph();
  const Weights weights = init_weights(graph, 1);
  const AtomGraph atoms = reference_atoms(graph);
  fmt::print("R1: {} atoms, {:.1f} neighbors\n", atoms.n_owned(), double(atoms.edges[0].n_edges()) / atoms.n_owned());
  Runner reference(make_native_engine(graph, weights, Precision::f64, VectorLevel::x86_64));
  reference.run(atoms);
  return {time_precision(graph, weights, atoms, Precision::f64, reference.out),
          time_precision(graph, weights, atoms, Precision::f32, reference.out)};
}

}  // namespace kiln::bench
