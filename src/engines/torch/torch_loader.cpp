#include <dlfcn.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "engines/torch/torch_library.h"
#include "kiln/error.h"

namespace kiln {
namespace {

constexpr const char* kFileName = "libkiln_torch.so";

std::vector<std::filesystem::path> candidates(const std::string& program_path) {
  std::error_code failed;
  std::filesystem::path program = std::filesystem::canonical(program_path, failed);
  if (failed) program = std::filesystem::read_symlink("/proc/self/exe", failed);
  const std::filesystem::path folder = program.parent_path();
  return {folder / kFileName, folder / ".." / "lib" / kFileName};
}

[[noreturn]] void fail_to_open(const std::string& what) {
  throw Error(ErrorKind::resources, "no-torch", what,
              "training and TorchScript need libtorch: build Kiln with -DKILN_TORCH=ON and install Debian's "
              "libtorch-dev and libopenblas0-openmp; evaluating trained models does not need it (--engine native)");
}

}  // namespace

std::shared_ptr<TorchLibrary> TorchLibrary::open(const std::string& program_path) {
  std::string tried;
  for (const std::filesystem::path& path : candidates(program_path)) {
    tried += (tried.empty() ? "" : ", ") + path.lexically_normal().string();
    std::error_code failed;
    if (!std::filesystem::exists(path, failed)) continue;
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) fail_to_open(std::string("cannot load the torch engine: ") + dlerror());
    using Factory = TorchLibrary* (*)();
    const auto factory = reinterpret_cast<Factory>(dlsym(library, kTorchLibraryFactory));
    if (factory == nullptr) fail_to_open("the torch engine " + path.string() + " belongs to another version of Kiln");
    return std::shared_ptr<TorchLibrary>(factory());  // stays loaded: libtorch cannot be unloaded
  }
  fail_to_open("the torch engine is not installed (looked for " + tried + ")");
}

bool TorchLibrary::is_installed(const std::string& program_path) {
  const auto paths = candidates(program_path);
  return std::any_of(paths.begin(), paths.end(), [](const std::filesystem::path& path) {
    std::error_code failed;
    return std::filesystem::exists(path, failed);
  });
}

namespace {

/// libtorch compiles a chain of calls by recursion, about 1 kB for each. The kernel keeps 128 MB free below the stack
/// of the main thread, whatever its limit was at the start.
void widen_stack() {
  constexpr rlim_t wide = 120u << 20;
  rlimit limit{};
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(wide, limit.rlim_max));
  setrlimit(RLIMIT_STACK, &limit);
}

}  // namespace

void TorchLibrary::prepare_environment() {
  constexpr int keep = 0;  // what the user has set
  setenv("GOMP_SPINCOUNT", "1000", keep);
  widen_stack();
#ifdef __x86_64__
  __builtin_cpu_init();
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (!avx512) return;
  setenv("ATEN_CPU_CAPABILITY", "avx512", keep);
  setenv("OPENBLAS_CORETYPE", "SkylakeX", keep);
#endif
}

}  // namespace kiln
