#include <gtest/gtest.h>

#include "engines/engine_laws.h"
#include "graph/liveness.h"
#include "kernels/radial_network.h"
#include "kiln/error.h"

namespace kiln {
namespace {

using namespace test;

constexpr int kChannels = 5;  // padded in every layout

void silu_forward(const RowArguments& x, Span<double> y) {
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = x.weights[0][0] * silu(x.inputs[0][i]).value;
}
void silu_reverse(const RowArguments& x, Span<const double> y_bar, Span<const Span<double>> inputs_bar) {
  for (std::size_t i = 0; i < y_bar.size(); ++i)
    inputs_bar[0][i] += y_bar[i] * x.weights[0][0] * silu(x.inputs[0][i]).slope;
}

/// First of the three components of a vector's copy, behind the scalars of a row.
std::size_t place(int copy) { return kChannels + 3 * copy; }

double square(Span<const double> row, std::size_t at) {
  return row[at] * row[at] + row[at + 1] * row[at + 1] + row[at + 2] * row[at + 2];
}

/// Scalars of the first input stay, vectors are multiplied by the square of the same vector of the second input: only
/// if components of a copy stand together is that a vector.
void stretch_forward(const RowArguments& x, Span<double> y) {
  for (int c = 0; c < kChannels; ++c) {
    y[c] = x.inputs[0][c];
    for (int m = 0; m < 3; ++m) y[place(c) + m] = x.inputs[0][place(c) + m] * square(x.inputs[1], place(c));
  }
}
void stretch_reverse(const RowArguments& x, Span<const double> y_bar, Span<const Span<double>> inputs_bar) {
  for (int c = 0; c < kChannels; ++c) {
    inputs_bar[0][c] += y_bar[c];
    double square_bar = 0.0;
    for (int m = 0; m < 3; ++m) {
      inputs_bar[0][place(c) + m] += y_bar[place(c) + m] * square(x.inputs[1], place(c));
      square_bar += y_bar[place(c) + m] * x.inputs[0][place(c) + m];
    }
    for (int m = 0; m < 3; ++m) inputs_bar[1][place(c) + m] += 2.0 * square_bar * x.inputs[1][place(c) + m];
  }
}

/// The graph with the function of a layer's output, given `n` times, in place of that output.
LoweredGraph with_function(LoweredGraph graph, const std::string& layer, int n, const RowFunction& function) {
  std::size_t at = graph.operations.size();
  while (graph.operations[at - 1].layer != layer) --at;
  const int old = graph.operations[at - 1].output, made = static_cast<int>(graph.fields.size());
  graph.fields.push_back(graph.fields[old]);
  for (std::size_t k = at; k < graph.operations.size(); ++k)
    for (int& input : graph.operations[k].inputs)
      if (input == old) input = made;
  graph.operations.insert(graph.operations.begin() + at, {function, std::vector<int>(n, old), made, "mine"});
  set_hops(graph);
  return graph;
}

RowFunction stretch() { return {"stretch", "", {}, stretch_forward, stretch_reverse, ""}; }

LoweredGraph stretched() { return with_function(lowered(mace_yaml({})), "interaction1", 2, stretch()); }

TEST(RowFunction, IsTheOperatorThatItCopies) {
  const LoweredGraph graph = lowered(mace_yaml({}));
  LoweredGraph other = graph;
  other.parameters.emplace_back();
  other.parameters.back().name = "mine.factor";
  other.parameters.back().shape = {1};
  int n_replaced = 0;
  for (Operation& operation : other.operations) {
    if (!std::holds_alternative<Activation>(operation.op)) continue;
    operation.op = RowFunction{"silu", "", {{"factor", "mine.factor"}}, silu_forward, silu_reverse, ""};
    ++n_replaced;
  }
  ASSERT_GT(n_replaced, 0);
  Weights weights = init_weights(other, 5);
  weights.at("mine.factor").data = {kSiluConstant};
  const AtomGraph crystal = atom_graph(random_crystal(5, 2), graph, 2);  // more rows than a chunk has
  for (const Precision precision : {Precision::f64, Precision::f32}) {
    const double tolerance = precision == Precision::f64 ? 1e-13 : 1e-5;
    const EngineOutput want = evaluate(*make_native_engine(graph, weights, precision), crystal);
    const EngineOutput got = evaluate(*make_native_engine(other, weights, precision), crystal);
    EXPECT_TRUE(largest_difference(got.atom_energies, want.atom_energies) <=
                tolerance * (1.0 + largest(want.atom_energies)));
    EXPECT_TRUE(largest_difference(got.edge_gradients[0], want.edge_gradients[0]) <=
                tolerance * (1.0 + largest(want.edge_gradients[0])));
  }
}

TEST(RowFunction, GoesBackThroughEveryInput) {
  const LoweredGraph graph = stretched();
  const auto engine = make_native_engine(graph, init_weights(graph, 5), Precision::f64);
  expect_edge_gradients(*engine, atom_graph(random_crystal(3, 2), graph, 2), 11);
}

TEST(RowFunction, SeesTheComponentsOfACopyTogether) {
  const LoweredGraph graph = stretched();
  const auto engine = make_native_engine(graph, init_weights(graph, 5), Precision::f64);
  expect_symmetries(evaluator(*engine, graph, 2), random_crystal(3, 2));
}

TEST(RowFunction, WithoutBodyIsRefusedByName) {
  RowFunction function = stretch();
  function.reverse = nullptr;
  const LoweredGraph graph = with_function(lowered(mace_yaml({})), "interaction1", 2, function);
  try {
    make_native_engine(graph, init_weights(graph, 5), Precision::f64);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.diagnostics().front().code, "unsupported-operator");
    EXPECT_NE(error.diagnostics().front().what.find("layer 'mine'"), std::string::npos);
  }
}

TEST(RowFunction, WhatItThrowsNamesPluginAndLayer) {
  RowFunction function = stretch();
  function.plugin = "odd.so";
  function.forward = [](const RowArguments&, Span<double>) { throw 42; };
  const LoweredGraph graph = with_function(lowered(mace_yaml({})), "interaction1", 2, function);
  const auto engine = make_native_engine(graph, init_weights(graph, 5), Precision::f64);
  try {
    evaluate(*engine, atom_graph(random_crystal(3, 2), graph, 2));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    EXPECT_NE(error.diagnostics().front().what.find("layer 'mine'"), std::string::npos);
    EXPECT_NE(error.diagnostics().front().what.find("odd.so"), std::string::npos);
  }
}

}  // namespace
}  // namespace kiln
