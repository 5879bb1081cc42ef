#include "cli/torch_process.h"

#include <malloc.h>

#include <cstdlib>
#include <thread>

#include "base/level.h"

namespace kiln {

namespace {

/// Freed tensor memory stays in the process: giving it back after every step costs a factor of two.
void keep_heap() {
  mallopt(M_TRIM_THRESHOLD, 2000000000);
  mallopt(M_MMAP_THRESHOLD, 2000000000);
  mallopt(M_TOP_PAD, 64 << 20);
}

/// ATen takes AVX2 unasked even where AVX-512 is there. A level that the user has set stays.
void choose_aten_level() {
  if (best_level() == VectorLevel::x86_64_v4) setenv("ATEN_CPU_CAPABILITY", "avx512", /*overwrite=*/0);
}

}  // namespace

std::shared_ptr<TorchLibrary> open_torch(const Context& context, int n_threads) {
  keep_heap();
  choose_aten_level();
  auto torch = TorchLibrary::open(context.program_path);
  const int n_cores = static_cast<int>(std::thread::hardware_concurrency());
  torch->set_threads(n_threads > 0 ? n_threads : std::max(n_cores, 1));
  return torch;
}

}  // namespace kiln
