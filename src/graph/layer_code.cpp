#include "graph/layer_code.h"

#include <algorithm>
#include <cstdlib>

#include "graph/check_lowering.h"
#include "graph/layer_declaration.h"

namespace kiln {

namespace {

/// Kiln's own code is trusted to throw what the program knows.
template <class Code>
void run(const LayerDeclaration& declaration, const PluginCode& which, const Code& code, Diagnostics& faults) {
  if (declaration.plugin.empty())
    code();
  else
    run_plugin_code(which, code, faults);
}

/// The rest has a type without irreps.
bool has_irreps(const FieldType& type) {
  return type.level != Level::free && type.dtype == DType::real && type.meaning != Meaning::cell &&
         !(type.meaning >= Meaning::virial && type.meaning <= Meaning::atom_virials);
}

/// What is wrong with the inferred type of an output; "" if nothing is.
std::string fault_of_type(const FieldType& type, bool of_plugin, int n_edge_sets) {
  const auto beyond = [](auto value, auto last) { return static_cast<unsigned>(value) > static_cast<unsigned>(last); };
  if (beyond(type.level, Level::free) || beyond(type.dtype, DType::integer) || beyond(type.meaning, Meaning::tensors))
    return "gives a level, dtype or meaning that does not exist to";
  if (type.edge_set < -1 || type.edge_set >= n_edge_sets)
    return "gives edge set " + std::to_string(type.edge_set) + " of " + std::to_string(n_edge_sets) + " to";
  if (of_plugin && is_derivative(type.meaning))
    return "gives the meaning " + to_string(type.meaning) + ", which only Derivatives makes, to";
  const auto odd = [](const IrrepBlock& block) {
    return block.mul < 0 || block.irrep.l < 0 || std::abs(block.irrep.parity) != 1;
  };
  const auto& blocks = type.irreps.blocks;
  if (std::any_of(blocks.begin(), blocks.end(), odd)) return "gives irreps that do not exist to";
  return of_plugin && has_irreps(type) && blocks.empty() ? "sets no type of" : "";
}

/// So that an engine can say whose function it runs.
void name_plugin(LoweredGraph& graph, std::size_t first, const std::string& plugin) {
  for (std::size_t k = first; k < graph.operations.size(); ++k) {
    if (auto* function = std::get_if<RowFunction>(&graph.operations[k].op)) function->plugin = plugin;
  }
}

void check_types(const InferContext& context, std::size_t n, const SourcePos& where, int n_edge_sets) {
  const std::string who = described(context.layer, *context.declaration) + ": infer ";
  if (context.outputs.size() != n || context.output_names.size() != n) {
    context.faults->error("bad-types", where,
                          who + "gives " + std::to_string(context.outputs.size()) + " types, not " + std::to_string(n));
    return;
  }
  for (std::size_t port = 0; port < n; ++port) {
    const std::string fault = fault_of_type(context.outputs[port], !context.declaration->plugin.empty(), n_edge_sets);
    if (!fault.empty())
      context.faults->error("bad-types", where, who + fault + " output '" + context.output_names[port] + "'");
  }
}

/// Types of what it reads that are settled: a layer may only settle open ones.
using InputTypes = std::vector<std::pair<FieldType*, FieldType>>;
InputTypes settled_inputs(const InferContext& context) {
  InputTypes types;
  for (const auto& port : context.inputs) {
    for (FieldType* type : port)
      if (!type->open) types.emplace_back(type, *type);
  }
  return types;
}

bool may_become(Meaning meaning, const FieldType& was) {
  const bool elements = meaning == Meaning::species || meaning == Meaning::atomic_numbers;
  return meaning == was.meaning || (was.guessed_role && elements);
}

/// They become what they were.
void check_inputs(const InputTypes& before, const InferContext& context, const SourcePos& where) {
  for (const auto& [type, was] : before) {
    const bool same = type->level == was.level && type->dtype == was.dtype && may_become(type->meaning, was) &&
                      type->edge_set == was.edge_set && type->irreps == was.irreps;
    if (same) continue;
    *type = was;
    std::string name;
    for (std::size_t port = 0; port < context.inputs.size(); ++port) {
      const auto& fields = context.inputs[port];
      if (std::find(fields.begin(), fields.end(), type) != fields.end()) name = context.input_names[port];
    }
    context.faults->error(
        "bad-types", where,
        described(context.layer, *context.declaration) + ": infer changes the type of its input '" + name + "'");
  }
}

}  // namespace

std::string described(const std::string& layer, const LayerDeclaration& declaration) {
  const std::string whose = declaration.plugin.empty() ? "" : " of the plugin '" + declaration.plugin + "'";
  return "layer '" + layer + "' (" + declaration.name + whose + ")";
}

bool call_infer(InferContext& context, const SourcePos& where, int n_edge_sets) {
  const InputTypes settled = context.declaration->plugin.empty() ? InputTypes{} : settled_inputs(context);
  const auto n_errors = context.faults->n_errors();
  const std::size_t n_outputs = context.output_names.size();
  run(
      *context.declaration, {described(context.layer, *context.declaration), "infer", where},
      [&] { context.declaration->infer(context); }, *context.faults);
  check_inputs(settled, context, where);
  const auto is_good = [&] { return !context.failed && context.faults->n_errors() == n_errors; };
  if (context.called && is_good()) check_types(context, n_outputs, where, n_edge_sets);
  return is_good();
}

void call_lower(const CheckedLayer& layer, LowerContext& context) {
  const LayerDeclaration& declaration = *layer.declaration;
  const LoweredSizes before = sizes_of(*context.graph);
  const PluginCode which{described(layer.name, declaration), "lower", layer.where};
  Diagnostics faults;
  run(
      declaration, which, [&] { declaration.lower(context); }, faults);
  name_plugin(*context.graph, before.operations, declaration.plugin);
  if (!faults.has_errors()) check_lowering(context, declaration, before, which, faults);
  throw_if_errors(faults, declaration.plugin.empty() ? ErrorKind::internal : ErrorKind::configuration);
}

}  // namespace kiln
