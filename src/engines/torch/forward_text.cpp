#include <fmt/format.h>

#include <algorithm>

#include "engines/torch/method_text.h"
#include "kiln/error.h"

namespace kiln {
namespace {

/// Its argument; "" where there is none.
std::string model_input(const LoweredGraph& graph, Meaning meaning) { return attribute_path(input_of(graph, meaning)); }

bool reads_vectors(const LoweredGraph& graph, int edge_set) {
  return std::any_of(graph.inputs.begin(), graph.inputs.end(), [&](const LoweredInput& input) {
    return input.meaning == Meaning::edge_vectors && graph.fields[input.field].edge_set == edge_set;
  });
}

/// Writes `forward`.
struct ForwardWriter {
  const LoweredGraph& graph;
  const FieldsMethod& fields;
  TextWriter out;
  std::string n_atoms, owned, structure, n_structures;
  std::vector<EdgeNames> edges;
  std::string structure_input;  ///< "" where there is none
  std::vector<int> derivative_sets;
  std::vector<std::string> gradients;
  std::string virial;  ///< variable, once it is written
};

bool has_derivatives(const LoweredGraph& graph) {
  const auto outputs = given_outputs(graph);
  return std::any_of(outputs.begin(), outputs.end(), [](const LoweredOutput& output) { return output.field < 0; });
}

/// An expression for the number of atoms, from any input with a row for each.
std::string count_atoms(const LoweredGraph& graph) {
  for (std::size_t k = 0; k < graph.model_inputs.size(); ++k) {
    const Meaning meaning = graph.model_input_meanings[k];
    const std::string name = attribute_path(graph.model_inputs[k]);
    if (meaning == Meaning::species || meaning == Meaning::atomic_numbers || meaning == Meaning::positions ||
        meaning == Meaning::structure) {
      return name + ".size(0)";
    }
    for (const LoweredInput& input : graph.inputs) {
      if (input.model_input == graph.model_inputs[k] && graph.fields[input.field].level == Level::atom)
        return name + ".size(0)";
    }
  }
  for (const LoweredInput& input : graph.inputs) {  // a tensor declared with a row per atom
    const Shape& shape = graph.fields[input.field].shape;
    if (shape.known && shape.rank() > 0 && shape.sizes[0] == symbolic_size(kAtomRows))
      return attribute_path(input.model_input) + ".size(0)";
  }
  throw Error(ErrorKind::configuration, "no-atoms", "no model input says how many atoms there are",
              "add an input with the role structure, or declare one with the shape [N, …]");
}

std::string any_tensor(const LoweredGraph& graph) { return attribute_path(graph.model_inputs.front()); }

/// Which rows count and to which structure they belong. In evaluation mode 0 marks the atoms of the one structure and
/// everything else ghosts; in training mode the input numbers the structures.
void write_structure(ForwardWriter& w) {
  TextWriter& out = w.out;
  w.n_atoms = out.assign("n_atoms", count_atoms(w.graph));
  w.owned = out.assign("owned", fmt::format("self.rows_of({}, {})", any_tensor(w.graph), w.n_atoms));
  w.structure = out.assign("structure", fmt::format("torch.zeros_like({})", w.owned));
  w.n_structures = out.assign("n_structures", "1");
  w.structure_input = model_input(w.graph, Meaning::structure);
  if (w.structure_input.empty()) return;
  const std::string& given = w.structure_input;
  out.write("if self.training:");
  out.write(fmt::format("    {} = {}.long()", w.structure, given));
  out.write(fmt::format("    {} = 0", w.n_structures));
  out.write(fmt::format("    if {}.size(0) > 0:", given));
  out.write(fmt::format("        {} = int({}.max()) + 1", w.n_structures, given));
  out.write("else:");
  out.write(fmt::format("    {} = torch.nonzero({} == 0).reshape(-1)", w.owned, given));
  out.write(fmt::format("    {} = torch.zeros_like({})", w.structure, w.owned));
}

/// Edge vectors are differences in float64, then rounded to the program's precision.
void write_edges(ForwardWriter& w) {
  w.edges = edge_names(w.graph, w.out);
  for (int s = 0; s < static_cast<int>(w.graph.edge_sets.size()); ++s) {
    const GeometryInput& geometry = w.graph.geometry[s];
    const auto& [receiver, sender, vectors] = w.edges[s];
    const std::string index = attribute_path(geometry.edge_index);
    w.out.write(fmt::format("{} = {}.select(0, 0).long()", receiver, index));
    w.out.write(fmt::format("{} = {}.select(0, 1).long()", sender, index));
    if (!reads_vectors(w.graph, s)) {
      w.out.write(fmt::format("{} = {}.new_zeros([{}.size(0), 3])", vectors, any_tensor(w.graph), receiver));
    } else {
      const std::string positions = w.out.share("positions", attribute_path(geometry.positions) + ".double()");
      std::string difference =
          fmt::format("{0}.index_select(0, {1}) - {0}.index_select(0, {2})", positions, sender, receiver);
      if (!geometry.shift.empty()) difference += " + " + attribute_path(geometry.shift);
      w.out.write(fmt::format("{} = {}", vectors, w.out.cast("(" + difference + ")")));
    }
  }
}

std::vector<std::string> field_arguments(const LoweredGraph& graph, const std::vector<EdgeNames>& edges, bool f64) {
  std::vector<std::string> arguments;
  for (const LoweredInput& input : graph.inputs) {
    if (input.meaning == Meaning::edge_vectors || input.meaning == Meaning::structure) continue;
    const FieldType& type = graph.fields[input.field];
    const char* const cast = type.level == Level::free      ? ""  // integer or real: as it comes
                             : type.dtype == DType::integer ? ".long()"
                             : f64                          ? ".double()"
                                                            : ".float()";
    arguments.push_back(attribute_path(input.model_input) + cast);
  }
  for (const auto& names : edges) arguments.insert(arguments.end(), {names.receiver, names.sender, names.vectors});
  return arguments;
}

/// - sum over the edges of r ⊗ dE/dr, in float64: [rows, 3, 3], summed by `index` (one expression per edge set).
std::string virial_sum(const std::string& rows, const std::vector<std::string>& outer,
                       const std::vector<std::string>& indices, double factor) {
  std::string sum = fmt::format("{}.new_zeros([{}, 3, 3])", outer[0], rows);
  for (std::size_t k = 0; k < indices.size(); ++k) {
    sum += fmt::format(".index_add(0, {}, {})", indices[k], outer[k % outer.size()]);
  }
  return text_scaled("(" + sum + ")", -factor);
}

std::vector<std::string> write_outer_products(ForwardWriter& w) {
  std::vector<std::string> outer;
  for (std::size_t k = 0; k < w.gradients.size(); ++k) {
    outer.push_back(w.out.share("outer", fmt::format("{}.double().unsqueeze(2) * {}.double().unsqueeze(1)",
                                                     w.edges[w.derivative_sets[k]].vectors, w.gradients[k])));
  }
  return outer;
}

std::string forces_sum(const ForwardWriter& w) {
  std::string sum = fmt::format("{}.new_zeros([{}, 3])", w.gradients[0], w.n_atoms);
  for (std::size_t k = 0; k < w.gradients.size(); ++k) {
    const auto& edges = w.edges[w.derivative_sets[k]];
    sum += fmt::format(".index_add(0, {0}, {2}).index_add(0, {1}, -{2})", edges.receiver, edges.sender, w.gradients[k]);
  }
  return sum;
}

std::string write_virial(ForwardWriter& w) {
  if (!w.virial.empty()) return w.virial;
  const std::vector<std::string> outer = write_outer_products(w);
  std::vector<std::string> indices;
  for (const int s : w.derivative_sets) {
    const std::string& receiver = w.edges[s].receiver;
    std::string index = w.out.share("structure_of_edge", fmt::format("torch.zeros_like({})", receiver));
    if (!w.structure_input.empty()) {
      w.out.write("if self.training:");
      w.out.write(fmt::format("    {} = {}.index_select(0, {})", index, w.structure, receiver));
    }
    indices.push_back(index);
  }
  return w.virial = w.out.assign("virial_sum", virial_sum(w.n_structures, outer, indices, 1.0));
}

std::string write_atom_virials(ForwardWriter& w) {
  const std::vector<std::string> outer = write_outer_products(w);
  std::vector<std::string> indices;
  for (const int s : w.derivative_sets) indices.push_back(w.edges[s].receiver);
  for (const int s : w.derivative_sets) indices.push_back(w.edges[s].sender);
  return w.out.share("atom_virials_sum", virial_sum(w.n_atoms, outer, indices, 0.5));
}

std::string write_derivative(ForwardWriter& w, Meaning derivative) {
  switch (derivative) {
    case Meaning::forces:
      return w.out.share("forces_sum", forces_sum(w));
    case Meaning::virial:
      return write_virial(w);
    case Meaning::atom_virials:
      return write_atom_virials(w);
    case Meaning::stress: {
      const std::string cell = model_input(w.graph, Meaning::cell);
      const std::string volume =
          w.out.share("volume", fmt::format("torch.det({}.double().reshape(-1, 3, 3)).abs().reshape(-1, 1, 1)", cell));
      return w.out.share("stress_sum", fmt::format("-{} / {}", write_virial(w), volume));
    }
    default:
      throw Error(ErrorKind::internal, "torch-text", "not a derivative: " + to_string(derivative));
  }
}

/// One variable per output. Outputs of the system lose their leading [1] where there is one structure.
std::vector<std::string> write_outputs(ForwardWriter& w, const std::string& all) {
  std::vector<std::string> results;
  for (const LoweredOutput& output : given_outputs(w.graph)) {
    const bool system = output.field < 0 ? output.derivative == Meaning::virial || output.derivative == Meaning::stress
                                         : w.graph.fields[output.field].level == Level::system;
    std::string value = output.field < 0 ? write_derivative(w, output.derivative)
                                         : fmt::format("{}[{}]", all, w.fields.place_of(output.field));
    std::string stem = "output_";
    for (const char c : output.name) stem += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    const std::string result = w.out.assign(stem, value + (system && w.structure_input.empty() ? ".squeeze(0)" : ""));
    if (system && !w.structure_input.empty()) {
      w.out.write("if not self.training:");
      w.out.write(fmt::format("    {0} = {0}.squeeze(0)", result));
    }
    results.push_back(result);
  }
  return results;
}

void write_detach(const std::vector<std::string>& results, TextWriter& out) {
  out.write("if not self.training:");
  for (const std::string& result : results) out.write(fmt::format("    {0} = {0}.detach()", result));
}

}  // namespace

MethodText make_forward_method(const LoweredGraph& graph, const FieldsMethod& fields, bool f64) {
  MethodText method;
  method.name = "forward";
  std::set<std::string> reserved = {"self", "torch"};
  for (const std::string& input : graph.model_inputs) {
    reserved.insert(attribute_path(input));
    method.arguments.push_back(attribute_path(input) + ": Tensor");
  }
  ForwardWriter w{graph, fields, TextWriter(f64, reserved), {}, {}, {}, {}, {}, {}, {}, {}, {}};
  const bool derivatives = has_derivatives(graph);
  std::string grad_mode;
  if (derivatives) {
    grad_mode = w.out.assign("grad_mode", "torch.is_grad_enabled()");
    w.out.write("torch.set_grad_enabled(True)");
  }
  if (has_atoms(graph)) write_structure(w);
  write_edges(w);
  if (derivatives) {
    w.derivative_sets = edge_sets_of_energy(graph);
    for (const int s : w.derivative_sets) write_leaf(w.edges[s].vectors, "", w.out);
  }
  std::vector<std::string> arguments = field_arguments(graph, w.edges, f64);
  if (has_atoms(graph)) arguments.insert(arguments.end(), {w.owned, w.structure, w.n_structures, w.n_atoms});
  const std::string all = w.out.assign("values", "self.fields(" + text_list(arguments) + ")");
  if (derivatives) {
    const std::string energy = fmt::format("{}[{}]", all, fields.place_of(graph.energy_field));
    w.gradients = write_gradients(graph, energy, w.edges, "self.training", "", w.out);
  }
  const std::vector<std::string> results = write_outputs(w, all);
  if (derivatives) {
    write_detach(results, w.out);
    w.out.write("torch.set_grad_enabled(" + grad_mode + ")");
  }
  w.out.write("return " + text_list(results));
  method.result =
      results.size() == 1 ? "Tensor" : "Tuple[" + text_list(std::vector<std::string>(results.size(), "Tensor")) + "]";
  method.lines = w.out.lines();
  return method;
}

MethodText make_named_method(const LoweredGraph& graph, const MethodText& forward) {
  MethodText method;
  method.name = "named";
  method.arguments = forward.arguments;
  method.result = "Dict[str, Tensor]";
  TextWriter out(true, {});
  std::vector<std::string> arguments, entries;
  for (const std::string& input : graph.model_inputs) {
    out.fresh(attribute_path(input));
    arguments.push_back(attribute_path(input));
  }
  const std::string all = out.assign("outputs", "self.forward(" + text_list(arguments) + ")");
  const std::vector<LoweredOutput> outputs = given_outputs(graph);
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    std::string key;
    for (const char c : outputs[k].name) key += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    entries.push_back(fmt::format("\"{}\": {}", key, outputs.size() == 1 ? all : fmt::format("{}[{}]", all, k)));
  }
  out.write("return {" + text_list(entries) + "}");
  method.lines = out.lines();
  return method;
}

}  // namespace kiln
