#include "engines/torch/torch_text.h"

#include <algorithm>

#include "engines/torch/method_text.h"
#include "kiln/error.h"

namespace kiln {
namespace {

void append_method(TorchProgram& program, const MethodText& method) {
  const auto line = [&](const std::string& text, const std::string& layer) {
    program.source += text + "\n";
    program.layer_of_line.push_back(layer);
  };
  line(signature(method, "self"), "");
  for (std::size_t k = 0; k < method.lines.size(); ++k) {
    line("    " + method.lines[k], k < method.layers.size() ? method.layers[k] : "");
  }
  line("", "");
}

/// What `fields` must return: the energies of a potential, and every output that is a field.
std::vector<int> returned_fields(const LoweredGraph& graph) {
  std::vector<int> returned;
  const auto add = [&](int field) {
    if (field >= 0 && std::find(returned.begin(), returned.end(), field) == returned.end()) returned.push_back(field);
  };
  add(graph.energy_field);
  add(graph.atom_energy_field);
  for (const LoweredOutput& output : given_outputs(graph)) add(output.field);
  return returned;
}

/// A potential gets all it needs from species and edges.
bool is_potential(const LoweredGraph& graph) {
  return graph.energy_field >= 0 &&
         std::all_of(graph.inputs.begin(), graph.inputs.end(), [](const LoweredInput& input) {
           return input.meaning == Meaning::species || input.meaning == Meaning::atomic_numbers ||
                  input.meaning == Meaning::edge_vectors || input.meaning == Meaning::edge_index ||
                  input.meaning == Meaning::structure;
         });
}

TensorRole role_of(const ParameterSpec& parameter) {
  if (parameter.trainable) return TensorRole::trained;
  return changes_in_forward(parameter) ? TensorRole::running : TensorRole::fixed;
}

ProgramTensor weight_tensor(const ParameterSpec& parameter, const Weights& weights) {
  const auto found = weights.find(parameter.name);
  if (found == weights.end()) {
    throw Error(ErrorKind::data, "missing-weight", "there is no weight '" + parameter.name + "'");
  }
  ProgramTensor tensor;
  tensor.name = parameter.name;
  tensor.path = attribute_path(parameter.name);
  tensor.shape = parameter.shape;
  tensor.data = found->second.data;
  tensor.role = role_of(parameter);
  return tensor;
}

ProgramTensor table_tensor(const TextTable& table) {
  ProgramTensor tensor;
  tensor.name = tensor.path = "tables." + table.name;
  tensor.shape = table.shape;
  tensor.data = table.reals;
  tensor.integers = table.integers;
  tensor.role = TensorRole::table;
  tensor.f64 = table.f64;
  return tensor;
}

void check_outputs(const LoweredGraph& graph) {
  const std::vector<LoweredOutput> outputs = given_outputs(graph);
  for (const LoweredOutput& output : outputs) {
    if (output.field >= 0 || !edge_sets_of_energy(graph).empty()) continue;
    throw Error(ErrorKind::configuration, "no-derivative",
                "output '" + output.name + "' is a derivative of an energy that does not depend on positions");
  }
  if (outputs.empty()) {
    throw Error(ErrorKind::configuration, "no-outputs", "the graph has no output that TorchScript could give",
                "a stress needs a model input with the role 'cell'");
  }
}

}  // namespace

std::string signature(const MethodText& method, const std::string& first) {
  std::vector<std::string> arguments = method.arguments;
  if (!first.empty()) arguments.insert(arguments.begin(), first);
  return "def " + method.name + "(" + text_list(arguments) + ") -> " + method.result + ":";
}

ProgramText make_program_text(const LoweredGraph& graph, bool f64) {
  check_outputs(graph);
  const FieldsMethod fields = make_fields_method(graph, returned_fields(graph), f64);
  const MethodText forward = make_forward_method(graph, fields, f64);
  ProgramText text{{forward, make_named_method(graph, forward)}, make_helpers(graph, fields), fields.tables};
  if (is_potential(graph)) text.methods.push_back(make_potential_method(graph, fields, f64));
  text.methods.push_back(fields.text);
  return text;
}

TorchProgram make_torch_program(const LoweredGraph& graph, const Weights& weights, Precision precision) {
  TorchProgram program;
  program.f64 = precision == Precision::f64;
  program.is_potential = is_potential(graph);
  program.n_edge_sets = static_cast<int>(graph.edge_sets.size());
  const ProgramText text = make_program_text(graph, program.f64);
  for (const MethodText& method : text.methods) append_method(program, method);
  for (const MethodText& helper : text.helpers) append_method(program, helper);
  for (const ForeignCode& code : graph.foreign)
    program.modules.push_back({attribute_path(code.layer), code.bytes, code.evaluation});
  for (const ParameterSpec& parameter : graph.parameters) program.tensors.push_back(weight_tensor(parameter, weights));
  for (const TextTable& table : text.tables) program.tensors.push_back(table_tensor(table));
  return program;
}

}  // namespace kiln
