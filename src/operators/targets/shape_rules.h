#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/numbers.h"
#include "operators/targets/fitted_call.h"

namespace kiln {

/// What is known of a result before it is computed.
struct ShapeResult {
  std::vector<Shape> shapes;    ///< of the tensor, or of each element; empty: nothing is known
  bool row_wise = false;        ///< row i depends on rows i only
  std::string fault;            ///< "takes 17 columns, not 16": goes on after "target 'x' "
  bool fault_of_dtype = false;  ///< else it is one of shapes; what is wrong with arguments is told before
  bool is_whole_list = false;   ///< the shapes are those of all tensors of a list
};

using ShapeRule = ShapeResult (*)(const FittedCall& call);
using ShapeRules = std::map<std::string, ShapeRule>;  ///< by function: "torch.cat"

// Rules by function, a file each.
const ShapeRules& creation_rules();   // creations.cpp: what makes tensors out of numbers
const ShapeRules& diagonal_rules();   // diagonals.cpp: diagonals of matrices, and matrices of diagonals
const ShapeRules& dimension_rules();  // dimension_shapes.cpp: what moves, repeats and reduces along dimensions
const ShapeRules& entry_rules();      // entries.cpp: what looks up or replaces entries by their numbers
const ShapeRules& fourier_rules();    // fourier_transforms.cpp: torch.fft
const ShapeRules& joining_rules();    // joins.cpp: what joins several tensors
const ShapeRules& matrix_rules();     // matrix_products.cpp: products of vectors and matrices
const ShapeRules& order_rules();      // order_statistics.cpp: quantiles, and places in what is sorted
const ShapeRules& slice_rules();      // slices.cpp: what takes parts
const ShapeRules& square_rules();     // matrix_functions.cpp: functions of single matrices, and their solutions
const ShapeRules& window_rules();     // poolings.cpp: what looks through windows

// Rules that several parts of the table use.
ShapeResult same_as_first(const FittedCall& call);      ///< component by component
ShapeResult broadcast(const FittedCall& call);          ///< component by component, of several tensors
ShapeResult same_size(const FittedCall& call);          ///< of the first tensor's shape, but rows may depend on others
ShapeResult along_dimension(const FittedCall& call);    ///< along `dim`, which stays
ShapeResult reduced(const FittedCall& call);            ///< along `dim`, which goes unless `keepdim`
ShapeResult flattened(const FittedCall& call);          ///< from `start_dim` to `end_dim`
ShapeResult narrowed(const FittedCall& call);           ///< to `length` entries along `dim`
ShapeResult slice_scattered(const FittedCall& call);    ///< a slice along `dim` is replaced by `src`
ShapeResult split_by_sizes(const FittedCall& call);     ///< parts along `dim`, a list
ShapeResult similarity_shape(const FittedCall& call);   ///< cosine_similarity: broadcast, without `dim`
ShapeResult distance_shape(const FittedCall& call);     ///< pairwise_distance: the same along the last dimension
ShapeResult all_distances(const FittedCall& call);      ///< cdist: of all rows of two matrices
ShapeResult convolution_shape(const FittedCall& call);  ///< of a function: the weight says what a module is told
ShapeResult pixels_shuffled(const FittedCall& call);    ///< channels become pixels, or pixels channels
ShapeResult channel_shuffled(const FittedCall& call);
ShapeResult natively_shuffled(const FittedCall& call);      ///< the same, of tensors of two dimensions, too
ShapeResult padded_function_shape(const FittedCall& call);  ///< torch.nn.functional.pad
ShapeResult layer_norm_function_shape(const FittedCall& call);
ShapeResult sampled_at_grid(const FittedCall& call);  ///< grid_sample
ShapeResult affine_grid_shape(const FittedCall& call);
ShapeResult summed_by_letters(const FittedCall& call);    ///< einsum
ShapeResult contracted(const FittedCall& call);           ///< tensordot: last dimensions of one, first of the other
ShapeResult multiplied_in_a_row(const FittedCall& call);  ///< chain_matmul, multi_dot
ShapeResult joined_as_products(const FittedCall& call);   ///< cartesian_prod: of vectors only
ShapeResult joined_as_blocks(const FittedCall& call);     ///< block_diag: of matrices at most
ShapeResult spread_over_mesh(const FittedCall& call);     ///< meshgrid: vectors at most
ShapeResult broadcast_each(const FittedCall& call);       ///< broadcast_tensors: a list

// What rules are made of.
/// A result of which nothing is known but its fault; "": nothing at all.
ShapeResult faulty(std::string fault);
/// The same with a fault of what kind of numbers there are.
ShapeResult wrong_kind(std::string fault);
/// The fault of shapes that do not stretch to each other.
ShapeResult cannot_combine(const Shape& a, const Shape& b);
/// Has it certainly no components?
bool is_empty(const Shape& shape);
/// `dim` is split into sizes, of which one may be -1.
ShapeResult unflattened_shape(Shape shape, std::int64_t dim, const std::vector<std::int64_t>& sizes);
/// Of a weight per channel, the second dimension, or one for all.
ShapeResult prelu_shape(const Shape& shape, const Size& n_weights);
/// A weight of (out, in1, in2) between two tensors; an unknown shape where one of them is.
ShapeResult bilinear_shape(const Shape& first, const Shape& second, const Shape& weight);
/// The shape itself if its last size may be `columns`; else a fault.
ShapeResult columns_checked(const Shape& shape, std::int64_t columns);
/// A fault of a first result of fewer dimensions.
void need_three_dimensions(ShapeResult& result);
bool broadcast_shapes(const Shape& a, const Shape& b, Shape& shape);
bool may_equal(const Shape& a, const Shape& b);  ///< also where one of them is not known
bool all_known(const Shape& shape);              ///< all sizes are numbers: it counts no rows
/// How many numbers there are, if all sizes are known.
Size n_components(const Shape& shape);
/// Are all sizes the same for certain? Symbols are, if they are equal.
bool surely_equal(const Shape& a, const Shape& b);
/// How many numbers a diagonal of a matrix has that begins `offset` columns behind the first, or rows below it.
Size diagonal_size(const Size& rows, const Size& columns, std::int64_t offset);
/// A dimension counted from the front; -1: not known, or there is none.
int dimension(const Shape& shape, std::int64_t dim);
/// The dimensions that an argument names; those that are not there, or twice, give a fault. A number has none.
std::vector<int> dimensions(const FittedCall& call, const char* argument, const Shape& shape, std::string& fault);
Shape first_input(const FittedCall& call);
Shape first_with_last_size(const FittedCall& call);  ///< where it is all that is known, too
/// Of the argument in this place of the signature; not known if it is no tensor, or there is none.
Shape nth_input(const FittedCall& call, std::size_t k);
/// Of the function or, of a module, the constructor: "torch.nn.Conv2d".
const std::string& name_of(const FittedCall& call);
/// The number in a name: 2 of Conv2d, MaxPool2d and max_pool2d.
int dimensions_of(const FittedCall& call);
/// The same for each of n dimensions if there is one number, `otherwise` if there is none.
std::vector<std::int64_t> numbers_per_dimension(const FittedCall& call, const char* argument, int n,
                                                std::int64_t otherwise);

// What is wrong; "" if nothing is known to be.
/// "has no dimension 5 in (N, 4)" where that is certain. A number may be said to have one.
std::string fault_of_dimension(const Shape& shape, std::int64_t dim);
/// The same of several, all that are missing.
std::string fault_of_dimensions(const Shape& shape, const std::vector<std::int64_t>& dims);
/// "needs 2 numbers as stride" where neither one nor n are given.
std::string fault_of_count(const FittedCall& call, const char* argument, int n);
/// Of a convolution that is padded so that sizes stay.
std::string fault_of_same_size(const FittedCall& call);
/// Of padding a tensor by pairs, the last dimension first.
std::string fault_of_padding_mode(const Shape& input, const std::vector<std::int64_t>& padding,
                                  const std::string& mode);

}  // namespace kiln
