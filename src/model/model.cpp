#include "model/model.h"

#include "base/files.h"
#include "model/model_file.h"

namespace kiln {

CheckedGraph checked_graph_of(const Model& model) {
  Diagnostics faults;
  GraphSpec spec = parse_graph(parse_json_tree(model.graph_json), faults);
  spec.foreign = model.foreign;
  spec.copies = model.copies;
  throw_if_errors(faults, ErrorKind::data);
  CheckedGraph graph = check_graph(spec, table_of(model.layers), faults);
  throw_if_errors(faults, ErrorKind::data);
  return graph;
}

std::string other_plugins(const Model& model) {
  std::string text;
  for (const auto& [type, sha256] : model.plugin_sha256) {
    const LayerDeclaration* layer = table_of(model.layers).find(type);
    if (layer == nullptr || layer->plugin_sha256.empty() || layer->plugin_sha256 == sha256) continue;
    text += (text.empty() ? "" : "; ") + ("the plugin '" + layer->plugin + "' of its layer '" + type) +
            "' is not the one the model was made with (their SHA-256 differ)";
  }
  return text;
}

void with_other_plugins_told(const Model& model, const std::function<void()>& work) {
  const std::string others = other_plugins(model);
  if (others.empty()) return work();
  try {
    work();
  } catch (const Error& error) {
    std::vector<Diagnostic> diagnostics = error.diagnostics();
    Diagnostic& first = diagnostics.front();
    first.what += "; " + others;
    first.hint += (first.hint.empty() ? "" : "; ") + std::string("allow the plugin that the model was made with");
    throw Error(error.kind(), diagnostics);
  }
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
