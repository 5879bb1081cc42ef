#pragma once

#include <memory>
#include <string>

#include "cli/model_door.h"
#include "model/potential_graph.h"

namespace kiln {

/// An engine for a model; one of torch lives as long as the door.
/// @param name  "native" or "torch"
std::unique_ptr<Engine> make_chosen_engine(const std::string& name, const Model& model, const PotentialGraph& graph,
                                           const ModelDoor& door);

}  // namespace kiln
