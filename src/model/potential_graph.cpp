#include "model/potential_graph.h"

#include <cmath>

#include "base/elements.h"
#include "engines/derivatives.h"
#include "structure/atom_graph_builder.h"

namespace kiln {

namespace {

void require_finite(Span<const double> values, const char* what) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw Error(ErrorKind::numerical, "not-finite",
                  std::string(what) + " is not finite (" + std::to_string(values[i]) + ")",
                  "the structure may lie far outside what the model was trained on");
}

std::vector<int> species_table(const Model& model) {
  std::vector<int> species_of(119, -1);
  for (std::size_t s = 0; s < model.atomic_numbers.size(); ++s) {
    const int z = model.atomic_numbers[s];
    element_symbol(z);  // throws outside 1 .. 118
    if (species_of[z] >= 0)
      throw Error(ErrorKind::data, "duplicate-species", "the model lists " + element_symbol(z) + " twice");
    species_of[z] = static_cast<int>(s);
  }
  return species_of;
}

}  // namespace

PotentialGraph potential_graph(const Model& model) {
  PotentialGraph graph;
  graph.checked = checked_graph_of(model);
  graph.lowered = lower_graph(graph.checked);
  for (const EdgeSet& set : graph.lowered.edge_sets) graph.cutoffs.push_back(set.cutoff);
  graph.species_of = species_table(model);
  if (graph.lowered.energy_field < 0)
    throw Error(ErrorKind::configuration, "not-a-potential",
                "the graph has no output 'energy', so it is not a potential",
                "add to model_outputs: 'energy: <layer>', where the layer gives the sum over the atoms (AtomwiseSum)");
  if (const std::optional<EnergyFault> fault = fault_of_energy(graph.checked))
    throw Error(ErrorKind::configuration, "not-a-potential", fault->where, fault->what, fault->hint);
  if (model.atomic_numbers.empty())
    throw Error(ErrorKind::configuration, "species-needed", "the potential does not say which elements it is for",
                "add --species Si,O: also where no layer reads species");
  const int n_species = static_cast<int>(model.atomic_numbers.size());
  if (graph.lowered.n_species > 0 && graph.lowered.n_species != n_species)
    throw Error(ErrorKind::data, "species-mismatch",
                "the graph has " + std::to_string(graph.lowered.n_species) + " species, the model lists " +
                    std::to_string(n_species));
  if (const std::string fault = fault_of_elements(graph.lowered, model.atomic_numbers); !fault.empty())
    throw Error(ErrorKind::configuration, "atomic-numbers", fault,
                "let it read species (role species, which have the model's own order), or list all elements up to the "
                "last one");
  return graph;
}

AtomGraph atom_graph_of(const PotentialGraph& graph, const Structure& structure) {
  return build_atom_graph(structure, graph.cutoffs, graph.lowered.n_hops, graph.species_of);
}

Prediction predict(const Engine& engine, const AtomGraph& graph, const Request& request, Engine::Scratch& scratch) {
  if (graph.n_structures != 1)
    throw Error(ErrorKind::internal, "one-structure", "a prediction is of one structure at a time");
  EngineOutput out;
  engine.evaluate(graph, request.forces || request.virial || request.atom_virials, scratch, out);
  Prediction prediction;
  prediction.energy = out.energies.at(0);
  if (request.forces) prediction.forces = forces_from_edges(graph, out);
  if (request.virial) prediction.virial = virials_from_edges(graph, out);
  if (request.atom_virials) prediction.atom_virials = atom_virials_from_edges(graph, out);
  prediction.atom_energies = std::move(out.atom_energies);
  require_finite({&prediction.energy, 1}, "the energy");
  require_finite(prediction.forces, "a force");
  require_finite(prediction.virial, "the virial");
  return prediction;
}

}  // namespace kiln
