#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engines/engine.h"
#include "engines/torch/torch_program.h"
#include "operators/foreign_module.h"

namespace kiln {

/// The torch engine, opened with dlopen where a command needs it. What fails inside torch is thrown as
/// TorchFailure (torch_failure.h), which names the layer.
class TorchLibrary {
 public:
  /// Looks for libkiln_torch.so beside the program, then in ../lib. libkiln_torch needs no symbol of libkiln, only its
  /// headers. Throws Error of kind resources with advice if it is not there or cannot be loaded.
  static std::shared_ptr<TorchLibrary> open(const std::string& program_path);
  /// Is there a libkiln_torch.so that `open` would take?
  static bool is_installed(const std::string& program_path);
  /// Room on the stack, and environment variables that libtorch, OpenBLAS and OpenMP read while they are loaded or
  /// first used, unless the user has set them: vector level and core type of a processor with AVX-512; short waits
  /// between parallel loops (a step is 5 times slower on a busy machine else). For the program's main only, before
  /// `open`.
  static void prepare_environment();
  virtual ~TorchLibrary() = default;

  /// Process settings for the program's main only: profiling executor off, freed memory kept, libtorch's
  /// warnings not printed, what a model prints to stderr (stdout is the program's results).
  virtual void configure_process() = 0;
  /// An engine on the program's `potential` method. Throws TorchFailure if the program is no potential.
  virtual std::unique_ptr<TrainableEngine> make_engine(const TorchProgram& program) = 0;
  /// Runs the method `named` in evaluation mode. inputs: the graph's model inputs in file order. Outputs are float64,
  /// float32 or int64 (integers of any width, and booleans).
  virtual std::vector<NamedArray> run(const TorchProgram& program, const std::vector<NamedArray>& inputs) = 0;
  /// What a TorchScript archive takes, gives and holds. Nothing of it runs. Throws TorchFailure if it is none.
  virtual ForeignModule inspect_module(const std::string& bytes) = 0;
  /// What an operator takes, "space::name". nullopt if no library has registered it.
  virtual std::optional<ForeignModule> inspect_operator(const std::string& name) = 0;
  /// A `.pt` that runs in Python torch without any Kiln library: bytes of the archive.
  virtual std::string save_torchscript(const TorchProgram& program) = 0;
  /// A batch is split over n threads by structures; a single structure is computed with n threads of ATen. 1 at first.
  virtual void set_threads(int n) = 0;
  virtual void set_deterministic_seed(unsigned long long seed) = 0;
  /// "libtorch 1.13.0, OpenBLAS (…/libblas.so.3), avx512, 2 threads": for the reproducibility record.
  virtual std::string description() = 0;
};

/// The one symbol of libkiln_torch: `TorchLibrary* kiln_torch_library_v2()`, a new object that the caller deletes.
inline constexpr const char* kTorchLibraryFactory = "kiln_torch_library_v2";

}  // namespace kiln
