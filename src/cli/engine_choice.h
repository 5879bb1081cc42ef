#pragma once

#include <memory>
#include <string>

#include "cli/torch_process.h"
#include "model/potential_graph.h"

namespace kiln {

/// An engine for a model, with what keeps it alive.
struct ChosenEngine {
  std::shared_ptr<TorchLibrary> torch;  ///< null for the native engine
  std::unique_ptr<Engine> engine;
};

/// @param name  "native" or "torch"
ChosenEngine choose_engine(const std::string& name, const Model& model, const PotentialGraph& graph,
                           const Context& context);

}  // namespace kiln
