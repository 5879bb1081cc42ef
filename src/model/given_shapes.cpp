#include "model/given_shapes.h"

#include "graph/layer_code.h"
#include "model/input_readers.h"

namespace kiln {

namespace {

/// What was checked before may contradict only the comment of an input. Atoms, structures and edges stay symbols: rows
/// of them are what makes a field of atoms, structures or edges.
void take_shape(const Tensor& tensor, FieldType& type) {
  const Shape declared = type.shape;
  type.shape = make_shape({});
  for (std::size_t k = 0; k < tensor.shape.size(); ++k) {
    const bool keeps = declared.sizes.size() == tensor.shape.size() && counts_rows(declared.sizes[k]);
    type.shape.sizes.push_back(keeps ? declared.sizes[k] : fixed_size(tensor.shape[k]));
  }
  type.dtype = is_real(tensor.dtype) ? DType::real : DType::integer;
  type.guessed_real = false;
}

/// Ports that are the whole of a result but for the first, which is that anyway, were settled by the check.
bool is_settled(const CheckedLayer& layer, std::size_t port) { return port > 0 && layer.output_names[port].empty(); }

InferContext context_of(CheckedGraph& graph, const CheckedLayer& layer, Config& config, Diagnostics& faults) {
  InferContext context{config};
  for (std::size_t port = 0; port < layer.outputs.size(); ++port)
    if (!is_settled(layer, port)) context.output_names.push_back(layer.output_names[port]);
  const std::size_t n_asked = context.output_names.size();
  context.input_where.assign(layer.inputs.size(), layer.where);
  context.layer = layer.name;
  context.owner = layer.weight_owner;
  context.declaration = layer.declaration;
  context.outputs.resize(n_asked);
  context.faults = &faults;
  context.input_names = layer.input_names;
  context.input_lists = layer.input_lists;
  context.output_where.assign(n_asked, layer.where);
  context.output_map_names.resize(n_asked);
  context.klay = graph.klay;
  const auto foreign = graph.foreign.find(layer.weight_owner);
  if (foreign != graph.foreign.end()) context.foreign = &foreign->second;
  for (const std::vector<int>& port : layer.inputs) {
    context.inputs.emplace_back();
    context.source_where.emplace_back(port.size(), layer.where);
    for (const int field : port) context.inputs.back().push_back(&graph.fields[field].type);
  }
  return context;
}

/// Results that are fields of atoms or edges stay such: their sizes are known. So do rows, as `compat: klay` reads an
/// output map.
void take_results(CheckedGraph& graph, const CheckedLayer& layer, const InferContext& context) {
  std::size_t next = 0;
  for (std::size_t port = 0; port < layer.outputs.size(); ++port) {
    FieldType& type = graph.fields[layer.outputs[port]].type;
    const std::size_t asked = is_settled(layer, port) ? 0 : next++;
    if (context.output_names[asked] != layer.output_names[port]) continue;
    if (type.level == Level::free && context.outputs[asked].level == Level::free) type = context.outputs[asked];
  }
}

void infer_again(CheckedGraph& graph, const CheckedLayer& layer, const GivenArrays& given, Diagnostics& faults) {
  Config config = layer.config;
  Diagnostics found;
  InferContext context = context_of(graph, layer, config, found);
  if (call_infer(context, layer.where, static_cast<int>(graph.edge_sets.size())))
    return take_results(graph, layer, context);
  for (Diagnostic& fault : found.list) {
    if (fault.severity != Severity::error) continue;
    fault.where = layer.where;
    fault.hint = described_ports(graph, layer, given) + (fault.hint.empty() ? "" : "; ") + fault.hint;
    faults.list.push_back(fault);
  }
}

}  // namespace

void take_given_shapes(CheckedGraph& graph, const GivenArrays& given, Diagnostics& faults) {
  for (const CheckedInput& input : graph.inputs) {
    FieldType& type = graph.fields[input.field].type;
    if (type.level == Level::free) take_shape(given.at(input.name).tensor, type);
  }
  for (const CheckedLayer& layer : graph.layers)
    if (layer.declaration->any_ports) infer_again(graph, layer, given, faults);
  faults.tell_copies_once();
}

}  // namespace kiln
