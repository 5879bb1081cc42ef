#pragma once

#include <memory>
#include <string>

#include "engines/engine.h"
#include "engines/torch/torch_program.h"

namespace kiln {

/// The torch engine, opened with dlopen where a command needs it. Throws Error of kind resources with advice if it is
/// not there.
class TorchLibrary {
 public:
  /// Looks for libkiln_torch.so beside the program, then in ../lib. libkiln_torch needs no symbol of libkiln, only its
  /// headers.
  static std::shared_ptr<TorchLibrary> open(const std::string& program_path);
  virtual ~TorchLibrary() = default;

  /// An engine on the program's `potential` method.
  virtual std::unique_ptr<TrainableEngine> make_engine(const TorchProgram& program) = 0;
  /// A `.pt` that runs in Python torch without any Kiln library: bytes of the archive.
  virtual std::string save_torchscript(const TorchProgram& program) = 0;
  virtual void set_threads(int n) = 0;
  virtual void set_deterministic_seed(unsigned long long seed) = 0;
  virtual std::string
  description() = 0;  ///< "libtorch 1.13.1, OpenBLAS (openmp), avx2": for the reproducibility record
};

}  // namespace kiln
