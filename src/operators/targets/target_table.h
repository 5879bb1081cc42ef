#pragma once

#include <string>
#include <vector>

#include "operators/targets/shape_rules.h"

namespace kiln {

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
void add_attention(std::vector<TargetRow>& rows);
void add_convolutions(std::vector<TargetRow>& rows);
void add_distances(std::vector<TargetRow>& rows);
void add_dropouts(std::vector<TargetRow>& rows);
void add_embeddings(std::vector<TargetRow>& rows);
void add_grids(std::vector<TargetRow>& rows);
void add_linear(std::vector<TargetRow>& rows);
void add_losses(std::vector<TargetRow>& rows);
void add_normalizations(std::vector<TargetRow>& rows);
void add_paddings(std::vector<TargetRow>& rows);
void add_poolings(std::vector<TargetRow>& rows);
void add_python_functions(std::vector<TargetRow>& rows);
void add_recurrent(std::vector<TargetRow>& rows);
void add_rearrangements(std::vector<TargetRow>& rows);
void add_transformers(std::vector<TargetRow>& rows);

/// What is wrong with an argument of a function or constructor, whatever the tensors are.
struct ArgumentFault {
  std::string argument;  ///< "": several, which do not go together
  std::string what;      ///< "needs p from 0 to 1, not 2.0": goes on after "target 'x' "
};
/// Whether arguments go together is looked at once each of them is good by itself.
std::vector<ArgumentFault> faults_of_arguments(const FittedCall& call);  // argument_faults.cpp

/// Of texts that must be one of some words.
std::vector<ArgumentFault> faults_of_words(const FittedCall& call);  // argument_words.cpp
/// The words that a text may be; none: it may be anything, as far as is known.
std::vector<std::string> words_of(const std::string& target, const std::string& argument);

/// The text of a call with one sample, which has this many dimensions, or with a batch. Where the shape is not known,
/// both: which it is, is seen when it runs.
std::string single_or_batch(const FittedCall& call, int rank, const std::string& single, const std::string& batch);

/// Why a known name is no target, with advice; "" if nothing is known of it.
std::string refusal(const std::string& target);
/// Is the reason that only Python can make it?
bool is_made_by_python(const std::string& target);

/// The rule of a torch function by its name; nullptr: nothing is known of its shape.
ShapeRule shape_rule_of(const std::string& function);  // function_shapes.cpp
/// Does it, or this element of its tuple, certainly give integers or booleans?
bool gives_integers(const FittedCall& call, std::size_t element = 0);  // dtypes.cpp
/// The integers or booleans that torch does not take here, and why: "needs real numbers, not integers"; nullptr: none
/// are known.
const CallInput* refused_integers(const FittedCall& call, std::string& fault);
/// Does it draw random numbers?
bool draws_random_numbers(const std::string& function);

// Weights.
CallParameter uniform_parameter(std::string name, std::vector<std::int64_t> shape, double bound);
/// torch.nn.init.xavier_uniform_: on [-bound, bound).
CallParameter xavier_parameter(std::string name, std::int64_t out, std::int64_t in);
CallParameter normal_parameter(std::string name, std::vector<std::int64_t> shape, double deviation);
CallParameter constant_parameter(std::string name, std::vector<std::int64_t> shape, double value);
CallParameter buffer(CallParameter parameter);
CallParameter running(CallParameter parameter);  ///< a buffer of statistics over the batches of training
double inverse_root(std::int64_t n);             ///< 1 / sqrt(n); 0 for n = 0
double xavier_deviation(std::int64_t out, std::int64_t in);
double kaiming_bound(
    std::int64_t fan_in);  ///< the same, with the roundings of torch.nn.init.kaiming_uniform_(a=sqrt(5))

}  // namespace kiln
