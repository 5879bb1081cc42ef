#include <algorithm>
#include <map>
#include <optional>

#include "base/numbers.h"
#include "base/unresolved.h"
#include "graph/config_check.h"
#include "graph/execution_order.h"
#include "graph/graph_checker.h"
#include "kiln/error.h"

namespace kiln {

namespace {

/// Of an input whose role or shape is at fault nothing is known.
void read_roles(GraphCheck& check) {
  for (const InputSpec& input : check.spec.inputs) {
    check.roles.push_back(read_input_role(input, check.faults));
    if (check.roles.back().in_doubt) check.roles.back().type = type_at_fault();
  }
}

/// Config of every layer that has a type, whatever is wrong with its ports.
void check_configs(GraphCheck& check) {
  const std::size_t n = check.spec.layers.size();
  check.configs.resize(n);
  check.config_good.assign(n, false);
  for (std::size_t i = 0; i < n; ++i) {
    const WiredLayer& layer = check.wired.layers[i];
    if (layer.declaration == nullptr || layer.owner != static_cast<int>(i)) continue;
    if (layer.spec->config_known)
      check_config(layer.spec->name, layer.spec->where, *layer.declaration, layer.spec->config, check.configs[i],
                   check.faults);
    else
      for (const ConfigEntry& entry : layer.declaration->config) check.configs[i].at_fault.push_back(entry.name);
    check.config_good[i] = check.configs[i].at_fault.empty();
    check_layer_weights(layer.spec->weights, *layer.declaration,
                        {layer.spec->name, check.spec.compat_klay, check.faults});
  }
}

void resolve_outputs(GraphCheck& check) {
  for (std::size_t i = 0; i < check.spec.outputs.size(); ++i) {
    const int field = check.field_of(check.wired.outputs[i]);
    if (field < 0) continue;
    if (check.graph.fields[field].type.meaning == Meaning::tensors) {
      const Reference& source = check.spec.outputs[i].source;
      check.faults.error("several-outputs", source.where,
                         "'" + source.text + "' is several tensors: a model output is one",
                         "write one of them: " + source.text + ".0");
      continue;
    }
    check.graph.outputs.push_back({check.spec.outputs[i].name, field, 0});
  }
}

void check_sections_present(const GraphSpec& spec, Diagnostics& faults) {
  const Yaml* section = spec.document.find("model_outputs");
  const bool parsed = section == nullptr || (section->is_mapping() && section->entries.empty());
  if (!spec.outputs.empty() || !parsed || spec.document.find("model_layers") == nullptr) return;
  const bool has_inputs = !spec.inputs.empty();
  faults.error("no-outputs", section != nullptr ? section->where : spec.document.where,
               has_inputs ? "the graph has inputs but no outputs" : "the graph has neither inputs nor outputs",
               has_inputs ? "add model_outputs: {energy: layer}"
                          : "add outputs, or remove 'model_outputs': then the file is a library of layers");
}

constexpr std::int64_t kMaxWeights = 100000000;

/// Channels are typed in a second and cost gigabytes: a layer that no machine holds is refused here, not by the kernel.
void check_size(const CheckedGraph& graph, const std::vector<ParameterSpec>& parameters, Diagnostics& faults) {
  constexpr std::int64_t kMost = std::int64_t{1} << 61;  // so that a sum of two is a number
  std::map<std::string, std::int64_t> n_weights;         // per layer that owns them
  for (const ParameterSpec& parameter : parameters) {
    std::int64_t& n = n_weights[layer_of(parameter)];
    n = std::min(n + std::min(product(parameter.shape), kMost), kMost);
  }
  for (const CheckedLayer& layer : graph.layers) {
    const std::int64_t n = layer.name == layer.weight_owner ? n_weights[layer.name] : 0;
    if (n <= kMaxWeights) continue;
    faults.error("too-large", layer.where,
                 "layer '" + layer.name + "' would have " + std::to_string(n) + " weights; at most " +
                     std::to_string(kMaxWeights) + " are allowed",
                 "lower the multiplicities of its irreps");
  }
}

/// nullopt if a plugin's code fails to lower its layer, which is told.
std::optional<std::vector<ParameterSpec>> declared_parameters(const CheckedGraph& graph, Diagnostics& faults) {
  try {
    return all_parameters(graph);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::configuration) throw;
    faults.add(error.diagnostics());
    return std::nullopt;
  }
}

/// What only the lowering of the layers without faults knows. Parameters of modules are known since inference.
void check_parameters(const CheckedGraph& graph, Diagnostics& faults) {
  const std::optional<std::vector<ParameterSpec>> declared = declared_parameters(graph, faults);
  if (!declared) return;
  const std::vector<ParameterSpec>& parameters = *declared;
  check_size(graph, parameters, faults);
  std::map<std::string, std::vector<std::string>> names;  // per layer that owns them
  for (const ParameterSpec& parameter : parameters) names[layer_of(parameter)].push_back(own_name(parameter));
  for (const CheckedLayer& layer : graph.layers) {
    if (layer.name == layer.weight_owner && !layer.declaration->any_ports)
      check_layer_weights(layer.weights, names[layer.name], {layer.name, graph.klay, faults});
  }
}

}  // namespace

int GraphCheck::field_of(const Source& source) const {
  if (source.kind == Source::Kind::input) return input_fields[source.index];
  if (source.kind == Source::Kind::unknown || layer_fields[source.index].empty()) return -1;
  return layer_fields[source.index][source.port];
}

bool GraphCheck::is_good(int layer) const {
  const std::vector<int>& fields = layer_fields[layer];
  return !fields.empty() && fields[0] >= 0 && !graph.fields[fields[0]].maker_at_fault;
}

bool stands_at(const std::vector<SourcePos>& places, const SourcePos& where) {
  return std::any_of(places.begin(), places.end(), [&](const SourcePos& place) {
    return place.file == where.file && place.line == where.line && place.column == where.column;
  });
}

namespace {

CheckedGraph check_passes(const GraphSpec& spec, const LayerTable& table, Diagnostics& faults) {
  CheckedGraph graph;
  graph.klay = spec.compat_klay;
  graph.foreign = spec.foreign;
  graph.files = spec.files;
  graph.shared_names = spec.shared_names;
  graph.copies = spec.copies;
  GraphCheck check{spec, faults, graph};
  const bool library = is_library(spec);
  if (!library) check_sections_present(spec, faults);
  read_roles(check);
  check.wired = wire_graph(spec, table, faults);
  check_configs(check);
  const std::vector<int> order = execution_order(check.wired, faults);
  if (library) {
    check_library(check);
    return graph;
  }
  settle_guessed_roles(check, order);
  const std::vector<CommentDoubt> doubts = forget_contradicted_comments(check, order);
  infer_types(check, order);
  name_doubted_comments(doubts, check);
  check_readers(check);
  resolve_outputs(check);
  settle_edge_sets(check);
  settle_hops(graph);
  check_energy(check);
  check_parameters(graph, faults);
  if (faults.has_errors()) return graph;
  warn_unused(check);
  graph.canonical_json = canonical_json(check);
  return graph;
}

}  // namespace

CheckedGraph check_graph(const GraphSpec& spec, const LayerTable& table, Diagnostics& faults) {
  CheckedGraph graph = check_passes(spec, table, faults);
  drop_faults_of_unresolved(spec.document, faults);
  faults.tell_copies_once();
  return graph;
}

}  // namespace kiln
