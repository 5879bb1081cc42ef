#include <algorithm>

#include "engines/native/steps/scalar_sums.h"
#include "engines/native/steps/steps.h"

// The short way from readouts to the energy: per-species energies, scale and shift, the sum over atoms. float64 always.

namespace kiln::native {
namespace {

template <class T>
struct SpeciesTableStep : Step<T> {
  int output;
  std::vector<double> table;

  void forward(Run<T>& run, const Chunk& chunk) const override {
    ScalarRows<T> y(run, output, chunk);
    y.clear(chunk.n_rows);
    for (int r = 0; r < chunk.n_rows; ++r) y.set(r, 0, table[run.graph.species[chunk.begin + r]]);
  }
  void reverse(Run<T>&, const Chunk&) const override {}
};

template <class T>
struct AffineStep : Step<T> {
  int input, output;
  double scale, shift;

  void forward(Run<T>& run, const Chunk& chunk) const override {
    ScalarRows<T> x(run, input, chunk), y(run, output, chunk);
    const int n = ScalarRows<T>::width(run, output);
    y.clear(chunk.n_rows);
    for (int r = 0; r < chunk.n_rows; ++r)
      for (int k = 0; k < n; ++k) y.set(r, k, scale * x.value(r, k) + shift);
  }
  void reverse(Run<T>& run, const Chunk& chunk) const override {
    ScalarRows<T> x(run, input, chunk), y(run, output, chunk);
    const int n = ScalarRows<T>::width(run, output);
    for (int r = 0; r < chunk.n_rows; ++r)
      for (int k = 0; k < n; ++k) x.add_adjoint(r, k, scale * y.adjoint(r, k));
  }
};

/// Owned atoms only; the chunk's rows beyond them are another structure's ghosts.
template <class T>
struct SumAtomsStep : Step<T> {
  int input, output;

  void forward(Run<T>& run, const Chunk&) const override {
    std::vector<double>& sums = run.workspace.fields[output].sums;
    std::fill(sums.begin(), sums.end(), 0.0);
    for_each_atom(run,
                  [&](ScalarRows<T>& atoms, int row, int k, std::size_t sum) { sums[sum] += atoms.value(row, k); });
  }
  void reverse(Run<T>& run, const Chunk&) const override {
    const std::vector<double>& sums_bar = run.workspace.fields[output].sums_adjoint;
    for_each_atom(
        run, [&](ScalarRows<T>& atoms, int row, int k, std::size_t sum) { atoms.add_adjoint(row, k, sums_bar[sum]); });
  }

 private:
  template <class Function>
  void for_each_atom(Run<T>& run, Function function) const {
    ScalarRows<T> atoms(run, input, Chunk{});
    const int n = ScalarRows<T>::width(run, input);
    for (int r = 0; r < run.graph.n_owned(); ++r) {
      const int structure = run.graph.structure.empty() ? 0 : run.graph.structure[r];
      for (int k = 0; k < n; ++k) function(atoms, r, k, static_cast<std::size_t>(structure) * n + k);
    }
  }
};

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_species_table_step(const Preparation<T>& preparation, int operation) {
  const Operation& op = preparation.graph.operations[operation];
  const auto& table = std::get<SpeciesTable>(op.op);
  auto step = std::make_unique<SpeciesTableStep<T>>();
  step->output = op.output;
  step->table = weight_of(preparation.weights, table.values, table.n_species);
  return step;
}

template <class T>
std::unique_ptr<Step<T>> make_affine_step(const Preparation<T>& preparation, int operation) {
  const Operation& op = preparation.graph.operations[operation];
  const auto& affine = std::get<Affine>(op.op);
  if (!preparation.graph.fields[op.output].irreps.is_scalar()) refuse(op, "scales and shifts scalars (0e) only");
  auto step = std::make_unique<AffineStep<T>>();
  step->input = op.inputs[0];
  step->output = op.output;
  step->scale = weight_of(preparation.weights, affine.scale, 1)[0];
  step->shift = weight_of(preparation.weights, affine.shift, 1)[0];
  return step;
}

template <class T>
std::unique_ptr<Step<T>> make_sum_atoms_step(const Preparation<T>& preparation, int operation) {
  const Operation& op = preparation.graph.operations[operation];
  if (!preparation.graph.fields[op.output].irreps.is_scalar()) refuse(op, "sums scalars (0e) only");
  auto step = std::make_unique<SumAtomsStep<T>>();
  step->input = op.inputs[0];
  step->output = op.output;
  return step;
}

template std::unique_ptr<Step<double>> make_species_table_step(const Preparation<double>&, int);
template std::unique_ptr<Step<float>> make_species_table_step(const Preparation<float>&, int);
template std::unique_ptr<Step<double>> make_affine_step(const Preparation<double>&, int);
template std::unique_ptr<Step<float>> make_affine_step(const Preparation<float>&, int);
template std::unique_ptr<Step<double>> make_sum_atoms_step(const Preparation<double>&, int);
template std::unique_ptr<Step<float>> make_sum_atoms_step(const Preparation<float>&, int);

}  // namespace kiln::native
