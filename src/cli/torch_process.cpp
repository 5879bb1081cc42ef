#include "cli/torch_process.h"

#include <algorithm>
#include <thread>

namespace kiln {

std::shared_ptr<TorchLibrary> open_torch(const Context& context) {
  TorchLibrary::prepare_environment();
  auto torch = TorchLibrary::open(context.program_path);
  torch->configure_process();
  torch->set_threads(std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
  return torch;
}

}  // namespace kiln
