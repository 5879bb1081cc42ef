#include <algorithm>

#include "engines/native/steps/steps.h"

namespace kiln::native {
namespace {

template <class T>
struct OneHotStep : Step<T> {
  int output;

  void forward(Run<T>& run, const Chunk& chunk) const override {
    const int row_size = run.layouts[output].row_size;
    T* rows = run.values(output, chunk);
    std::fill_n(rows, static_cast<std::size_t>(chunk.n_rows) * row_size, T(0));
    for (int r = 0; r < chunk.n_rows; ++r) rows[r * row_size + run.graph.species[chunk.begin + r]] = T(1);
  }
  void reverse(Run<T>&, const Chunk&) const override {}
};

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_one_hot_step(const Preparation<T>& preparation, int operation) {
  auto step = std::make_unique<OneHotStep<T>>();
  step->output = preparation.graph.operations[operation].output;
  return step;
}

template std::unique_ptr<Step<double>> make_one_hot_step(const Preparation<double>&, int);
template std::unique_ptr<Step<float>> make_one_hot_step(const Preparation<float>&, int);

}  // namespace kiln::native
