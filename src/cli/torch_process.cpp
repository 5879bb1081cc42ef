#include "cli/torch_process.h"

#include <algorithm>
#include <thread>

namespace kiln {

int default_threads() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

std::shared_ptr<TorchLibrary> open_torch(const Context& context) {
  TorchLibrary::prepare_environment();
  auto torch = TorchLibrary::open(context.program_path);
  torch->configure_process();
  torch->set_threads(default_threads());
  return torch;
}

}  // namespace kiln
