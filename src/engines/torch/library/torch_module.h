#pragma once

#include <torch/csrc/jit/api/module.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engines/torch/torch_program.h"
#include "operators/foreign_module.h"

namespace kiln {

/// A weight of a compiled program.
struct ModuleWeight {
  std::string name;
  at::Tensor tensor;
  TensorRole role = TensorRole::trained;
  torch::jit::Module owner;  ///< of the attribute `attribute`, which code from outside may assign anew
  std::string attribute;
};
/// Of a weight that a forward may have changed, in place or by assignment. Throws TorchFailure if it is no longer what
/// the weight was.
at::Tensor present_tensor(const ModuleWeight& weight);

/// A program compiled to a TorchScript module, in training mode.
struct CompiledProgram {
  torch::jit::Module module;
  std::vector<ModuleWeight> weights;              ///< in order of registration
  std::vector<torch::jit::Module> in_evaluation;  ///< sub-modules that are never in training mode
};

CompiledProgram compile(const TorchProgram& program);
/// Training mode, but for what is always in evaluation mode.
void train(CompiledProgram& compiled);

/// The archive of a `.pt`: evaluation mode, no parameter requires a gradient.
std::string archive_of(const TorchProgram& program);

/// What a TorchScript archive takes, gives and holds.
ForeignModule inspect_archive(const std::string& bytes);
/// What a registered operator takes; nullopt if there is none of this name.
std::optional<ForeignModule> inspect_registered(const std::string& name);

/// The method `named` in evaluation mode.
std::vector<NamedArray> run_named(const TorchProgram& program, const std::vector<NamedArray>& inputs);

/// Runs torch code of a program; what it throws becomes a std::runtime_error that begins with the layer.
void with_layer_in_errors(const TorchProgram& program, const std::function<void()>& run);

}  // namespace kiln
