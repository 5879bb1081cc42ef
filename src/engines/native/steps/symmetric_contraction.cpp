#include <algorithm>

#include "engines/native/species_rows.h"
#include "engines/native/steps/steps.h"
#include "kernels/contraction_polynomial.h"

namespace kiln::native {
namespace {

using kernels::ContractionArguments;

template <class T>
struct SymmetricContractionStep : Step<T> {
  int input, attributes, output;
  int n_attributes;
  bool by_species;  ///< attributes are one-hot
  int n_blocks;
  kernels::ContractionPolynomial polynomial;
  AlignedBuffer<T> coefficients;  ///< [attribute][block][term][lane]
  const kernels::KernelTable<T>* kernels;

  void forward(Run<T>& run, const Chunk& chunk) const override {
    ContractionArguments<T> arguments = arguments_of(run, chunk);
    arguments.b = run.values(output, chunk);
    for_each_group(run, chunk, arguments,
                   [this](const ContractionArguments<T>& group, int) { kernels->contraction_forward(group); });
    run.workspace.arena.release_all();
  }

  void reverse(Run<T>& run, const Chunk& chunk) const override {
    ContractionArguments<T> arguments = arguments_of(run, chunk);
    arguments.b = run.adjoint(output, chunk);
    arguments.a_bar = run.adjoint(input, chunk);
    if (!arguments.b) return;
    for_each_group(run, chunk, arguments, [&](const ContractionArguments<T>& group, int row) {
      if (group.a_bar) kernels->contraction_reverse(group);
      if (!by_species) reverse_attributes(run, chunk, group, row);
    });
    run.workspace.arena.release_all();
  }

 private:
  std::size_t coefficients_size() const {
    return static_cast<std::size_t>(n_blocks) * polynomial.terms.size() * kernels->lanes;
  }

  ContractionArguments<T> arguments_of(Run<T>& run, const Chunk& chunk) const {
    const FieldLayout &a = run.layouts[input], &b = run.layouts[output];
    ContractionArguments<T> arguments;
    arguments.polynomial = kernels::view(polynomial);
    arguments.n_blocks = n_blocks;
    arguments.a = run.values(input, chunk);
    arguments.a_row_stride = a.row_size;
    arguments.a_component_stride = a.blocks[0].stride;
    arguments.b_row_stride = b.row_size;
    arguments.b_component_stride = b.blocks[0].stride;
    const std::size_t n_nodes = 1 + polynomial.n_components + polynomial.products.size();
    arguments.scratch = run.workspace.arena.template take<T>(2 * n_nodes * kernels::kContractionRows * kernels->lanes);
    return arguments;
  }

  /// Rows that share coefficients: those of a species, or each row alone (second argument: that row).
  template <class Function>
  void for_each_group(Run<T>& run, const Chunk& chunk, ContractionArguments<T> arguments, Function function) const {
    if (by_species) {
      const SpeciesRows groups = group_by_species(run, chunk, n_attributes);
      for (int z = 0; z < n_attributes; ++z) {
        arguments.coefficients = coefficients.data() + z * coefficients_size();
        arguments.rows = groups.rows + groups.first[z];
        arguments.n_rows = groups.first[z + 1] - groups.first[z];
        function(arguments, -1);
      }
      return;
    }
    T* mixed = run.workspace.arena.template take<T>(coefficients_size());
    for (int r = 0; r < chunk.n_rows; ++r) {
      mix_coefficients(run, chunk, r, mixed);
      arguments.coefficients = mixed;
      arguments.rows = &r;
      arguments.n_rows = 1;
      function(arguments, r);
    }
  }

  std::ptrdiff_t attribute_place(const Run<T>& run, int row, int a) const {
    return static_cast<std::ptrdiff_t>(row) * run.layouts[attributes].row_size +
           scalar_offset(run.layouts[attributes], a);
  }

  /// W = sum_a attribute_a W_a
  void mix_coefficients(const Run<T>& run, const Chunk& chunk, int row, T* mixed) const {
    const std::size_t n = coefficients_size();
    std::fill_n(mixed, n, T(0));
    for (int a = 0; a < n_attributes; ++a) {
      const T attribute = run.values(attributes, chunk)[attribute_place(run, row, a)];
      const T* own = coefficients.data() + a * n;
      for (std::size_t i = 0; i < n; ++i) mixed[i] += attribute * own[i];
    }
  }

  void reverse_attributes(Run<T>& run, const Chunk& chunk, ContractionArguments<T> arguments, int row) const {
    T* attributes_bar = run.adjoint(attributes, chunk);
    if (!attributes_bar) return;
    const std::size_t n = coefficients_size();
    arguments.coefficients_bar = run.workspace.arena.template take<T>(n);
    kernels->contraction_coefficients_reverse(arguments);
    for (int a = 0; a < n_attributes; ++a) {
      const T* own = coefficients.data() + a * n;
      T sum = 0;
      for (std::size_t i = 0; i < n; ++i) sum += own[i] * arguments.coefficients_bar[i];
      attributes_bar[attribute_place(run, row, a)] += sum;
    }
  }
};

/// Bases of all outputs and degrees, and the weights that belong to them (null where there is no path).
struct WeightedBases {
  std::vector<std::vector<SymmetricBasis>> bases;
  std::vector<std::vector<const std::vector<double>*>> weights;
};

WeightedBases weighted_bases(const SymmetricContraction& op, const Weights& weights) {
  WeightedBases result;
  for (std::size_t k = 0; k < op.out.size(); ++k) {
    result.bases.emplace_back();
    result.weights.emplace_back();
    for (int degree = 1; degree <= op.correlation; ++degree) {
      result.bases[k].push_back(symmetric_basis(op.lmax, op.out[k].l, op.out[k].parity, degree));
      const std::size_t size = static_cast<std::size_t>(op.n_attributes) * result.bases[k].back().n_paths * op.channels;
      const std::string& name = op.weights[k][degree - 1];
      result.weights[k].push_back(size == 0 || name.empty() ? nullptr : &weight_of(weights, name, size));
    }
  }
  return result;
}

/// Coefficient of a term for an attribute and a channel: sum over the paths of weight times basis.
double coefficient(const SymmetricContraction& op, const WeightedBases& weighted, const kernels::TermSource& source,
                   int attribute, int channel) {
  const std::vector<double>* weights = weighted.weights[source.output][source.degree - 1];
  if (!weights) return 0.0;
  const std::size_t n_paths = source.path_coefficients.size();
  double sum = 0.0;
  for (std::size_t k = 0; k < n_paths; ++k)
    sum += source.path_coefficients[k] * (*weights)[(attribute * n_paths + k) * op.channels + channel];
  return sum;
}

template <class T>
void fill_coefficients(const SymmetricContraction& op, const WeightedBases& weighted,
                       SymmetricContractionStep<T>& step) {
  const int lanes = step.kernels->lanes;
  const std::size_t n_terms = step.polynomial.terms.size();
  const std::size_t size = op.n_attributes * step.n_blocks * n_terms * lanes;
  step.coefficients.reserve(size);
  std::fill_n(step.coefficients.data(), size, T(0));
  for (int a = 0; a < op.n_attributes; ++a)
    for (int c = 0; c < op.channels; ++c)
      for (std::size_t t = 0; t < n_terms; ++t)
        step.coefficients.data()[((a * step.n_blocks + c / lanes) * n_terms + t) * lanes + c % lanes] =
            static_cast<T>(coefficient(op, weighted, step.polynomial.sources[t], a, c));
}

/// The kernel walks components at one stride: all blocks must have the channels of the contraction.
void check_blocks(const Operation& op, const Irreps& irreps, const std::vector<Irrep>& expected, int channels) {
  bool right = irreps.blocks.size() == expected.size();
  for (std::size_t k = 0; right && k < expected.size(); ++k)
    right = irreps.blocks[k].mul == channels && irreps.blocks[k].irrep == expected[k];
  if (!right) refuse(op, "contracts " + std::to_string(channels) + " channels, not " + to_string(irreps));
}

std::vector<Irrep> component_irreps(int lmax) {
  std::vector<Irrep> irreps;
  for (int l = 0; l <= lmax; ++l) irreps.push_back({l, l % 2 == 0 ? 1 : -1});
  return irreps;
}

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_symmetric_contraction_step(const Preparation<T>& preparation, int operation) {
  const Operation& op = preparation.graph.operations[operation];
  const auto& contraction = std::get<SymmetricContraction>(op.op);
  check_blocks(op, preparation.graph.fields[op.inputs[0]].irreps, component_irreps(contraction.lmax),
               contraction.channels);
  check_blocks(op, preparation.graph.fields[op.output].irreps, contraction.out, contraction.channels);
  auto step = std::make_unique<SymmetricContractionStep<T>>();
  step->input = op.inputs[0];
  step->attributes = op.inputs[1];
  step->output = op.output;
  step->n_attributes = contraction.n_attributes;
  step->by_species = is_one_hot(preparation, op.inputs[1]);
  step->kernels = &preparation.kernels();
  step->n_blocks = padded(contraction.channels, Preparation<T>::channel_unit) / step->kernels->lanes;
  const WeightedBases weighted = weighted_bases(contraction, preparation.weights);
  step->polynomial = kernels::contraction_polynomial(weighted.bases);
  fill_coefficients(contraction, weighted, *step);
  for (kernels::TermSource& source : step->polynomial.sources) source.path_coefficients.clear();
  return step;
}

template std::unique_ptr<Step<double>> make_symmetric_contraction_step(const Preparation<double>&, int);
template std::unique_ptr<Step<float>> make_symmetric_contraction_step(const Preparation<float>&, int);

}  // namespace kiln::native
