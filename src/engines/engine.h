#pragma once

#include <memory>
#include <vector>

#include "base/weights.h"
#include "graph/lowered_graph.h"
#include "kiln/atom_graph.h"
#include "kiln/span.h"

namespace kiln {

/// What an engine returns: energies and their derivatives by the edge vectors. Forces and virials are sums over these
/// (engines/derivatives.h), the same for every engine.
struct EngineOutput {
  std::vector<double> energies;       ///< [n_structures], eV, summed in float64
  std::vector<double> atom_energies;  ///< [n_owned], eV; empty if the graph has none
  std::vector<std::vector<double>>
      edge_gradients;  ///< per edge set [n_edges, 3], eV/Å, dE/dr_ij; empty if not asked for
};

/// Evaluates a lowered graph with given weights. Thread-safe: scratch is the caller's.
class Engine {
 public:
  struct Scratch {
    virtual ~Scratch() = default;
  };
  virtual ~Engine() = default;
  virtual std::unique_ptr<Scratch> make_scratch() const = 0;
  virtual void evaluate(const AtomGraph& graph, bool gradients, Scratch& scratch, EngineOutput& out) const = 0;
};

/// An engine whose weights can be trained. `forward` keeps what `backward` needs until the next `forward`.
/// `backward` returns d(loss)/d(weights) for a loss with the given derivatives by energies and edge gradients; the loss
/// itself is the trainer's business.
class TrainableEngine : public Engine {
 public:
  virtual void set_weights(const Weights& weights) = 0;
  virtual void forward(const AtomGraph& graph, bool gradients, EngineOutput& out) = 0;
  /// energies_bar [n_structures]; edge_gradients_bar per edge set [n_edges, 3], empty if forward had no gradients.
  virtual void backward(const std::vector<double>& energies_bar,
                        const std::vector<std::vector<double>>& edge_gradients_bar, Weights& weights_bar) = 0;
  /// Overwrites the weights that `forward` changes itself, running statistics of the batches; `set_weights` sets them,
  /// too, and `evaluate` uses them as they are.
  virtual void read_running(Weights& weights) const = 0;
};

enum class Precision { f32, f64 };

}  // namespace kiln
