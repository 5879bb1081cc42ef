#include <algorithm>

#include "engines/native/species_rows.h"
#include "engines/native/steps/steps.h"

namespace kiln::native {
namespace {

using kernels::Gemm;
using kernels::RowBlock;

/// One block of the input to one block of the output; a matrix per attribute (one if there are none).
template <class T>
struct PreparedPath {
  int in_block, out_block;
  bool first_to_out, first_to_in;  ///< no path before it writes this block
  std::vector<PackedMatrix<T>> forward, reverse;
};

template <class T>
struct LinearStep : Step<T> {
  enum class Weighting { one, by_species, by_attributes };

  int operation, input, attributes = -1, output;
  int n_attributes = 0;
  Weighting weighting = Weighting::one;
  std::vector<PreparedPath<T>> paths;
  std::vector<int> unwritten_out, unread_in;  ///< blocks no path touches
  const kernels::KernelTable<T>* kernels;

  void forward(Run<T>& run, const Chunk& chunk) const override {
    const FieldLayout &in = run.layouts[input], &out = run.layouts[output];
    T *x = run.values(input, chunk), *y = run.values(output, chunk);
    for (const int block : unwritten_out) clear_block(out, block, y, chunk.n_rows);
    for (const PreparedPath<T>& path : paths)
      multiply(run, chunk, path.forward, block_of(in, path.in_block, x), block_of(out, path.out_block, y),
               in.blocks[path.in_block].n_components, !path.first_to_out);
    run.workspace.arena.release_all();
  }

  void reverse(Run<T>& run, const Chunk& chunk) const override {
    const FieldLayout &in = run.layouts[input], &out = run.layouts[output];
    T *x_bar = run.adjoint(input, chunk), *y_bar = run.adjoint(output, chunk);
    if (x_bar) {
      const bool overwrite = run.plan.fields[input].only_reader == operation;
      if (overwrite)
        for (const int block : unread_in) clear_block(in, block, x_bar, chunk.n_rows);
      for (const PreparedPath<T>& path : paths)
        multiply(run, chunk, path.reverse, block_of(out, path.out_block, y_bar), block_of(in, path.in_block, x_bar),
                 in.blocks[path.in_block].n_components, !(overwrite && path.first_to_in));
    }
    if (weighting == Weighting::by_attributes) reverse_attributes(run, chunk);
    run.workspace.arena.release_all();
  }

 private:
  static RowBlock<T> block_of(const FieldLayout& layout, int block, T* rows) {
    return {rows + layout.blocks[block].offset, layout.row_size, layout.blocks[block].stride};
  }

  static void clear_block(const FieldLayout& layout, int block, T* rows, int n_rows) {
    const FieldLayout::Block& b = layout.blocks[block];
    for (int r = 0; r < n_rows; ++r)
      std::fill_n(rows + static_cast<std::ptrdiff_t>(r) * layout.row_size + b.offset, b.n_components * b.stride, T(0));
  }

  Gemm<T> gemm_of(const PackedMatrix<T>& matrix, const RowBlock<T>& x, const RowBlock<T>& y, int n_components,
                  bool accumulate) const {
    Gemm<T> gemm;
    gemm.a = {x.data, x.row_stride, x.component_stride};
    gemm.c = y;
    gemm.n_components = n_components;
    gemm.depth = matrix.depth;
    gemm.b = matrix.data.data();
    gemm.n_panels = matrix.n_panels;
    gemm.accumulate = accumulate;
    return gemm;
  }

  /// y = (or +=) sum_a attribute_a x matrices[a]
  void multiply(Run<T>& run, const Chunk& chunk, const std::vector<PackedMatrix<T>>& matrices, const RowBlock<T>& x,
                const RowBlock<T>& y, int n_components, bool accumulate) const {
    switch (weighting) {
      case Weighting::one: {
        Gemm<T> gemm = gemm_of(matrices[0], x, y, n_components, accumulate);
        gemm.n_rows = chunk.n_rows;
        return kernels->gemm(gemm);
      }
      case Weighting::by_species: {
        const SpeciesRows groups = group_by_species(run, chunk, n_attributes);
        for (int z = 0; z < n_attributes; ++z) {
          Gemm<T> gemm = gemm_of(matrices[z], x, y, n_components, accumulate);
          gemm.rows = groups.rows + groups.first[z];
          gemm.n_rows = groups.first[z + 1] - groups.first[z];
          kernels->gemm(gemm);
        }
        return;
      }
      case Weighting::by_attributes:
        return multiply_by_attributes(run, chunk, matrices, x, y, n_components, accumulate);
    }
  }

  /// Plain: soft attributes are rare.
  void multiply_by_attributes(Run<T>& run, const Chunk& chunk, const std::vector<PackedMatrix<T>>& matrices,
                              const RowBlock<T>& x, const RowBlock<T>& y, int n_components, bool accumulate) const {
    for (int a = 0; a < n_attributes; ++a) {
      const RowBlock<T> product = product_of(run, chunk, matrices[a], x, n_components);
      for (int r = 0; r < chunk.n_rows; ++r) {
        const T attribute = run.values(attributes, chunk)[attribute_place(run, r, a)];
        for (int i = 0; i < product.row_stride; ++i) {
          const int m = i / static_cast<int>(product.component_stride),
                    c = i % static_cast<int>(product.component_stride);
          T& target = y.data[r * y.row_stride + m * y.component_stride + c];
          target = (a > 0 || accumulate ? target : T(0)) + attribute * product.data[r * product.row_stride + i];
        }
      }
    }
  }

  /// x times a matrix in memory of the arena.
  RowBlock<T> product_of(Run<T>& run, const Chunk& chunk, const PackedMatrix<T>& matrix, const RowBlock<T>& x,
                         int n_components) const {
    const int stride = matrix.n_panels * kernels->lanes;
    const RowBlock<T> product{
        run.workspace.arena.template take<T>(static_cast<std::size_t>(chunk.n_rows) * n_components * stride),
        n_components * stride, stride};
    Gemm<T> gemm = gemm_of(matrix, x, product, n_components, false);
    gemm.n_rows = chunk.n_rows;
    kernels->gemm(gemm);
    return product;
  }

  std::ptrdiff_t attribute_place(const Run<T>& run, int row, int a) const {
    return static_cast<std::ptrdiff_t>(row) * run.layouts[attributes].row_size +
           scalar_offset(run.layouts[attributes], a);
  }

  void reverse_attributes(Run<T>& run, const Chunk& chunk) const {
    T* attributes_bar = run.adjoint(attributes, chunk);
    if (!attributes_bar) return;
    const FieldLayout &in = run.layouts[input], &out = run.layouts[output];
    for (const PreparedPath<T>& path : paths) {
      const int n_components = in.blocks[path.in_block].n_components;
      const RowBlock<T> y_bar = block_of(out, path.out_block, run.adjoint(output, chunk));
      for (int a = 0; a < n_attributes; ++a) {
        const RowBlock<T> product = product_of(run, chunk, path.forward[a],
                                               block_of(in, path.in_block, run.values(input, chunk)), n_components);
        for (int r = 0; r < chunk.n_rows; ++r)
          attributes_bar[attribute_place(run, r, a)] += dot(product, y_bar, r, n_components);
      }
    }
  }

  static T dot(const RowBlock<T>& a, const RowBlock<T>& b, int row, int n_components) {
    T sum = 0;
    for (int m = 0; m < n_components; ++m)
      for (int c = 0; c < a.component_stride; ++c)
        sum += a.data[row * a.row_stride + m * a.component_stride + c] *
               b.data[row * b.row_stride + m * b.component_stride + c];
    return sum;
  }
};

int weight_count(const Linear& linear) {
  int n = 0;
  for (const LinearPath& path : linear.paths) {
    const int size =
        linear.in.blocks[path.in_block].mul * std::max(1, linear.n_attributes) * linear.out.blocks[path.out_block].mul;
    n = std::max(n, path.weight_offset + size);
  }
  return n;
}

template <class T>
PreparedPath<T> prepare_path(const Linear& linear, const LinearPath& path, const std::vector<double>& weight,
                             int lanes) {
  PreparedPath<T> prepared{path.in_block, path.out_block, true, true, {}, {}};
  const int n_attributes = std::max(1, linear.n_attributes);
  MatrixSource matrix;
  matrix.n_rows = linear.in.blocks[path.in_block].mul;
  matrix.n_columns = linear.out.blocks[path.out_block].mul;
  matrix.row_stride = n_attributes * matrix.n_columns;
  matrix.scale = path.scale;
  for (int a = 0; a < n_attributes; ++a) {
    matrix.source = weight.data() + path.weight_offset + a * matrix.n_columns;
    prepared.forward.push_back(pack_matrix<T>(matrix, lanes));
    prepared.reverse.push_back(pack_matrix<T>(transposed(matrix), lanes));
  }
  return prepared;
}

/// Which path is the first to write each block, and which blocks none does.
template <class T>
void find_first_writers(const Linear& linear, LinearStep<T>& step) {
  std::vector<bool> out_written(linear.out.blocks.size(), false), in_written(linear.in.blocks.size(), false);
  for (PreparedPath<T>& path : step.paths) {
    path.first_to_out = !out_written[path.out_block];
    path.first_to_in = !in_written[path.in_block];
    out_written[path.out_block] = in_written[path.in_block] = true;
  }
  for (std::size_t b = 0; b < out_written.size(); ++b)
    if (!out_written[b]) step.unwritten_out.push_back(static_cast<int>(b));
  for (std::size_t b = 0; b < in_written.size(); ++b)
    if (!in_written[b]) step.unread_in.push_back(static_cast<int>(b));
}

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_linear_step(const Preparation<T>& preparation, int operation) {
  const Operation& op = preparation.graph.operations[operation];
  const auto& linear = std::get<Linear>(op.op);
  auto step = std::make_unique<LinearStep<T>>();
  step->operation = operation;
  step->input = op.inputs[0];
  step->output = op.output;
  step->kernels = &preparation.kernels();
  step->n_attributes = linear.n_attributes;
  if (linear.n_attributes > 0) {
    step->attributes = op.inputs[1];
    step->weighting = is_one_hot(preparation, op.inputs[1]) ? LinearStep<T>::Weighting::by_species
                                                            : LinearStep<T>::Weighting::by_attributes;
  }
  if (!linear.paths.empty()) {
    const std::vector<double>& weight = weight_of(preparation.weights, linear.weight, weight_count(linear));
    for (const LinearPath& path : linear.paths)
      step->paths.push_back(prepare_path<T>(linear, path, weight, step->kernels->lanes));
  }
  find_first_writers(linear, *step);
  return step;
}

template std::unique_ptr<Step<double>> make_linear_step(const Preparation<double>&, int);
template std::unique_ptr<Step<float>> make_linear_step(const Preparation<float>&, int);

}  // namespace kiln::native
