#include "engines/native/steps/scalar_sums.h"
#include "engines/native/steps/steps.h"

namespace kiln::native {
namespace {

/// Node features: all inputs have the output's layout.
template <class T>
struct AddStep : Step<T> {
  std::vector<int> inputs;
  int output;

  void forward(Run<T>& run, const Chunk& chunk) const override {
    const std::size_t n = static_cast<std::size_t>(chunk.n_rows) * run.layouts[output].row_size;
    T* y = run.values(output, chunk);
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      const T* x = run.values(inputs[k], chunk);
      for (std::size_t i = 0; i < n; ++i) y[i] = k == 0 ? x[i] : y[i] + x[i];
    }
  }
  void reverse(Run<T>& run, const Chunk& chunk) const override {
    const std::size_t n = static_cast<std::size_t>(chunk.n_rows) * run.layouts[output].row_size;
    const T* y_bar = run.adjoint(output, chunk);
    for (const int input : inputs)
      if (T* x_bar = run.adjoint(input, chunk))
        for (std::size_t i = 0; i < n; ++i) x_bar[i] += y_bar[i];
  }
};

/// Energies, in float64.
template <class T>
struct AddSumsStep : Step<T> {
  std::vector<int> inputs;
  int output;

  void forward(Run<T>& run, const Chunk& chunk) const override {
    ScalarRows<T> y(run, output, chunk);
    const int n = ScalarRows<T>::width(run, output);
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      const ScalarRows<T> x(run, inputs[k], chunk);
      for (int r = 0; r < chunk.n_rows; ++r)
        for (int c = 0; c < n; ++c) y.set(r, c, (k == 0 ? 0.0 : y.value(r, c)) + x.value(r, c));
    }
  }
  void reverse(Run<T>& run, const Chunk& chunk) const override {
    const ScalarRows<T> y(run, output, chunk);
    const int n = ScalarRows<T>::width(run, output);
    for (const int input : inputs) {
      ScalarRows<T> x(run, input, chunk);
      for (int r = 0; r < chunk.n_rows; ++r)
        for (int c = 0; c < n; ++c) x.add_adjoint(r, c, y.adjoint(r, c));
    }
  }
};

template <class StepType>
std::unique_ptr<StepType> filled(const Operation& op) {
  auto step = std::make_unique<StepType>();
  step->inputs = op.inputs;
  step->output = op.output;
  return step;
}

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_add_step(const Preparation<T>& preparation, int operation) {
  const Operation& op = preparation.graph.operations[operation];
  for (const int input : op.inputs)
    if (preparation.graph.fields[input].irreps != preparation.graph.fields[op.output].irreps)
      refuse(op, "adds fields of different irreps");
  if (preparation.plan.fields[op.output].scalar_sum) return filled<AddSumsStep<T>>(op);
  return filled<AddStep<T>>(op);
}

template std::unique_ptr<Step<double>> make_add_step(const Preparation<double>&, int);
template std::unique_ptr<Step<float>> make_add_step(const Preparation<float>&, int);

}  // namespace kiln::native
