#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kiln {

/// A named array of a TorchScript module: dots in the name become sub-modules.
struct ProgramTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<double> data;            ///< reals (stored in the program's precision)
  std::vector<std::int64_t> integers;  ///< if not empty: an int64 buffer instead
  bool trainable = true;               ///< parameter; false with is_buffer: a constant table
  bool is_buffer = false;
};

/// A lowered graph as TorchScript: one text in plain ATen. No torch here: the text is made in libkiln and compiled in
/// libkiln_torch.
struct TorchProgram {
  std::string source;                  ///< `def forward(self, …)`, `def named(self, …)`, `def potential(self, …)`
  std::vector<ProgramTensor> tensors;  ///< parameters and buffers, in order of registration
  bool f64 = true;
  /// Line of `source` (from 1) -> layer name, for messages.
  std::vector<std::string> layer_of_line;
  /// Extra files of a `.pt`: name, content.
  std::vector<std::pair<std::string, std::string>> extra_files;
};

}  // namespace kiln
