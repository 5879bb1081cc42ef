#include <fmt/format.h>

#include "engines/torch/method_text.h"

namespace kiln {

std::vector<EdgeNames> edge_names(const LoweredGraph& graph, TextWriter& out) {
  std::vector<EdgeNames> names;
  for (int s = 0; s < static_cast<int>(graph.edge_sets.size()); ++s) {
    EdgeNames one;
    one.receiver = out.fresh(edge_variable("receiver", s));
    one.sender = out.fresh(edge_variable("sender", s));
    one.vectors = out.fresh(edge_variable("edge_vectors", s));
    names.push_back(one);
  }
  return names;
}

void write_leaf(const std::string& vectors, const std::string& indent, TextWriter& out) {
  out.write(fmt::format("{0}{1} = self.leaf_of({1})", indent, vectors));
}

std::vector<int> edge_sets_of_energy(const LoweredGraph& graph) {
  std::vector<int> sets;
  for (int s = 0; s < static_cast<int>(graph.edge_sets.size()); ++s) {
    if (graph.energy_field >= 0 && depends_on_edges(graph, graph.energy_field, s)) sets.push_back(s);
  }
  return sets;
}

std::vector<std::string> write_gradients(const LoweredGraph& graph, const std::string& energy,
                                         const std::vector<EdgeNames>& names, const std::string& create_graph,
                                         const std::string& indent, TextWriter& out) {
  const std::vector<int> sets = edge_sets_of_energy(graph);
  std::vector<std::string> vectors, gradients;
  for (const int s : sets) vectors.push_back(names[s].vectors);
  const std::string all = out.fresh("edge_gradients");
  out.write(fmt::format("{}{} = self.gradients_of({}, {}, {})", indent, all, energy, "[" + text_list(vectors) + "]",
                        create_graph));
  for (std::size_t k = 0; k < sets.size(); ++k) {
    gradients.push_back(out.fresh(edge_variable("edge_gradient", sets[k])));
    out.write(fmt::format("{}{} = {}[{}]", indent, gradients.back(), all, k));
  }
  return gradients;
}

namespace {

std::vector<std::string> potential_arguments(const std::vector<EdgeNames>& edges) {
  std::vector<std::string> arguments = {"species: Tensor", "structure: Tensor", "n_structures: int"};
  for (const EdgeNames& names : edges) {
    for (const std::string& name : {names.receiver, names.sender, names.vectors})
      arguments.push_back(name + ": Tensor");
  }
  arguments.insert(arguments.end(), {"gradients: bool", "create_graph: bool"});
  return arguments;
}

std::string call_of_fields(const LoweredGraph& graph, const std::vector<EdgeNames>& edges, const std::string& owned) {
  std::vector<std::string> arguments;
  for (const LoweredInput& input : graph.inputs) {
    if (input.meaning == Meaning::species) arguments.push_back("species");
    if (input.meaning == Meaning::atomic_numbers) arguments.push_back("species + 1");
    if (input.meaning != Meaning::edge_index) continue;
    const EdgeNames& list = edges[graph.fields[input.field].edge_set];
    arguments.push_back("torch.stack([" + list.receiver + ", " + list.sender + "])");
  }
  for (const EdgeNames& names : edges) arguments.insert(arguments.end(), {names.receiver, names.sender, names.vectors});
  arguments.insert(arguments.end(), {owned, "structure", "n_structures", "species.size(0)"});
  return "self.fields(" + text_list(arguments) + ")";
}

/// Energies and the energies of the owned atoms (none if the graph has no such field).
std::vector<std::string> write_energies(const LoweredGraph& graph, const FieldsMethod& fields, const std::string& owned,
                                        const std::string& values, TextWriter& out) {
  const auto value = [&](int field) { return fmt::format("{}[{}]", values, fields.place_of(field)); };
  const std::string energies = out.assign("energies", value(graph.energy_field) + ".reshape(-1)");
  const std::string atoms = graph.atom_energy_field < 0 ? energies + ".new_zeros([0])"
                                                        : fmt::format("{}.index_select(0, {}).reshape(-1)",
                                                                      value(graph.atom_energy_field), owned);
  return {energies, out.assign("atom_energies", atoms)};
}

}  // namespace

MethodText make_potential_method(const LoweredGraph& graph, const FieldsMethod& fields, bool f64) {
  MethodText method;
  method.name = "potential";
  TextWriter out(f64, {"self", "torch", "species", "structure", "n_structures", "gradients", "create_graph"});
  const std::vector<EdgeNames> edges = edge_names(graph, out);
  method.arguments = potential_arguments(edges);
  const std::vector<int> sets = edge_sets_of_energy(graph);
  const std::string grad_mode = out.assign("grad_mode", "torch.is_grad_enabled()");
  if (!sets.empty()) {
    out.write("if gradients:");
    out.write("    torch.set_grad_enabled(True)");
    for (const int s : sets) write_leaf(edges[s].vectors, "    ", out);
  }
  const std::string owned = out.assign("owned", "self.rows_of(structure, structure.size(0))");
  const std::string values = out.assign("values", call_of_fields(graph, edges, owned));
  std::vector<std::string> results = write_energies(graph, fields, owned, values, out);
  for (std::size_t s = 0; s < edges.size(); ++s) {
    results.push_back(out.assign("slopes", fmt::format("torch.zeros_like({})", edges[s].vectors)));
  }
  if (!sets.empty()) {
    out.write("if gradients:");
    const std::vector<std::string> found = write_gradients(graph, results[0], edges, "create_graph", "    ", out);
    for (std::size_t k = 0; k < sets.size(); ++k) out.write(fmt::format("    {} = {}", results[2 + sets[k]], found[k]));
    out.write("    torch.set_grad_enabled(" + grad_mode + ")");
  }
  out.write("return " + text_list(results));
  method.result = "Tuple[" + text_list(std::vector<std::string>(results.size(), "Tensor")) + "]";
  method.lines = out.lines();
  return method;
}

}  // namespace kiln
