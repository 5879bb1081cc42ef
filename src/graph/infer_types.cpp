#include <algorithm>
#include <map>

#include "graph/graph_checker.h"
#include "graph/infer_context.h"
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

/// Fields per declared port; false if one of them is unknown.
bool collect_inputs(const GraphCheck& check, const WiredLayer& layer, CheckedLayer& checked) {
  bool known = true;
  for (const std::vector<Source>& sources : layer.inputs) {
    checked.inputs.emplace_back();
    for (const Source& source : sources) {
      const int field = check.field_of(source);
      known = known && field >= 0;
      checked.inputs.back().push_back(field);
    }
  }
  return known;
}

/// A list of fields is a list of tensors: none of them may be several.
bool check_lists(GraphCheck& check, const WiredLayer& layer, const CheckedLayer& checked) {
  const std::size_t n_errors = check.faults.n_errors();
  for (std::size_t port = 0; port < checked.inputs.size(); ++port) {
    for (int field : checked.inputs[port]) {
      const CheckedField& f = check.graph.fields[field];
      if (!layer.input_lists[port] || f.type.meaning != Meaning::tensors) continue;
      check.faults.error("several-outputs", layer.input_where[port],
                         "layer '" + layer.spec->name + "': '" + f.name + "' in the list of input '" +
                             layer.input_names[port] + "' is several tensors",
                         "name one: " + f.name + ".0; to pass all of them, write '" + f.name + "' without brackets");
      break;
    }
  }
  return check.faults.n_errors() == n_errors;
}

/// A shift belongs to the edges that it was measured with first.
void check_shift(GraphCheck& check, const WiredLayer& layer, const std::string& shift, int edge_set) {
  const std::vector<GeometryInput>& all = check.graph.geometry;
  for (int s = 0; s < static_cast<int>(all.size()) && !shift.empty(); ++s) {
    if (s == edge_set || all[s].shift != shift) continue;
    check.faults.error("two-geometries", layer.spec->where,
                       "layer '" + layer.spec->name + "': '" + shift + "' is the shift of the edges '" +
                           all[s].edge_index + "' already, and cannot be that of '" + all[edge_set].edge_index +
                           "', too",
                       "give '" + all[edge_set].edge_index + "' a model input {role: shift} of its own");
    return;
  }
}

/// An edge index read together with positions (and shifts) says how vectors of that edge set are made.
void record_geometry(GraphCheck& check, const WiredLayer& layer, const CheckedLayer& checked) {
  std::string positions, shift;
  int edge_set = -1, shift_field = -1;
  for (const std::vector<int>& port : checked.inputs) {
    for (int field : port) {
      const CheckedField& f = check.graph.fields[field];
      if (f.type.meaning == Meaning::positions) positions = f.name;
      if (f.type.meaning == Meaning::edge_index) edge_set = f.type.edge_set;
      if (f.type.meaning == Meaning::shift) shift = f.name, shift_field = field;
    }
  }
  if (positions.empty() || edge_set < 0) return;
  GeometryInput& geometry = check.graph.geometry[edge_set];
  if (!geometry.positions.empty() && (geometry.positions != positions || geometry.shift != shift)) {
    check.faults.error("two-geometries", layer.spec->where,
                       "layer '" + layer.spec->name + "': the edges of '" + geometry.edge_index +
                           "' have positions and shifts already, which differ from the ones given here",
                       "use the same 'pos' and 'shift' wherever these edges are measured");
  }
  check_shift(check, layer, shift, edge_set);
  geometry.positions = positions;
  geometry.shift = shift;
  if (shift_field >= 0) check.graph.fields[shift_field].type.edge_set = edge_set;
}

/// All but the inputs. What are rows of an output is none of the layer's business.
InferContext context_of(const GraphCheck& check, const WiredLayer& layer, Config& config, Diagnostics& faults) {
  const auto n = static_cast<std::ptrdiff_t>(n_own_outputs(*layer.declaration, layer.output_names.size()));
  const auto given = [&](const auto& list) { return std::decay_t<decltype(list)>(list.begin(), list.begin() + n); };
  InferContext context{config};
  context.input_where = layer.input_where;
  context.layer = layer.spec->name;
  context.owner = check.spec.layers[layer.owner].name;
  context.declaration = layer.declaration;
  context.outputs.resize(static_cast<std::size_t>(n));
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

InferContext context_of(GraphCheck& check, const WiredLayer& layer) {
  return context_of(check, layer, check.configs[layer.owner], check.faults);
}

bool stands_at(const std::vector<SourcePos>& places, const SourcePos& where) {
  return std::any_of(places.begin(), places.end(), [&](const SourcePos& place) {
    return place.file == where.file && place.line == where.line && place.column == where.column;
  });
}

/// Are the owner's config and the same shapes at fault, which is told of the owner?
bool is_told_of_owner(const std::vector<Diagnostic>& faults, const Diagnostic& fault, bool at_port,
                      const std::string& alias, const std::string& owner) {
  const std::string prefix = "layer '" + alias + "'",
                    what = "layer '" + owner + "'" + fault.what.substr(std::min(prefix.size(), fault.what.size()));
  if (at_port && fault.code != "bad-shape") return false;  // each call names its ports itself
  return std::any_of(faults.begin(), faults.end(),
                     [&](const Diagnostic& d) { return d.code == fault.code && d.what == what; });
}

/// What is wrong with one call of a module is told where this call stands, not where the module is made.
void tell_at_alias(GraphCheck& check, const WiredLayer& alias, std::size_t first_fault) {
  const LayerSpec& owner = check.spec.layers[alias.owner];
  std::vector<Diagnostic>& faults = check.faults.list;
  std::vector<Diagnostic> found(faults.begin() + static_cast<std::ptrdiff_t>(first_fault), faults.end());
  faults.resize(first_fault);
  for (Diagnostic& fault : found) {
    const bool at_port = stands_at(alias.input_where, fault.where) || stands_at(alias.output_where, fault.where);
    if (is_told_of_owner(faults, fault, at_port, alias.spec->name, owner.name)) continue;
    if (!at_port) fault.where = alias.spec->alias_where;
    if (fault.severity == Severity::error) {
      if (!fault.hint.empty()) fault.hint += "; ";
      fault.hint += "'" + alias.spec->name + "' is an alias of '" + owner.name + "'";
      if (owner.where.known()) fault.hint += " (line " + std::to_string(owner.where.line) + ")";
    }
    faults.push_back(std::move(fault));
  }
}

/// Names in `init` and `freeze`, too. False if a fault keeps the types from being known.
bool infer_call(GraphCheck& check, const WiredLayer& layer, InferContext& context) {
  const std::size_t n_faults = check.faults.list.size();
  const bool good = call_infer(context, layer.spec->where, static_cast<int>(check.graph.edge_sets.size()));
  if (context.layer != context.owner)
    tell_at_alias(check, layer, n_faults);
  else if (context.parameters)
    check_layer_weights(layer.spec->weights, *context.parameters, {context.layer, context.klay, check.faults});
  return good;
}

FieldType row_of(const FieldType& type) {
  FieldType row;
  row.level = Level::free;
  row.dtype = type.dtype;
  row.open = type.dtype == DType::real;
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

void add_outputs(GraphCheck& check, int index, const InferContext& context, CheckedLayer& checked) {
  const auto& ports = context.output_names;
  for (std::size_t port = 0; port < ports.size(); ++port) {
    const bool only = port == 0 && !context.declaration->any_ports && context.declaration->outputs.size() == 1;
    const bool whole = ports[port].empty() || only;
    const bool by_map = check.spec.compat_klay && !context.output_map_names[port].empty();  // perhaps a row
    const std::string name = whole    ? checked.name
                             : by_map ? context.output_map_names[port]
                                      : checked.name + "." + ports[port];
    checked.outputs.push_back(static_cast<int>(check.graph.fields.size()));
    check.graph.fields.push_back(
        {name, context.outputs[port], static_cast<int>(check.graph.layers.size()), static_cast<int>(port)});
  }
  check.layer_fields[index] = checked.outputs;
}

/// A directed list must have its receivers where the layer expects them; half lists serve no layer of today.
bool check_edge_lists(GraphCheck& check, const WiredLayer& layer, const CheckedLayer& checked) {
  const std::size_t n_errors = check.faults.n_errors();
  for (std::size_t port = 0; port < checked.inputs.size(); ++port) {
    for (int field : checked.inputs[port]) {
      const FieldType& type = check.graph.fields[field].type;
      if (type.meaning != Meaning::edge_index) continue;
      const InputRole& role = check.roles[check.edge_set_inputs[type.edge_set]];
      const std::string who = "layer '" + layer.spec->name + "': ";
      if (role.half) {
        check.faults.error("half-list", layer.input_where[port], who + "needs a full edge list, not a half one",
                           "remove 'storage: half' and give both directions of every edge");
      }
      const int row = layer.declaration->receiver_row;
      if (role.receiver < 0 || row < 0 || role.receiver == row) continue;
      check.faults.error(
          "wrong-direction", layer.input_where[port],
          who + "receives at row " + std::to_string(row) + ", but this directed list at row " +
              std::to_string(role.receiver),
          "if the list is written so, declare it with receiver: " + std::to_string(row) + "; else exchange its rows");
    }
  }
  return check.faults.n_errors() == n_errors;
}

/// A target is looked at even where what it reads is at fault, or not known.
void check_target(GraphCheck& check, const WiredLayer& layer, bool called) {
  FieldType unknown;
  unknown.level = Level::free;
  unknown.open = true;
  unknown.guessed_real = true;
  InferContext context = context_of(check, layer);
  context.called = called;
  context.inputs_known = false;
  for (const std::vector<Source>& port : layer.inputs)
    context.inputs.emplace_back(std::max<std::size_t>(port.size(), 1), &unknown);
  infer_call(check, layer, context);
}

/// What is wrong with a layer whose ports are at fault, or that is not called: its target may be.
void check_uncalled_target(GraphCheck& check, const WiredLayer& layer) {
  if (layer.declaration->any_ports && layer.spec->alias.empty()) check_target(check, layer, false);
}

void infer_layer(GraphCheck& check, int index) {
  const WiredLayer& layer = check.wired.layers[index];
  if (layer.declaration == nullptr || !check.config_good[layer.owner]) return;
  if (!layer.good) return check_uncalled_target(check, layer);
  CheckedLayer checked;
  checked.name = layer.spec->name;
  checked.where = layer.spec->where;
  checked.declaration = layer.declaration;
  checked.weight_owner = check.spec.layers[layer.owner].name;
  checked.weights = layer.spec->weights;
  checked.input_names = layer.input_names;
  checked.input_lists = layer.input_lists;
  if (!collect_inputs(check, layer, checked)) {
    if (layer.declaration->any_ports) check_target(check, layer, true);
    return;
  }
  if (!check_lists(check, layer, checked)) return;
  InferContext context = context_of(check, layer);
  for (const std::vector<int>& port : checked.inputs) {
    context.inputs.emplace_back();
    for (int field : port) context.inputs.back().push_back(&check.graph.fields[field].type);
  }
  const bool good = infer_call(check, layer, context);
  if (!check_edge_lists(check, layer, checked) || !good) return;
  record_geometry(check, layer, checked);
  infer_rows(layer, context);
  checked.row_wise = context.row_wise;
  checked.output_names = context.output_names;
  add_outputs(check, index, context, checked);
  check.graph.layers.push_back(std::move(checked));
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

}  // namespace

bool takes_type(const GraphCheck& check, const PortOfLayer& at, const FieldType& type) {
  const WiredLayer& layer = check.wired.layers[at.layer];
  Config config = check.configs[layer.owner];
  Diagnostics faults;
  InferContext context = context_of(check, layer, config, faults);
  std::vector<std::vector<FieldType>> types;
  for (const std::vector<Source>& port : layer.inputs) {
    types.emplace_back();
    for (const Source& source : port) types.back().push_back(check.graph.fields[check.field_of(source)].type);
  }
  types[at.port][at.item] = type;
  for (std::vector<FieldType>& port : types) {
    context.inputs.emplace_back();
    for (FieldType& read : port) context.inputs.back().push_back(&read);
  }
  return call_infer(context, layer.spec->where, static_cast<int>(check.graph.edge_sets.size()));
}

void check_targets(GraphCheck& check) {
  for (const WiredLayer& layer : check.wired.layers) {
    if (layer.declaration == nullptr || !check.config_good[layer.owner] || !layer.declaration->any_ports) continue;
    if (layer.good && !layer.spec->inputs.empty()) {
      check_target(check, layer, true);
    } else {
      check_uncalled_target(check, layer);
    }
  }
}

void infer_types(GraphCheck& check, const std::vector<int>& order) {
  check.layer_fields.resize(check.spec.layers.size());
  add_inputs(check);
  for (int index : order) infer_layer(check, index);
  close_fields(check);
  std::map<std::string, const Config*> configs;
  for (std::size_t i = 0; i < check.spec.layers.size(); ++i) configs[check.spec.layers[i].name] = &check.configs[i];
  for (CheckedLayer& layer : check.graph.layers) layer.config = *configs.at(layer.weight_owner);
}

}  // namespace kiln
