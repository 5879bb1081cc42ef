#include <algorithm>
#include <set>

#include "base/numbers.h"
#include "base/text.h"
#include "graph/layer_faults.h"
#include "graph/not_finite.h"
#include "graph/reference_table.h"
#include "layers/declare.h"
#include "layers/layer_table.h"
#include "operators/aten_text.h"
#include "operators/foreign_module.h"

namespace kiln {

namespace {

CallInput call_input(const std::string& port, bool is_list, const std::vector<const FieldType*>& fields) {
  CallInput input;
  input.keyword = is_digits(port) ? "" : port;
  input.is_list = is_list;
  for (const FieldType* field : fields) input.shapes.push_back(shape_of(*field));
  if (!is_list && fields[0]->meaning == Meaning::tensors) {
    input.is_list = true;
    input.shapes = fields[0]->elements;
  }
  input.holds_integers =
      fields[0]->meaning != Meaning::tensors &&
      std::all_of(fields.begin(), fields.end(), [](const FieldType* field) { return field->dtype == DType::integer; });
  input.holds_reals = !input.is_list && fields[0]->dtype == DType::real && !fields[0]->guessed_real;
  return input;
}

/// The call as far as the config says; inputs are the caller's.
CallRequest bound_arguments(const Config& config) {
  CallRequest request;
  request.args_known = !config.is_at_fault("args");
  request.kwargs_known = !config.is_at_fault("kwargs");
  request.target = config.text("target");
  request.target_where = config.where("target");
  for (const Yaml& value : config.node("args").items) request.args.push_back(not_finite_as_reals(value));
  for (const auto& [key, value] : config.node("kwargs").entries)
    request.kwargs.push_back({key.text, not_finite_as_reals(value), key.where});
  return request;
}

CallRequest request_of(const InferContext& context) {
  CallRequest request = bound_arguments(context.config);
  request.ports_known = context.called;
  request.is_question = context.is_question;
  for (std::size_t port = 0; port < context.inputs.size(); ++port) {
    const std::vector<const FieldType*> fields(context.inputs[port].begin(), context.inputs[port].end());
    request.inputs.push_back(call_input(context.input_names[port], context.input_lists[port], fields));
    request.inputs.back().where = context.input_where[port];
    request.inputs.back().may_be_list = fields[0]->at_fault;
  }
  return request;
}

CallRequest request_of(const LowerContext& context) {
  CallRequest request = bound_arguments(*context.config);
  for (std::size_t port = 0; port < context.inputs.size(); ++port) {
    std::vector<const FieldType*> fields;
    for (int field : context.inputs[port]) fields.push_back(&context.type(field));
    request.inputs.push_back(call_input(context.input_names[port], context.input_lists[port], fields));
  }
  return request;
}

/// A result with a row for every row of an input is a field of that input's
/// level; anything else is a free tensor.
FieldType tensor_type(const InferContext& context, const Shape& shape, const ResolvedCall& call,
                      std::size_t element = 0) {
  const bool is_integer = gives_integers(call, element);
  FieldType type;
  const bool has_weights = !call.parameters.empty() && context.foreign == nullptr;
  type.guessed_real = !is_integer && !has_weights;  // what is made with weights is real
  type.level = Level::free;
  type.dtype = is_integer ? DType::integer : DType::real;
  type.shape = shape;
  type.open = !is_integer;
  if (is_integer || !shape.known || shape.rank() != 2 || !shape.sizes[1].known()) return type;
  for (const std::vector<FieldType*>& port : context.inputs) {
    for (const FieldType* input : port) {
      const bool has_rows = input->meaning != Meaning::edge_index && input->meaning != Meaning::cell;
      if (input->level == Level::free || !has_rows) continue;
      if (!(shape_of(*input).sizes[0] == shape.sizes[0])) continue;
      FieldType rows = atom_field(scalars(static_cast<int>(shape.sizes[1].n)));
      rows.level = input->level;
      rows.guessed_real = type.guessed_real;
      rows.edge_set = input->edge_set;
      return rows;
    }
  }
  return type;
}

FieldType whole_type(const InferContext& context, const ResolvedCall& call) {
  if (call.result == CallResult::tensor || call.result == CallResult::unknown)
    return tensor_type(context, call.shapes.empty() ? unknown_shape() : call.shapes[0], call);
  FieldType type;
  type.level = Level::free;
  type.meaning = Meaning::tensors;
  type.elements = call.shapes;
  return type;
}

/// The first row of a tensor, as KLay reads `output: {0: name}`.
FieldType row_type(const InferContext& context, const ResolvedCall& call) {
  Shape shape = call.shapes.empty() ? unknown_shape() : call.shapes[0];
  if (shape.known && shape.rank() > 0) shape.sizes.erase(shape.sizes.begin());
  return tensor_type(context, shape, call);
}

void infer_whole(InferContext& context, std::size_t port) {
  context.output_names[port].clear();
  context.outputs[port] = context.outputs[0];
}

void infer_element_of_tensor(InferContext& context, std::size_t port, const ResolvedCall& call) {
  const std::string key = context.output_names[port];
  const std::string& map_name = context.output_map_names[port];
  const SourcePos& where = context.output_where[port];
  const bool mapped = !map_name.empty();
  const auto& ports = context.input_names;
  const bool is_port = std::find(ports.begin(), ports.end(), key) != ports.end();
  std::int64_t row = 0;
  if (mapped && context.klay && read_integer(key, row)) {
    context.outputs[port] = row_type(context, call);
    context.row_wise = false;
  } else if (mapped && key == "0") {
    const bool is_name = map_name != kUnknownLayer;  // else that it is none is told
    if (is_name) LayerFaults{context.layer, context.klay, *context.faults}.single_output(where, map_name, key);
    infer_whole(context, port);
  } else if (!mapped && (context.klay || key == "0" || is_port)) {
    context.warning("needless-suffix", where, "gives one tensor; '." + key + "' is ignored",
                    "write '" + context.layer + "'");
    infer_whole(context, port);
  } else {
    context.error("unknown-output", where, "gives one tensor; there is no '" + key + "' of it",
                  "write '" + context.layer + "'");
    infer_whole(context, port);
  }
}

void infer_element(InferContext& context, std::size_t port, const ResolvedCall& call) {
  const std::string key = context.output_names[port];
  std::int64_t index = 0;
  if (call.result == CallResult::tensor) return infer_element_of_tensor(context, port, call);
  if (!read_integer(key, index)) {
    context.error("unknown-output", context.output_where[port],
                  "'" + key + "' is not an element of '" + context.config.text("target") + "'",
                  "elements are numbered from 0");
    return;
  }
  const std::int64_t n = call.n_elements;
  if (n > 0 && (index >= n || index < -n)) {
    context.error("unknown-output", context.output_where[port],
                  "gives " + std::to_string(n) + " tensors; there is no number " + key);
    return;
  }
  if (n > 0 && index < 0) index += n;
  const bool known = index >= 0 && index < static_cast<std::int64_t>(call.shapes.size());
  context.outputs[port] = tensor_type(context, known ? call.shapes[index] : unknown_shape(), call, index);
}

/// Functions of components do not turn as the components do.
void warn_equivariance(const InferContext& context, const ResolvedCall& call) {
  static const std::set<std::string> kLinear = {"$0"};
  if (kLinear.count(call.expression) != 0) return;
  for (std::size_t port = 0; port < context.inputs.size(); ++port) {
    for (const FieldType* input : context.inputs[port]) {
      if (input->level == Level::free || input->irreps.blocks.empty() || input->irreps.is_scalar()) continue;
      context.warning("not-equivariant", context.input_where[port],
                      "reads " + to_string(*input) + ": what it makes of it does not turn with the structure",
                      "give it invariant (0e) features");
    }
  }
}

bool resolve(const std::string& layer, CallRequest request, const ForeignModule* foreign, const std::string& owner,
             ResolvedCall& call, Diagnostics& faults) {
  request.foreign = foreign;
  return foreign == nullptr || names_operator(request.target)
             ? resolve_call(layer, request, call, faults)
             : resolve_foreign_call(layer, request, *foreign, "self." + owner, call, faults);
}

/// `shape: [N, 8]`: what a file says of a result that nothing else is known of. False if it says what cannot be.
bool take_declared_shape(const InferContext& context, ResolvedCall& call) {
  if (!context.config.has("shape") || context.config.is_at_fault("shape")) return true;
  std::vector<std::string> words;
  for (const Yaml& size : context.config.node("shape").items) words.push_back(size.text);
  const Shape declared = shape_from_words(words);
  const bool known = !call.shapes.empty() && call.shapes[0].known;
  bool agrees = known ? call.shapes[0].rank() == declared.rank()
                      : call.shapes.empty() || may_equal(last_size(call.shapes[0]), last_size(declared));
  for (int k = 0; known && agrees && k < declared.rank(); ++k)
    agrees = may_equal(call.shapes[0].sizes[k], declared.sizes[k]);
  if (!agrees)
    context.error("bad-shape", context.config.where("shape"),
                  "'shape' is " + to_string(declared) + ", but the result is " + to_string(call.shapes[0]));
  if (!agrees)
    call.shapes.clear();  // either may be right
  else if (!known)
    call.shapes = {declared};
  return agrees;
}

/// What is wrong with the target itself, which is told of the layer that owns it, not of every alias.
Diagnostics faults_of_target(const InferContext& context) {
  CallRequest request = bound_arguments(context.config);
  request.ports_known = false;
  ResolvedCall ignored;
  Diagnostics faults;
  resolve(context.layer, request, context.foreign, context.owner, ignored, faults);
  return faults;
}

/// False if a fault keeps the call from being known.
bool resolve_call_of(InferContext& context, ResolvedCall& call) {
  Diagnostics of_owner, found;
  if (context.layer != context.owner) of_owner = faults_of_target(context);
  context.failed = of_owner.has_errors();
  const bool good = resolve(context.layer, request_of(context), context.foreign, context.owner, call, found);
  for (const Diagnostic& fault : found.list)
    if (!says_the_same(of_owner.list, fault)) context.faults->list.push_back(fault);
  return good;
}

/// Operators of other libraries need consent; files get it where they are read.
bool lacks_consent(const InferContext& context) {
  return context.foreign == nullptr && names_library_operator(context.config.text("target"));
}

void tell_no_consent(InferContext& context) {
  if (context.layer != context.owner) return void(context.failed = true);
  context.error("code-not-allowed", context.config.where("target"),
                "target '" + context.config.text("target") + "' is an operator from outside",
                "if you trust the library that it comes from, add --allow code:" + context.written);
}

void tell_no_result(const InferContext& context, const ResolvedCall& call) {
  const std::string& type = call.result_type;
  context.error("no-result", context.config.where("target"),
                "target '" + context.config.text("target") + "' gives " +
                    (type.empty() ? "nothing back" : "a result of type " + type + ", which a graph has no fields for"),
                type.empty() ? "let it return a tensor, or a tuple of tensors"
                             : "let it return a tensor, or a tuple of tensors: LAYER.0, LAYER.1, …");
}

std::optional<std::vector<std::string>> names_of_parameters(const ResolvedCall& call) {
  if (!call.parameters_known) return std::nullopt;
  std::vector<std::string> names;
  for (const CallParameter& parameter : call.parameters) names.push_back(parameter.name);
  return names;
}

bool reads_what_is_at_fault(const InferContext& context) {
  return std::any_of(context.inputs.begin(), context.inputs.end(), [](const std::vector<FieldType*>& port) {
    return std::any_of(port.begin(), port.end(),
                       [](const FieldType* type) { return type->at_fault || type->in_doubt; });
  });
}

void infer_outputs(InferContext& context, ResolvedCall& call, bool in_doubt) {
  in_doubt = !take_declared_shape(context, call) || in_doubt;
  context.outputs[0] = whole_type(context, call);
  for (std::size_t port = 1; port < context.output_names.size(); ++port) infer_element(context, port, call);
  for (FieldType& type : context.outputs) type.in_doubt = in_doubt && !type.at_fault;
}

void infer(InferContext& context) {
  if (context.config.is_at_fault("target")) return;
  if (lacks_consent(context)) return tell_no_consent(context);
  const bool is_alias = context.layer != context.owner;
  ResolvedCall call;
  const bool good = resolve_call_of(context, call);
  context.parameters = names_of_parameters(call);
  const bool gives_something = call.result != CallResult::unknown && call.result != CallResult::nothing;
  const bool whole = good && context.config.at_fault.empty();
  if (!whole && context.called && gives_something) infer_outputs(context, call, true);
  if (!whole) return;
  if (call.result == CallResult::nothing) return tell_no_result(context, call);
  const bool told = context.foreign != nullptr && context.faults->has_errors();  // why it could not be looked at
  if (call.result == CallResult::unknown && !told && !is_alias) {
    context.warning("not-checked", context.config.where("target"),
                    "target '" + context.config.text("target") + "' is not checked before it runs",
                    context.foreign == nullptr ? "" : context.foreign->not_read);
  }
  if (!context.called) return;
  context.row_wise = call.row_wise;
  infer_outputs(context, call, reads_what_is_at_fault(context));
  warn_equivariance(context, call);
}

ParameterSpec parameter_spec(const CallParameter& parameter) {
  ParameterSpec spec;
  spec.name = parameter.name;
  spec.shape = parameter.shape;
  spec.trainable = parameter.trainable;
  spec.running = parameter.running;
  spec.value = parameter.scale;
  spec.zero_row = parameter.zero_row;
  switch (parameter.init) {
    case CallParameter::Init::zeros:
    case CallParameter::Init::ones:
      spec.init = ParameterSpec::Init::constant;
      spec.value = parameter.init == CallParameter::Init::ones ? 1.0 : 0.0;
      break;
    case CallParameter::Init::uniform:
      spec.init = ParameterSpec::Init::torch_uniform;
      break;
    case CallParameter::Init::normal:
      spec.init = ParameterSpec::Init::torch_normal;
      break;
    case CallParameter::Init::given:
      spec.init = ParameterSpec::Init::given;
      spec.initial = parameter.initial;
  }
  return spec;
}

int element_index(const std::string& key, int n_elements) {
  std::int64_t index = 0;
  read_integer(key, index);
  return static_cast<int>(index < 0 && n_elements > 0 ? index + n_elements : index);
}

void lower(LowerContext& context) {
  ResolvedCall call;
  Diagnostics faults;
  resolve(context.layer, request_of(context), context.foreign, attribute_path(context.weight_owner), call,
          faults);  // was checked
  Call op;
  op.target = context.config->text("target");
  op.expression = call.expression;
  op.random = call.random;
  std::vector<int> operands;
  for (std::size_t port = 0; port < context.inputs.size(); ++port) {
    const std::vector<int>& fields = context.inputs[port];
    op.list_sizes.push_back(context.input_lists[port] ? static_cast<int>(fields.size()) : -1);
    operands.insert(operands.end(), fields.begin(), fields.end());
  }
  for (const CallParameter& parameter : call.parameters) {
    op.weights.emplace_back(name_in_expressions(parameter), context.parameter(parameter_spec(parameter)));
  }
  context.outputs[0] = context.add(op, operands, context.output_types[0]);
  for (std::size_t port = 1; port < context.output_names.size(); ++port) {
    const std::string& key = context.output_names[port];
    context.outputs[port] = key.empty()
                                ? context.outputs[0]
                                : context.add(Element{element_index(key, call.n_elements), context.foreign != nullptr},
                                              {context.outputs[0]}, context.output_types[port]);
  }
}

LayerDeclaration declare() {
  LayerDeclaration layer;
  layer.name = "ArbitraryModule";
  layer.category = Category::arbitrary;
  layer.doc =
      "Any torch function or module by its Python name (`kiln layers "
      "--arbitrary` lists them), a TorchScript file, or Python's own; torch engine only.";
  layer.formula =
      "target(*args, *positional ports, **kwargs, **named ports); "
      "a module is made with args and kwargs and "
      "called with the ports\n"
      "source: the reference of PyTorch 1.13";
  layer.config = {
      required("target", ConfigType::text,
               "torch.nn.*, torch.nn.functional.*, torch.*, or ns::op; with --allow also a TorchScript file such as "
               "block.pt, or pkg.mod.Name of Python"),
      with_default("args", ConfigType::values, "[]", "bound positional arguments"),
      with_default("kwargs", ConfigType::mapping, "{}", "bound keyword arguments; a port wins"),
      optional("shape", ConfigType::values,
               "of the result where it cannot be inferred, such as [N, 8]; N: a row per atom")};
  layer.any_ports = true;
  layer.infer = infer;
  layer.lower = lower;
  return layer;
}

}  // namespace

const LayerDeclaration kArbitraryModule = declare();

}  // namespace kiln
