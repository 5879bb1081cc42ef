#pragma once

#include <cmath>

#include "engines/engine.h"
#include "graph/lowered_graph.h"
#include "kiln/structure.h"
#include "structure/atom_graph_builder.h"
#include "train/dataset.h"

namespace kiln {

/// For tests: E = sum over directed edges of a exp(-b r), with everything by hand; n counts the structures it has been
/// trained on, a running statistic.
class PairEngine : public TrainableEngine {
 public:
  double a = 1.0, b = 1.0, n = 0.0;

  static Weights weights(double a, double b, double n = 0.0) {
    return {{"pair.a", {{1}, {a}}}, {"pair.b", {{1}, {b}}}, {"pair.n", {{1}, {n}}}};
  }
  static LoweredGraph graph() {
    LoweredGraph g;
    for (const char* name : {"pair.n", "pair.a", "pair.b"}) {
      g.parameters.emplace_back();
      g.parameters.back().name = name;
    }
    g.parameters[0].running = true;
    g.parameters[0].trainable = false;
    return g;
  }

  std::unique_ptr<Scratch> make_scratch() const override { return std::make_unique<Scratch>(); }
  void set_weights(const Weights& w) override {
    a = w.at("pair.a").data[0];
    b = w.at("pair.b").data[0];
    n = w.at("pair.n").data[0];
  }
  void evaluate(const AtomGraph& graph, bool gradients, Scratch&, EngineOutput& out) const override {
    out.energies.assign(static_cast<std::size_t>(graph.n_structures), 0.0);
    out.edge_gradients.clear();
    if (gradients) out.edge_gradients.emplace_back(graph.edges[0].vectors.size(), 0.0);
    for_each_edge(graph, [&](std::size_t s, std::size_t e, const double* r, double length) {
      out.energies[s] += a * std::exp(-b * length);
      for (std::size_t k = 0; gradients && k < 3; ++k)
        out.edge_gradients[0][3 * e + k] = -a * b * std::exp(-b * length) * r[k] / length;
    });
  }
  void forward(const AtomGraph& graph, bool gradients, EngineOutput& out) override {
    kept_ = graph;
    n += graph.n_structures;
    Scratch none;
    evaluate(graph, gradients, none, out);
  }
  void read_running(Weights& w) const override { w.at("pair.n").data[0] = n; }
  void backward(const std::vector<double>& energies_bar, const std::vector<std::vector<double>>& gradients_bar,
                Weights& bar) override {
    double a_bar = 0.0, b_bar = 0.0;
    for_each_edge(kept_, [&](std::size_t s, std::size_t e, const double* r, double length) {
      const double exponential = std::exp(-b * length);
      a_bar += energies_bar[s] * exponential;
      b_bar -= energies_bar[s] * a * length * exponential;
      if (gradients_bar.empty()) return;
      const double* g = &gradients_bar[0][3 * e];
      const double along = (g[0] * r[0] + g[1] * r[1] + g[2] * r[2]) / length;
      a_bar -= along * b * exponential;
      b_bar += along * a * exponential * (b * length - 1.0);
    });
    bar = weights(a_bar, b_bar);
  }

 private:
  template <class Body>
  static void for_each_edge(const AtomGraph& graph, Body body) {
    const EdgeList& edges = graph.edges[0];
    for (int i = 0; i < edges.n_receivers(); ++i)
      for (int e = edges.first[static_cast<std::size_t>(i)]; e < edges.first[static_cast<std::size_t>(i) + 1]; ++e) {
        const double* r = &edges.vectors[3 * static_cast<std::size_t>(e)];
        body(static_cast<std::size_t>(graph.structure[static_cast<std::size_t>(i)]), static_cast<std::size_t>(e), r,
             std::sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]));
      }
  }

  AtomGraph kept_;
};

}  // namespace kiln
