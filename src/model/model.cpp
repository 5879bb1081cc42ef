#include "model/model.h"

#include "base/files.h"
#include "model/model_file.h"

namespace kiln {

CheckedGraph checked_graph_of(const Model& model) {
  Diagnostics faults;
  GraphSpec spec = parse_graph(parse_json_tree(model.graph_json), faults);
  spec.foreign = model.foreign;
  throw_if_errors(faults, ErrorKind::data);
  CheckedGraph graph = check_graph(spec, table_of(model.layers), faults);
  throw_if_errors(faults, ErrorKind::data);
  return graph;
}

std::string write_model(const Model& model, const ModelHost& host) { return seal(model_to_tensors(model, host)); }

Model read_model(const std::string& bytes, const std::string& name, const ModelHost& host) {
  return model_from_tensors(open_sealed(bytes, name), name, host);
}

Model load_model(const std::string& path, const ModelHost& host) {
  Model model = read_model(read_file(path), path, host);
  run_self_test(model, host);
  return model;
}

}  // namespace kiln
