#include "cli/engine_choice.h"

#include "engines/native/native_engine.h"
#include "engines/torch/torch_text.h"

namespace kiln {

ChosenEngine choose_engine(const std::string& name, const Model& model, const PotentialGraph& graph,
                           const Context& context) {
  if (name == "native") return {nullptr, make_native_engine(graph.lowered, model.weights, model.precision)};
  ChosenEngine chosen;
  chosen.torch = open_torch(context);
  chosen.engine = chosen.torch->make_engine(make_torch_program(graph.lowered, model.weights, model.precision));
  return chosen;
}

}  // namespace kiln
