#include "cli/engine_choice.h"

#include "engines/native/native_engine.h"

namespace kiln {

std::unique_ptr<Engine> make_chosen_engine(const std::string& name, const Model& model, const PotentialGraph& graph,
                                           const ModelDoor& door) {
  return name == "native" ? make_native_engine(graph.lowered, model.weights, model.precision)
                          : door.host().make_engine(graph.lowered, model.weights, model.precision);
}

}  // namespace kiln
