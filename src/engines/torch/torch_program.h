#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/safetensors.h"

namespace kiln {

/// What training does with an array of a module.
enum class TensorRole {
  trained,  ///< it gets gradients
  fixed,    ///< a weight without
  running,  ///< a weight that `potential` itself changes in training mode: running statistics
  table     ///< a constant, no weight
};

/// A named array of a TorchScript module.
struct ProgramTensor {
  std::string name;  ///< of the weight, `<layer>.<parameter>`; of a table, its path
  std::string path;  ///< attributes in the module, dots between sub-modules: the name, with reserved words changed
  std::vector<std::int64_t> shape;
  std::vector<double> data;            ///< reals, stored in the program's precision
  std::vector<std::int64_t> integers;  ///< if not empty: an int64 buffer instead
  TensorRole role = TensorRole::trained;
  bool f64 = false;  ///< float64 also in a float32 program
};

/// A TorchScript archive that becomes a sub-module. Tensors of the program whose paths lead into it replace its own.
struct ProgramModule {
  std::string path;
  std::string bytes;
  bool evaluation = false;  ///< never in training mode
};

/// A lowered graph as TorchScript: one text in plain ATen. No torch here: the text is made in libkiln and compiled in
/// libkiln_torch.
struct TorchProgram {
  std::string source;  ///< `def forward(self, …)`, `def named(self, …)`, and for potentials `def potential(self, …)`
  std::vector<ProgramTensor> tensors;  ///< parameters and buffers, in order of registration
  std::vector<ProgramModule> modules;
  bool f64 = true;
  bool is_potential = false;  ///< has the method `potential`
  int n_edge_sets = 0;        ///< that `potential` takes
  /// Line of `source` (from 1; entry 0 is line 1) -> layer name, for messages; "" for lines of no layer.
  std::vector<std::string> layer_of_line;
  /// Extra files of a `.pt`: name, content.
  std::vector<std::pair<std::string, std::string>> extra_files;
};

/// An array that goes into or comes out of a program.
struct NamedArray {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<double> reals;
  std::vector<std::int64_t> integers;    ///< if not empty, or of an integer dtype: these instead
  TensorDType dtype = TensorDType::f64;  ///< of the tensor; integers without a dtype of their own are int64
};

}  // namespace kiln
