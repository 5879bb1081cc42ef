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
  bool fault_of_dtype = false;  ///< else it is one of shapes; what is wrong with arguments is told before (below)
};

using ShapeRule = ShapeResult (*)(const FittedCall& call);
using ParameterRule = std::vector<CallParameter> (*)(const FittedCall& call);

/// A function with Python's signature, or a module (with a constructor). Several rows of one name are overloads.
/// `inplace` is accepted and means nothing: a graph does not change what others read.
struct TargetRow {
  std::string signature;  ///< of the function or constructor: "torch.nn.functional.silu(Tensor input, …) -> Tensor"
  std::string forward;    ///< of a module: "forward(Tensor input) -> Tensor"; "": a function
  /// TorchScript and Python in one: {argument} of either signature, {argument|index}, $parameter (None where the
  /// module has no such parameter), $training.
  std::string expression;
  ShapeRule shape = nullptr;
  ParameterRule parameters = nullptr;
  std::string (*write)(const FittedCall& call) = nullptr;  ///< instead of `expression`
  bool random = false;
  bool is_integer = false;
};

/// A function and the module that keeps all of its arguments but the tensors.
struct Twin {
  const char* function;   ///< "mse_loss"
  const char* module;     ///< "MSELoss"; "": there is none
  const char* tensors;    ///< "Tensor input, Tensor target"
  const char* arguments;  ///< "Literal['none','mean','sum'] reduction='mean'"
  const char* expression;
  ShapeRule shape = nullptr;
  const char* results = "Tensor";
};
/// Rows of both. Of a module, a tensor among the arguments is a list of numbers and becomes a buffer.
void add_rows(const Twin& twin, std::vector<TargetRow>& rows);

/// All rows: torch.nn, torch.nn.functional, and functions that torch has in Python only.
const std::vector<TargetRow>& target_rows();

// Parts of the table, a file each.
void add_activations(std::vector<TargetRow>& rows);
void add_convolutions(std::vector<TargetRow>& rows);
void add_distances(std::vector<TargetRow>& rows);
void add_dropouts(std::vector<TargetRow>& rows);
void add_embeddings(std::vector<TargetRow>& rows);
void add_linear(std::vector<TargetRow>& rows);
void add_losses(std::vector<TargetRow>& rows);
void add_normalizations(std::vector<TargetRow>& rows);
void add_paddings(std::vector<TargetRow>& rows);
void add_poolings(std::vector<TargetRow>& rows);
void add_python_functions(std::vector<TargetRow>& rows);
void add_recurrent(std::vector<TargetRow>& rows);
void add_rearrangements(std::vector<TargetRow>& rows);

/// What is wrong with the arguments of a function or constructor, whatever the tensors are: "needs p from 0 to 1, not
/// 2.0"; "" if nothing is known to be.
std::string fault_of_arguments(const FittedCall& call);  // argument_faults.cpp

/// Why a known name is no target, with advice; "" if nothing is known of it.
std::string refusal(const std::string& target);

/// The rule of a torch function by its name; nullptr: nothing is known of its shape.
ShapeRule shape_rule_of(const std::string& function);  // function_shapes.cpp
/// Those of products of vectors and matrices, by function.
const std::map<std::string, ShapeRule>& matrix_rules();  // matrix_products.cpp
/// Those of functions that move, split and look up along dimensions, by function.
const std::map<std::string, ShapeRule>& dimension_rules();  // dimension_shapes.cpp
/// Does it give integers or booleans?
bool gives_integers(const std::string& function);
/// Does it draw random numbers?
bool draws_random_numbers(const std::string& function);

// Weights.
CallParameter uniform_parameter(std::string name, std::vector<std::int64_t> shape, double bound);
CallParameter normal_parameter(std::string name, std::vector<std::int64_t> shape, double deviation);
CallParameter constant_parameter(std::string name, std::vector<std::int64_t> shape, double value);
CallParameter buffer(CallParameter parameter);
CallParameter running(CallParameter parameter);  ///< a buffer of statistics over the batches of training
double inverse_root(std::int64_t n);             ///< 1 / sqrt(n); 0 for n = 0
double kaiming_bound(
    std::int64_t fan_in);  ///< the same, with the roundings of torch.nn.init.kaiming_uniform_(a=sqrt(5))

// Rules, in shape_rules.cpp.
ShapeResult same_as_first(const FittedCall& call);    ///< component by component
ShapeResult broadcast(const FittedCall& call);        ///< component by component, of several tensors
ShapeResult same_size(const FittedCall& call);        ///< of the first tensor's shape, but rows may depend on others
ShapeResult along_dimension(const FittedCall& call);  ///< along `dim`, which stays
ShapeResult reduced(const FittedCall& call);          ///< along `dim`, which goes unless `keepdim`
ShapeResult flattened(const FittedCall& call);        ///< from `start_dim` to `end_dim`
ShapeResult narrowed(const FittedCall& call);         ///< to `length` entries along `dim`
ShapeResult slice_scattered(const FittedCall& call);  ///< a slice along `dim` is replaced by `src`
ShapeResult split_by_sizes(const FittedCall& call);   ///< of a list nothing but a fault is told
/// `dim` is split into sizes, of which one may be -1.
ShapeResult unflattened_shape(Shape shape, std::int64_t dim, const std::vector<std::int64_t>& sizes);
/// Of a weight per channel, the second dimension, or one for all.
ShapeResult prelu_shape(const Shape& shape, const Size& n_weights);
/// "needs a stride above 0" if one of the numbers is below `least`, else "".
std::string fault_of_numbers(const FittedCall& call, const char* argument, std::int64_t least);
/// A weight of (out, in1, in2) between two tensors; an unknown shape where one of them is.
ShapeResult bilinear_shape(const Shape& first, const Shape& second, const Shape& weight);
ShapeResult convolution_shape(
    const FittedCall& call);  ///< of a function: input and weight must fit; sizes are not known
ShapeResult similarity_shape(const FittedCall& call);  ///< cosine_similarity: broadcast, without `dim`
ShapeResult channel_shuffled(const FittedCall& call);
/// A fault of a first result of fewer dimensions.
void need_three_dimensions(ShapeResult& result);
ShapeResult natively_shuffled(const FittedCall& call);      ///< the same, of tensors of two dimensions, too
ShapeResult padded_function_shape(const FittedCall& call);  ///< torch.nn.functional.pad
/// What is wrong with padding a tensor by pairs, the last dimension first; "" if nothing.
std::string fault_of_padding_mode(const Shape& input, const std::vector<std::int64_t>& padding,
                                  const std::string& mode);
ShapeResult distance_shape(const FittedCall& call);  ///< pairwise_distance: the same along the last dimension
bool broadcast_shapes(const Shape& a, const Shape& b, Shape& shape);
/// "has no dimension 5 in (N, 4)" where that is certain, else "". A number may be said to have one.
std::string fault_of_dimension(const Shape& shape, std::int64_t dim);
/// A dimension counted from the front; -1: not known, or there is none.
int dimension(const Shape& shape, std::int64_t dim);
Shape first_input(const FittedCall& call);
/// The shape itself if its last size may be `columns`; else a fault.
ShapeResult columns_checked(const Shape& shape, std::int64_t columns);

}  // namespace kiln
