#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "engines/torch/torch_library.h"
#include "model/model_host.h"

namespace kiln {

/// --allow python:pkg.mod, code:LAYER, plugin:PATH, for commands that read graphs or models.
void add_allow_option(CLI::App& app, std::vector<std::string>& allow);

/// What a command offers to the models and graphs that it reads. Allowed plugins are loaded at once; libkiln_torch is
/// opened when it is first needed.
class ModelDoor {
 public:
  ModelDoor(const Context& context, const std::vector<std::string>& allow);

  const ModelHost& host() const { return host_; }
  TorchLibrary& torch() { return *open_(); }
  bool has_torch() const { return TorchLibrary::is_installed(program_path_); }
  std::shared_ptr<TorchLibrary> shared_torch() { return open_(); }

 private:
  std::function<std::shared_ptr<TorchLibrary>()> open_;
  std::string program_path_;
  ModelHost host_;
};

}  // namespace kiln
