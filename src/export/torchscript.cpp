#include "export/torchscript.h"

#include "engines/torch/torch_text.h"
#include "export/derivatives_layer.h"
#include "model/model_metadata.h"

namespace kiln {

TorchProgram torchscript_program(const Model& given) {
  const Model model = with_derivatives(given);
  const CheckedGraph graph = checked_graph_of(model);
  TorchProgram program = make_torch_program(lower_graph(graph), model.weights, model.precision);
  program.extra_files.emplace_back("kiln.json", model_metadata(model, graph).dump());
  program.extra_files.emplace_back("graph.py", program.source);
  return program;
}

}  // namespace kiln
