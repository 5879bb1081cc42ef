#include "export/torchscript.h"

#include "engines/torch/torch_text.h"
#include "export/derivatives_layer.h"
#include "model/model_metadata.h"

namespace kiln {

TorchProgram torchscript_program(const Model& given) {
  const Model model = with_derivatives(given);
  const CheckedGraph graph = checked_graph_of(model);
  const LoweredGraph lowered = lower_graph(graph);
  TorchProgram program = make_torch_program(lowered, model.weights, model.precision);
  program.extra_files.emplace_back("kiln.json", model_metadata(model, graph).dump());
  program.extra_files.emplace_back("graph.py", python_module(lowered, model.precision));
  return program;
}

}  // namespace kiln
