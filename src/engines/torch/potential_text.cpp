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
  out.write(indent + "if not " + vectors + ".requires_grad:");
  out.write(fmt::format("{0}    {1} = {1}.detach().requires_grad_(True)", indent, vectors));
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
  out.write(fmt::format("{}{} = torch.autograd.grad([{}.sum()], [{}], create_graph={})", indent, all, energy,
                        text_list(vectors), create_graph));
  for (std::size_t k = 0; k < sets.size(); ++k) {
    gradients.push_back(out.fresh(edge_variable("edge_gradient", sets[k])));
    out.write(fmt::format("{}{} = {}[{}]", indent, gradients.back(), all, k));
    out.write(fmt::format("{}assert {} is not None", indent, gradients.back()));
  }
  return gradients;
}

MethodText make_potential_method(const LoweredGraph& graph, const FieldsMethod& fields, bool f64) {
  MethodText method;
  method.name = "potential";
  TextWriter out(f64, {"self", "torch", "species", "structure", "n_structures", "gradients", "create_graph"});
  const std::vector<EdgeNames> edges = edge_names(graph, out);
  method.arguments = {"species: Tensor", "structure: Tensor", "n_structures: int"};
  for (const auto& names : edges) {
    for (const std::string& name : {names.receiver, names.sender, names.vectors})
      method.arguments.push_back(name + ": Tensor");
  }
  method.arguments.insert(method.arguments.end(), {"gradients: bool", "create_graph: bool"});

  const std::vector<int> sets = edge_sets_of_energy(graph);
  const std::string grad_mode = out.assign("grad_mode", "torch.is_grad_enabled()");
  if (!sets.empty()) {
    out.write("if gradients:");
    out.write("    torch.set_grad_enabled(True)");
    for (const int s : sets) write_leaf(edges[s].vectors, "    ", out);
  }
  const std::string owned = out.assign("owned", "torch.arange(structure.size(0), device=structure.device)");
  std::vector<std::string> arguments;
  for (const LoweredInput& input : graph.inputs) {
    if (input.meaning == Meaning::species) arguments.push_back("species");
    if (input.meaning == Meaning::atomic_numbers) arguments.push_back("species + 1");
  }
  for (const auto& names : edges) arguments.insert(arguments.end(), {names.receiver, names.sender, names.vectors});
  for (const std::string& last :
       {owned, std::string("structure"), std::string("n_structures"), std::string("species.size(0)")}) {
    arguments.push_back(last);
  }
  const std::string all = out.assign("values", "self.fields(" + text_list(arguments) + ")");
  const std::string energies =
      out.assign("energies", fmt::format("{}[{}].reshape(-1)", all, fields.place_of(graph.energy_field)));
  std::vector<std::string> results = {energies};
  results.push_back(graph.atom_energy_field < 0
                        ? out.assign("atom_energies", energies + ".new_zeros([0])")
                        : out.assign("atom_energies", fmt::format("{}[{}].index_select(0, {}).reshape(-1)", all,
                                                                  fields.place_of(graph.atom_energy_field), owned)));
  for (int s = 0; s < static_cast<int>(graph.edge_sets.size()); ++s) {
    results.push_back(out.assign(edge_variable("slopes", s), fmt::format("torch.zeros_like({})", edges[s].vectors)));
  }
  if (!sets.empty()) {
    out.write("if gradients:");
    const std::vector<std::string> found = write_gradients(graph, energies, edges, "create_graph", "    ", out);
    for (std::size_t k = 0; k < sets.size(); ++k) out.write(fmt::format("    {} = {}", results[2 + sets[k]], found[k]));
    out.write("    torch.set_grad_enabled(" + grad_mode + ")");
  }
  out.write("return " + text_list(results));
  method.result = "Tuple[" + text_list(std::vector<std::string>(results.size(), "Tensor")) + "]";
  method.lines = out.lines();
  return method;
}

}  // namespace kiln
