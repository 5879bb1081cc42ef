#include "graph/layer_call.h"

#include <type_traits>

namespace kiln {

FieldType type_at_fault() {
  FieldType type;
  type.level = Level::free;
  type.open = type.guessed_real = type.at_fault = true;
  return type;
}

std::vector<std::vector<int>> fields_of(const GraphCheck& check, const WiredLayer& layer) {
  std::vector<std::vector<int>> fields;
  const LayerDeclaration& declaration = *layer.declaration;
  for (std::size_t port = 0; port < layer.inputs.size(); ++port) {
    fields.emplace_back();
    for (const Source& source : layer.inputs[port]) {
      const int field = check.field_of(source);
      fields.back().push_back(field == kAtFault || check.graph.fields[field].type.at_fault ? kAtFault : field);
    }
    const bool optional = !declaration.any_ports && declaration.inputs[port].optional;
    if (fields.back().empty() && !optional) fields.back().push_back(kAtFault);
  }
  return fields;
}

InferContext context_of(const GraphCheck& check, const WiredLayer& layer, Config& config, Diagnostics& faults) {
  const auto n = static_cast<std::ptrdiff_t>(n_own_outputs(*layer.declaration, layer.output_names.size()));
  const auto given = [&](const auto& list) { return std::decay_t<decltype(list)>(list.begin(), list.begin() + n); };
  InferContext context{config};
  context.input_where = layer.input_where;
  context.source_where = layer.source_where;
  context.layer = layer.spec->name;
  context.owner = check.spec.layers[layer.owner].name;
  context.written = written_name(check.spec.copies, context.owner);
  context.declaration = layer.declaration;
  const bool own = layer.declaration->plugin.empty();
  context.outputs.assign(static_cast<std::size_t>(n), own ? type_at_fault() : FieldType{});
  context.faults = &faults;
  context.input_names = layer.input_names;
  context.input_lists = layer.input_lists;
  context.output_names = given(layer.output_names);
  context.output_where = given(layer.output_where);
  context.output_map_names = given(layer.output_map_names);
  context.klay = check.spec.compat_klay;
  const auto foreign = check.spec.foreign.find(context.owner);
  if (foreign != check.spec.foreign.end()) context.foreign = &foreign->second;
  return context;
}

bool can_read_config(const GraphCheck& check, const WiredLayer& layer) {
  const bool sees_to_it = layer.declaration->any_ports && layer.declaration->plugin.empty();
  return check.config_good[layer.owner] || sees_to_it;
}

}  // namespace kiln
