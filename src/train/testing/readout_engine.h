#pragma once

#include <memory>
#include <string>
#include <utility>

#include "engines/native/native_engine.h"
#include "engines/torch/torch_library.h"

namespace kiln {

/// For tests without libtorch: the native engine, made trainable by finite differences in one weight array; all other
/// weights stay.
class ReadoutEngine : public TrainableEngine {
 public:
  ReadoutEngine(LoweredGraph graph, std::string trained) : graph_(std::move(graph)), trained_(std::move(trained)) {}

  std::unique_ptr<Scratch> make_scratch() const override { return engine_->make_scratch(); }
  void set_weights(const Weights& weights) override {
    weights_ = weights;
    engine_ = make_native_engine(graph_, weights_, Precision::f64);
  }
  void evaluate(const AtomGraph& graph, bool gradients, Scratch& scratch, EngineOutput& out) const override {
    engine_->evaluate(graph, gradients, scratch, out);
  }
  void forward(const AtomGraph& graph, bool gradients, EngineOutput& out) override {
    kept_ = graph;
    evaluate(graph, gradients, *make_scratch(), out);
  }
  void read_running(Weights&) const override {}
  void backward(const std::vector<double>& energies_bar, const std::vector<std::vector<double>>& gradients_bar,
                Weights& bar) override {
    const double h = 1e-4;
    Array slope = weights_.at(trained_);
    for (std::size_t k = 0; k < slope.data.size(); ++k)
      slope.data[k] =
          (contraction(k, h, energies_bar, gradients_bar) - contraction(k, -h, energies_bar, gradients_bar)) / (2 * h);
    bar = {{trained_, slope}};
  }

 private:
  /// sum of adjoint times output, one weight moved.
  double contraction(std::size_t k, double h, const std::vector<double>& energies_bar,
                     const std::vector<std::vector<double>>& gradients_bar) {
    Weights moved = weights_;
    moved.at(trained_).data[k] += h;
    const auto engine = make_native_engine(graph_, moved, Precision::f64);
    EngineOutput out;
    engine->evaluate(kept_, !gradients_bar.empty(), *engine->make_scratch(), out);
    double sum = 0.0;
    for (std::size_t s = 0; s < out.energies.size(); ++s) sum += energies_bar[s] * out.energies[s];
    for (std::size_t set = 0; set < gradients_bar.size(); ++set)
      for (std::size_t e = 0; e < gradients_bar[set].size(); ++e)
        sum += gradients_bar[set][e] * out.edge_gradients[set][e];
    return sum;
  }

  LoweredGraph graph_;
  std::string trained_;
  Weights weights_;
  std::unique_ptr<Engine> engine_;
  AtomGraph kept_;
};

/// A library whose engine is that one.
class ReadoutLibrary : public TorchLibrary {
 public:
  ReadoutLibrary(LoweredGraph graph, std::string trained) : graph_(std::move(graph)), trained_(std::move(trained)) {}
  void configure_process() override {}
  std::unique_ptr<TrainableEngine> make_engine(const TorchProgram&) override {
    return std::make_unique<ReadoutEngine>(graph_, trained_);
  }
  std::vector<NamedArray> run(const TorchProgram&, const std::vector<NamedArray>&) override { return {}; }
  ForeignModule inspect_module(const std::string&) override { return {}; }
  std::optional<ForeignModule> inspect_operator(const std::string&) override { return std::nullopt; }
  std::string save_torchscript(const TorchProgram&) override { return {}; }
  void set_threads(int) override {}
  void set_deterministic_seed(unsigned long long) override {}
  std::string description() override { return "finite differences of the native engine"; }

 private:
  LoweredGraph graph_;
  std::string trained_;
};

}  // namespace kiln
