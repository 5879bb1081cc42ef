#include "engines/native/steps/steps.h"
#include "kernels/radial_network.h"

namespace kiln::native {
namespace {

/// constant * silu(x). Few numbers per atom, so evaluated one by one in float64.
template <class T>
struct ActivationStep : Step<T> {
  int input, output;
  double constant;

  void forward(Run<T>& run, const Chunk& chunk) const override {
    const T* x = run.values(input, chunk);
    T* y = run.values(output, chunk);
    const int n = chunk.n_rows * run.layouts[output].row_size;
    for (int i = 0; i < n; ++i) y[i] = static_cast<T>(constant * silu(x[i]).value);  // padding stays 0
  }
  void reverse(Run<T>& run, const Chunk& chunk) const override {
    T* x_bar = run.adjoint(input, chunk);
    if (!x_bar) return;
    const T* x = run.values(input, chunk);
    const T* y_bar = run.adjoint(output, chunk);
    const int n = chunk.n_rows * run.layouts[output].row_size;
    for (int i = 0; i < n; ++i) x_bar[i] += y_bar[i] * static_cast<T>(constant * silu(x[i]).slope);
  }
};

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_activation_step(const Preparation<T>& preparation, int operation) {
  const Operation& op = preparation.graph.operations[operation];
  auto step = std::make_unique<ActivationStep<T>>();
  step->input = op.inputs[0];
  step->output = op.output;
  step->constant = std::get<Activation>(op.op).constant;
  return step;
}

template std::unique_ptr<Step<double>> make_activation_step(const Preparation<double>&, int);
template std::unique_ptr<Step<float>> make_activation_step(const Preparation<float>&, int);

}  // namespace kiln::native
