#include <algorithm>
#include <limits>
#include <map>

#include "base/stand_in.h"
#include "graph/alias_faults.h"
#include "graph/config_check.h"
#include "graph/edge_geometry.h"
#include "graph/graph_checker.h"
#include "graph/layer_call.h"
#include "graph/layer_code.h"
#include "graph/layer_faults.h"

namespace kiln {

namespace {

void add_inputs(GraphCheck& check) {
  for (std::size_t i = 0; i < check.spec.inputs.size(); ++i) {
    const InputSpec& spec = check.spec.inputs[i];
    const InputRole& role = check.roles[i];
    FieldType type = role.type;
    if (type.meaning == Meaning::edge_index) {
      type.edge_set = static_cast<int>(check.graph.edge_sets.size());
      check.graph.edge_sets.push_back({role.cutoff, spec.name, {}});
      check.graph.geometry.push_back({"", spec.name, ""});
      check.edge_set_inputs.push_back(static_cast<int>(i));
    }
    const int field = static_cast<int>(check.graph.fields.size());
    check.graph.fields.push_back({spec.name, type, -1, 0});
    check.graph.inputs.push_back({spec.name, type.meaning, field, role.cutoff, type.shape, is_shaped_by_comment(role),
                                  !role.role_given && type.meaning != Meaning::plain});
    check.input_fields.push_back(field);
  }
}

bool all_known(const std::vector<std::vector<int>>& inputs) {
  return std::all_of(inputs.begin(), inputs.end(), [](const std::vector<int>& port) {
    return std::find(port.begin(), port.end(), kAtFault) == port.end();
  });
}

/// Is anything read of which not all is known for a fault: sizes of a tensor, or which edges it belongs to?
bool any_in_doubt(const GraphCheck& check, const std::vector<std::vector<int>>& inputs) {
  const auto is_in_doubt = [&](int field) {
    if (field == kAtFault) return false;
    const CheckedField& read = check.graph.fields[field];
    const bool of_unknown_edges = read.type.level == Level::edge && read.type.edge_set < 0;
    return read.type.in_doubt || (read.maker_at_fault && of_unknown_edges);
  };
  return std::any_of(inputs.begin(), inputs.end(),
                     [&](const std::vector<int>& port) { return std::any_of(port.begin(), port.end(), is_in_doubt); });
}

/// A list of fields is a list of tensors: none of them may be several.
void check_lists(GraphCheck& check, const WiredLayer& layer, CheckedLayer& checked) {
  for (std::size_t port = 0; port < checked.inputs.size(); ++port) {
    for (int& field : checked.inputs[port]) {
      if (field == kAtFault || !layer.input_lists[port]) continue;
      const CheckedField& f = check.graph.fields[field];
      if (f.type.meaning != Meaning::tensors) continue;
      field = kAtFault;
      check.faults.error("several-outputs", layer.input_where[port],
                         "layer '" + layer.spec->name + "': '" + f.name + "' in the list of input '" +
                             layer.input_names[port] + "' is several tensors",
                         "name one: " + f.name + ".0; to pass all of them, write '" + f.name + "' without brackets");
    }
  }
}

InferContext context_of(GraphCheck& check, const WiredLayer& layer) {
  return context_of(check, layer, check.configs[layer.owner], check.faults);
}

/// Names in `init` and `freeze`. The parameters are those of the owner.
void check_names_of_parameters(const WiredLayer& layer, const InferContext& context) {
  if (!context.parameters || context.layer != context.owner) return;
  check_layer_weights(layer.spec->weights, *context.parameters, {context.layer, context.klay, *context.faults});
}

/// False if a fault keeps the types from being known.
bool infer_call(GraphCheck& check, const WiredLayer& layer, InferContext& context) {
  const std::size_t n_faults = check.faults.list.size();
  const bool good = call_infer(context, layer.spec->where, static_cast<int>(check.graph.edge_sets.size()));
  if (context.layer != context.owner) tell_at_alias(check, layer, n_faults);
  check_names_of_parameters(layer, context);
  return good;
}

FieldType row_of(const FieldType& type) {
  FieldType row;
  row.level = Level::free;
  row.dtype = type.dtype;
  row.open = type.dtype == DType::real;
  row.at_fault = type.at_fault;
  row.in_doubt = type.in_doubt;
  row.shape = shape_of(type);
  if (row.shape.known && row.shape.rank() > 0) row.shape.sizes.erase(row.shape.sizes.begin());
  return row;
}

/// Rows of the one output, as KLay reads its output map. Rows of structures are what training runs over, and
/// derivatives are made when all else is: these stay whole.
void infer_rows(const WiredLayer& layer, InferContext& context) {
  for (std::size_t port = context.outputs.size(); port < layer.output_names.size(); ++port) {
    const FieldType whole = context.outputs[0];
    const bool is_row = whole.level != Level::system && !is_derivative(whole.meaning);
    if (!is_row)
      LayerFaults{context.layer, context.klay, *context.faults}.single_output(
          layer.output_where[port], layer.output_map_names[port], layer.output_names[port]);
    context.output_names.push_back(is_row ? layer.output_names[port] : "");
    context.output_map_names.push_back(layer.output_map_names[port]);
    context.outputs.push_back(is_row ? row_of(whole) : whole);
    context.row_wise = context.row_wise && !is_row;
  }
}

/// Of a layer at fault, those that are certain.
void add_outputs(GraphCheck& check, int index, const InferContext& context, bool good, CheckedLayer& checked) {
  const auto& ports = context.output_names;
  for (std::size_t port = 0; port < ports.size(); ++port) {
    const bool only = port == 0 && !context.declaration->any_ports && context.declaration->outputs.size() == 1;
    const bool whole = ports[port].empty() || only;
    const bool by_map = check.spec.compat_klay && !context.output_map_names[port].empty();  // perhaps a row
    const std::string name = whole    ? checked.name
                             : by_map ? context.output_map_names[port]
                                      : checked.name + "." + ports[port];
    const FieldType& type = context.outputs[port];
    if (port > 0 && ports[port].empty()) {  // the whole once more
      checked.outputs.push_back(checked.outputs[0]);
      continue;
    }
    const int field = good || !type.at_fault ? static_cast<int>(check.graph.fields.size()) : kAtFault;
    checked.outputs.push_back(field);
    if (field == kAtFault) continue;
    const int maker = good ? static_cast<int>(check.graph.layers.size()) : -1;
    check.graph.fields.push_back({name, type, maker, static_cast<int>(port), !good});
    if (good) continue;
    CheckedInput& given = check.graph.inputs.emplace_back();
    given.name = name;
    given.meaning = type.meaning;
    given.field = field;
  }
  check.layer_fields[index] = checked.outputs;
}

/// What a module is made with is looked at even where its ports are not known.
void check_uncalled_target(GraphCheck& check, const WiredLayer& layer) {
  if (!can_read_config(check, layer) || !layer.spec->alias.empty()) return;
  InferContext context = context_of(check, layer);
  context.called = false;
  infer_call(check, layer, context);
}

bool are_alike(const FieldType& a, const FieldType& b) {
  return same_rows(a, b) && a.meaning == b.meaning && a.n_species == b.n_species;
}

bool is_told_since(const Diagnostics& faults, std::size_t first, const char* code) {
  const auto begin = faults.list.begin() + static_cast<std::ptrdiff_t>(first);
  return std::any_of(begin, faults.list.end(), [&](const Diagnostic& fault) { return fault.code == code; });
}

/// Does the layer read what it gives itself, as an alias or another copy of it, and not take it? Then what it gives may
/// be what is wrong.
bool contradicts_itself(const GraphCheck& check, const WiredLayer& layer, std::size_t first_fault) {
  const char* of_sizes[] = {"bad-shape", "block-mismatch", "wrong-width"};
  const auto is_told = [&](const char* code) { return is_told_since(check.faults, first_fault, code); };
  return std::any_of(std::begin(of_sizes), std::end(of_sizes), is_told) &&
         std::any_of(layer.references.begin(), layer.references.end(), [&](const auto& reference) {
           const Source& source = reference.first;
           if (source.kind != Source::Kind::layer) return false;
           const WiredLayer& maker = check.wired.layers[source.index];
           return maker.owner == layer.owner || stands_at({maker.spec->where}, layer.spec->where);
         });
}

/// Are both features of one level, whatever their irreps?
bool differ_in_irreps(const FieldType& a, const FieldType& b) {
  const auto is_feature = [](const FieldType& type) {
    return type.level != Level::free && type.meaning == Meaning::plain && type.dtype == DType::real && !type.at_fault;
  };
  return is_feature(a) && is_feature(b) && a.level == b.level && a.edge_set == b.edge_set;
}

/// Types that are the same in all trials, perhaps but for their irreps.
void take_certain_types(const std::vector<std::vector<FieldType>>& trials, std::vector<FieldType>& types) {
  if (trials.size() < 2) return;
  for (std::size_t port = 0; port < types.size(); ++port) {
    const FieldType& type = trials[0][port];
    const auto all = [&](bool (*alike)(const FieldType&, const FieldType&)) {
      return std::all_of(trials.begin(), trials.end(), [&](const auto& trial) { return alike(trial[port], type); });
    };
    if (all(are_alike)) {
      types[port] = type;
    } else if (all(differ_in_irreps)) {
      types[port] = field_of_unknown_irreps(type.level);
      types[port].edge_set = type.edge_set;
    }
  }
}

/// Of irreps there may be more blocks than any that stand for them has, and with each block more parameters.
bool has_irreps_at_fault(const LayerDeclaration& declaration, const Config& config) {
  return std::any_of(declaration.config.begin(), declaration.config.end(), [&](const ConfigEntry& entry) {
    return entry.type == ConfigType::irreps && config.is_at_fault(entry.name);
  });
}

/// What is wrong with a call, and what it gives, whatever the values at fault in its config are to be.
void check_despite_config(GraphCheck& check, const WiredLayer& layer, const std::vector<std::vector<int>>& fields,
                          std::vector<FieldType>& outputs) {
  std::vector<std::vector<FieldType>> trials;
  std::size_t least_errors = std::numeric_limits<std::size_t>::max();
  const bool knows_irreps = !has_irreps_at_fault(*layer.declaration, check.configs[layer.owner]);
  const auto find = [&](int trial, Diagnostics& found) {
    std::optional<Config> config = config_with_stand_ins(*layer.declaration, check.configs[layer.owner], trial);
    if (!config) return false;
    const InputTypes inputs(check.graph, fields, InputTypes::Of::copies);
    InferContext context = context_of(check, layer, *config, found);
    context.inputs = inputs.types;
    call_infer(context, layer.spec->where, static_cast<int>(check.graph.edge_sets.size()));
    if (knows_irreps) check_names_of_parameters(layer, context);
    if (found.n_errors() < least_errors) trials.clear();  // the others do not fit what else there is
    least_errors = std::min(least_errors, found.n_errors());
    if (found.n_errors() == least_errors) trials.push_back(std::move(context.outputs));
    return true;
  };
  const std::size_t n_faults = check.faults.list.size();
  check.faults.add(certain_faults(find));
  take_certain_types(trials, outputs);
  if (!layer.spec->alias.empty()) tell_at_alias(check, layer, n_faults);
}

/// Without what inference finds.
CheckedLayer call_of(const GraphCheck& check, const WiredLayer& layer) {
  CheckedLayer checked;
  checked.name = layer.spec->name;
  checked.where = layer.spec->where;
  checked.declaration = layer.declaration;
  checked.weight_owner = check.spec.layers[layer.owner].name;
  checked.weights = layer.spec->weights;
  checked.input_names = layer.input_names;
  checked.input_lists = layer.input_lists;
  checked.inputs = fields_of(check, layer);
  return checked;
}

void infer_layer(GraphCheck& check, int index) {
  const WiredLayer& layer = check.wired.layers[index];
  if (layer.declaration == nullptr) return;
  const bool config_good = check.config_good[layer.owner], of_plugin = !layer.declaration->plugin.empty();
  if (layer.declaration->any_ports && !layer.ports_known) return check_uncalled_target(check, layer);
  CheckedLayer checked = call_of(check, layer);
  check_lists(check, layer, checked);
  const bool has_name = checked.name.find('.') == std::string::npos;   // else nothing tells its weights from another's
  const bool is_first = check.first_layers.at(checked.name) == index;  // that two have one name is told
  const bool known = layer.good && has_name && is_first && all_known(checked.inputs);
  const bool free_of_faults = known && config_good && !any_in_doubt(check, checked.inputs);
  if (of_plugin && !free_of_faults) return;  // its code expects none
  const InputTypes inputs(check.graph, checked.inputs, InputTypes::Of::graph);
  InferContext context = context_of(check, layer);
  context.inputs = inputs.types;
  const std::size_t n_faults = check.faults.list.size();
  bool good = known && config_good;
  if (can_read_config(check, layer))
    good = infer_call(check, layer, context) && good;
  else
    check_despite_config(check, layer, checked.inputs, context.outputs);
  good = good && (layer.declaration->any_ports || !any_in_doubt(check, checked.inputs));
  if (!is_told_since(check.faults, n_faults, "positions-as-features")) record_geometry(check, layer, checked);
  good = check_edge_lists(check, layer, checked) && good;
  if (of_plugin && !good) return;
  if (contradicts_itself(check, layer, n_faults)) context.outputs.assign(context.outputs.size(), type_at_fault());
  infer_rows(layer, context);
  checked.row_wise = context.row_wise;
  checked.output_names = context.output_names;
  add_outputs(check, index, context, good, checked);
  if (good) check.graph.layers.push_back(std::move(checked));
}

/// Calls `use` with each layer that reads the model input, and the port.
template <class Use>
void for_each_reader(const GraphCheck& check, int input, const Use& use) {
  for (const WiredLayer& layer : check.wired.layers) {
    for (std::size_t port = 0; port < layer.inputs.size(); ++port) {
      for (const Source& source : layer.inputs[port])
        if (source.kind == Source::Kind::input && source.index == input) use(layer, port);
    }
  }
}

/// In the order of the file, those that have no place in the order of execution.
std::vector<int> others_than(const std::vector<int>& order, std::size_t n_layers) {
  std::vector<bool> has_place(n_layers, false);
  for (const int layer : order) has_place[layer] = true;
  std::vector<int> others;
  for (std::size_t i = 0; i < n_layers; ++i)
    if (!has_place[i]) others.push_back(static_cast<int>(i));
  return others;
}

bool has_disputed_role(const GraphCheck& check, int input) {
  bool disputed = false;
  for_each_reader(check, input, [&](const WiredLayer& layer, std::size_t port) {
    for (const Diagnostic& fault : check.faults.list)
      disputed = disputed || (fault.code == "disputed-role" && stands_at({layer.input_where[port]}, fault.where));
  });
  return disputed;
}

/// Told once all readers are known to agree.
void warn_other_role(GraphCheck& check, int input) {
  const FieldType& type = check.graph.fields[check.input_fields[input]].type;
  const Meaning by_name = check.roles[input].type.meaning;
  if (type.role_reader.empty() || type.meaning == by_name || has_disputed_role(check, input)) return;
  for_each_reader(check, input, [&](const WiredLayer& layer, std::size_t port) {
    if (layer.spec->name != type.role_reader) return;
    check.faults.warning("other-role", layer.input_where[port],
                         "layer '" + layer.spec->name + "': input '" + layer.input_names[port] + "' is " +
                             to_string(by_name) + " by its name, but is read as " + to_string(type.meaning),
                         role_hint(type.meaning));
  });
}

/// What no layer with typed ports has read stays a free tensor, and has the role of its name.
void close_fields(GraphCheck& check) {
  for (std::size_t i = 0; i < check.input_fields.size(); ++i) warn_other_role(check, static_cast<int>(i));
  for (CheckedField& field : check.graph.fields) {
    field.type.open = field.type.guessed_role = false;
    field.type.role_reader.clear();
  }
  for (CheckedInput& input : check.graph.inputs) input.meaning = check.graph.fields[input.field].type.meaning;
}

void begin_layers(GraphCheck& check) {
  const int n = static_cast<int>(check.spec.layers.size());
  check.layer_fields.resize(check.spec.layers.size());
  for (int i = 0; i < n; ++i) check.first_layers.emplace(check.spec.layers[i].name, i);
}

}  // namespace

void check_library(GraphCheck& check) {
  const int n = static_cast<int>(check.spec.layers.size());
  begin_layers(check);
  for (int i = 0; i < n; ++i) infer_layer(check, i);
  check.graph.fields.clear();
  check.graph.inputs.clear();
  check.graph.layers.clear();
}

void infer_types(GraphCheck& check, const std::vector<int>& order) {
  begin_layers(check);
  add_inputs(check);
  for (int index : order) infer_layer(check, index);
  for (int index : others_than(order, check.spec.layers.size())) infer_layer(check, index);
  close_fields(check);
  for (CheckedLayer& layer : check.graph.layers)
    layer.config = check.configs[check.first_layers.at(layer.weight_owner)];
}

}  // namespace kiln
