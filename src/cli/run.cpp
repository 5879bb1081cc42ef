#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/numbers.h"
#include "cli/array_files.h"
#include "cli/command.h"
#include "cli/json_line.h"
#include "cli/model_door.h"
#include "cli/model_input.h"
#include "cli/output_file.h"
#include "cli/report_error.h"
#include "engines/torch/row_function_check.h"
#include "engines/torch/torch_text.h"
#include "model/foreign_code.h"
#include "model/given_shapes.h"
#include "model/input_readers.h"
#include "model/run_graph.h"
#include "model/weights_file.h"

namespace kiln {

namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string graph, weights, engine, output;
  std::vector<std::string> inputs, allow;
  std::uint64_t seed = 0;
  std::string format = "text";
};

/// A graph with numbers: what the engines take.
struct Runnable {
  CheckedGraph checked;
  LoweredGraph lowered;
  Weights weights;
  Precision precision = Precision::f64;
};

std::string option_for(const std::string& input) { return "add --input " + input + "=FILE"; }

/// Throws what is collected, if there is an error: as wrong usage if a name is wrong, else as wrong data.
void throw_faults(const Diagnostics& faults) {
  bool names = false;
  for (const Diagnostic& fault : faults.list)
    names = names || fault.code == "unknown-input" || fault.code == "missing-input";
  throw_if_errors(faults, names ? ErrorKind::usage : ErrorKind::data);
}

GivenArrays read_inputs(const Options& options, Diagnostics& faults) {
  GivenArrays given;
  for (const std::string& text : options.inputs) {
    const ArrayArgument argument = parse_array_argument(text);
    if (given.count(argument.name) != 0)
      throw Error(ErrorKind::usage, "input-twice", "--input " + argument.name + " is given twice");
    given[argument.name].file = argument.file;
    given[argument.name].key = argument.key;
    try {
      given[argument.name].tensor = read_array(argument);
    } catch (const Error& error) {
      faults.add(error.diagnostics());
    }
  }
  return given;
}

/// A graph in YAML with weights drawn anew, in the precision of its inputs; or a model as it stands.
Runnable read_runnable(const Options& options, const GivenArrays& given, const ModelHost& host, Diagnostics& faults) {
  Runnable graph;
  graph.precision = precision_of(given);
  if (is_graph_file(options.graph)) {
    graph.checked = read_checked_graph(options.graph, host, options.seed, faults);
    graph.lowered = lower_graph(graph.checked);
    graph.weights = init_weights(graph.lowered, options.seed);
  } else {
    const Model model = load_model(options.graph, host);
    warn_of_allowance(model, options.graph, host.allow, faults);
    graph.checked = checked_graph_of(model);
    graph.lowered = lower_graph(graph.checked);
    graph.weights = model.weights;
    graph.precision = model.precision;
  }
  if (!options.weights.empty())
    load_weights(options.weights, graph.checked, graph.lowered.parameters, graph.weights, faults);
  return graph;
}

/// Names, dtypes, shapes and ranges. Where sizes decide how a torch target is called, they are known from here on.
void check_inputs(const GivenArrays& given, Runnable& graph, Diagnostics& faults) {
  check_input_names(graph.checked, given, option_for, faults);
  throw_faults(faults);
  check_input_values(graph.checked, given, faults);
  throw_faults(faults);
  take_given_shapes(graph.checked, given, faults);
  throw_faults(faults);
  graph.lowered = lower_graph(graph.checked);
}

NamedArray torch_input(const std::string& name, const Tensor& tensor, Precision precision) {
  NamedArray array{name, tensor.shape, {}, {}, tensor.dtype};
  if (is_real(tensor.dtype)) {
    array.reals = to_array(tensor).data;
    array.dtype = precision == Precision::f64 ? TensorDType::f64 : TensorDType::f32;
  } else {
    array.integers = to_integers(tensor);
  }
  return array;
}

/// "; weight is (4, 2), bias is (2,)"
std::string described_weights(const CheckedLayer& layer, const LoweredGraph& graph) {
  std::string text;
  for (const ParameterSpec& parameter : graph.parameters) {
    if (layer_of(parameter) != layer.weight_owner) continue;
    text += (text.empty() ? "; " : ", ") + parameter.name.substr(layer.weight_owner.size() + 1) + " is " +
            shape_text(parameter.shape);
  }
  return text;
}

/// What fails inside torch is told with what the layer reads and holds.
std::vector<NamedArray> run_named(const TorchProgram& program, const std::vector<NamedArray>& inputs,
                                  const Runnable& graph, const GivenArrays& given, TorchLibrary& torch) {
  try {
    return torch.run(program, inputs);
  } catch (const TorchFailure& failure) {
    for (const CheckedLayer& layer : graph.checked.layers) {
      if (layer.name != failure.layer) continue;
      throw error_of(failure, layer.where,
                     described_ports(graph.checked, layer, given) + described_weights(layer, graph.lowered));
    }
    throw;
  }
}

/// What layers draw follows the seed, too.
GraphOutputs run_torch(const Runnable& graph, const GivenArrays& given, std::uint64_t seed, TorchLibrary& torch) {
  const LoweredGraph& lowered = graph.lowered;
  std::vector<NamedArray> inputs;
  for (const std::string& name : lowered.model_inputs)
    inputs.push_back(torch_input(name, given.at(name).tensor, graph.precision));
  require_row_functions(lowered, torch);
  torch.set_deterministic_seed(seed);
  const TorchProgram program = make_torch_program(lowered, graph.weights, graph.precision);
  const std::vector<NamedArray> results = run_named(program, inputs, graph, given, torch);
  GraphOutputs outputs;
  for (const LoweredOutput& output : given_outputs(lowered)) {
    const std::string exposed = exposed_input(lowered, output);
    const bool free = output.field >= 0 && lowered.fields[output.field].level == Level::free;
    for (const NamedArray& array : results) {
      if (array.name != output.name) continue;
      const TensorDType dtype = free ? array.dtype : output_dtype(lowered, output, graph.precision);
      outputs.emplace_back(output.name, !exposed.empty() ? pass_through(given.at(exposed).tensor, dtype)
                                        : is_real(array.dtype)
                                            ? real_tensor(array.shape, array.reals, dtype)
                                            : to_integer_tensor(array.shape, array.integers, array.dtype));
    }
  }
  return outputs;
}

/// Without a choice: the native engine where it can.
GraphOutputs run_on_engine(const Options& options, const Runnable& graph, const GivenArrays& given, ModelDoor& door,
                           std::string& engine) {
  if (options.engine != "torch") {
    try {
      engine = "native";
      return run_native(graph.lowered, graph.weights, graph.precision, given);
    } catch (const Error& error) {
      if (options.engine == "native" || error.diagnostics().front().code != "unsupported-operator") throw;
    }
  }
  engine = "torch";
  return run_torch(graph, given, options.seed, door.torch());
}

void warn_of_stress(const LoweredGraph& graph, Diagnostics& faults) {
  if (given_outputs(graph).size() < graph.outputs.size())
    faults.warning("no-cell", {}, "the stress is left out: there is no volume",
                   "add a model input with the role 'cell'");
}

/// Where the inputs and weights are finite, nobody expects it.
void warn_of_numbers(const GraphOutputs& outputs, Diagnostics& faults) {
  for (const Diagnostic& fault : faults.list)
    if (fault.code == "not-finite") return;  // the cause is told
  for (const auto& [name, tensor] : outputs) {
    const std::string text = not_finite_text(tensor);
    if (!text.empty()) faults.warning("not-finite", {}, "output '" + name + "' " + text);
  }
}

void report(const Options& options, const GraphOutputs& outputs, const std::string& engine, const Diagnostics& faults,
            Context& context) {
  if (options.format == "json") {
    Json json = Json::parse(to_json(faults));
    json["engine"] = engine;
    json["outputs"] = Json::parse(arrays_json(outputs, options.output.empty()));
    if (!options.output.empty()) json["written"] = options.output;
    context.out << json_line(json);
    return;
  }
  tell(faults, context);
  if (options.output.empty())
    context.out << arrays_text(outputs);
  else
    context.out << "written: " << options.output << "\n";
}

/// Nothing that is read is replaced, and what cannot be written is told before the work.
void check_output(const Options& options, const GivenArrays& given, const CheckedGraph& graph,
                  const std::vector<LoweredOutput>& outputs) {
  if (options.output.empty()) return;
  require_writable(options.output);
  std::vector<std::string> names;
  for (const LoweredOutput& output : outputs) names.push_back(output.name);
  check_arrays_path(options.output, names);
  require_other_file(options.output, options.graph);
  require_other_file(options.output, options.weights);
  for (const std::string& file : files_of(graph)) require_other_file(options.output, file);
  for (const auto& [name, array] : given) require_other_file(options.output, array.file);
}

int run_graph(const Options& options, Diagnostics& faults, Context& context) {
  Diagnostics of_inputs;
  const GivenArrays given = read_inputs(options, of_inputs);
  ModelDoor door(context, options.allow);
  Runnable graph = read_runnable(options, given, door.host(), faults);
  check_inputs(given, graph, of_inputs);
  check_output(options, given, graph.checked, given_outputs(graph.lowered));
  faults.add(of_inputs.list);
  warn_of_stress(graph.lowered, faults);
  std::string engine;
  const GraphOutputs outputs = run_on_engine(options, graph, given, door, engine);
  warn_of_numbers(outputs, faults);
  if (!options.output.empty()) write_arrays(options.output, outputs);
  context.product_is_file = !options.output.empty();
  report(options, outputs, engine, faults, context);
  return 0;
}

}  // namespace

Run declare_run(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("GRAPH", o->graph, "a graph (.yaml) with weights drawn anew, or a model (.kiln)")
      ->required()
      ->option_text(" ");
  app.add_option("-i,--input", o->inputs,
                 "an array for a model input, from .npy, .npz or .safetensors; of a file with several arrays the one "
                 "of this name, or FILE:KEY; may be repeated")
      ->allow_extra_args(false)
      ->option_text("NAME=FILE");
  app.add_option("--weights", o->weights,
                 "weights by layer names instead: a .safetensors or .kiln file, or a state dict of torch (.pt, .pth)")
      ->option_text("FILE");
  app.add_option("--engine", o->engine, "what computes: native or torch (default: native where it can, else torch)")
      ->check(CLI::IsMember({"native", "torch"}))
      ->option_text("ENGINE");
  app.add_option("--seed", o->seed, "seed of the weights of a graph, and of what torch targets draw (default: 0)")
      ->check(fault_of_seed)
      ->option_text("N");
  app.add_option("-o,--output", o->output,
                 "where to write the outputs: .npz, .npy (of one output), .safetensors or .txt (default: printed)")
      ->option_text("FILE");
  add_allow_option(app, o->allow);
  add_format_option(app, o->format);
  return [o](Context& context) {
    Diagnostics faults;
    return with_warnings_told(faults, [&] { return run_graph(*o, faults, context); });
  };
}

}  // namespace kiln
