#pragma once

#include <memory>

#include "engines/native/prepare.h"
#include "engines/native/run.h"

namespace kiln::native {

// One function per operator: checks what the step can do, prepares its weights.

template <class T>
std::unique_ptr<Step<T>> make_one_hot_step(const Preparation<T>& preparation, int operation);
template <class T>
std::unique_ptr<Step<T>> make_linear_step(const Preparation<T>& preparation, int operation);
template <class T>
std::unique_ptr<Step<T>> make_edge_convolution_step(const Preparation<T>& preparation, int operation);
template <class T>
std::unique_ptr<Step<T>> make_symmetric_contraction_step(const Preparation<T>& preparation, int operation);
template <class T>
std::unique_ptr<Step<T>> make_add_step(const Preparation<T>& preparation, int operation);
template <class T>
std::unique_ptr<Step<T>> make_activation_step(const Preparation<T>& preparation, int operation);
template <class T>
std::unique_ptr<Step<T>> make_species_table_step(const Preparation<T>& preparation, int operation);
template <class T>
std::unique_ptr<Step<T>> make_affine_step(const Preparation<T>& preparation, int operation);
template <class T>
std::unique_ptr<Step<T>> make_sum_atoms_step(const Preparation<T>& preparation, int operation);
template <class T>
std::unique_ptr<Step<T>> make_row_function_step(const Preparation<T>& preparation, int operation);

/// Throws Error of kind configuration that names the layer.
[[noreturn]] void refuse(const Operation& operation, const std::string& reason);

}  // namespace kiln::native
