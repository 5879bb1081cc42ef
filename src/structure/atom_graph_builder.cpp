#include "structure/atom_graph_builder.h"

#include <algorithm>
#include <string>

#include "base/elements.h"
#include "kiln/error.h"
#include "structure/neighbor_list.h"

namespace kiln {
namespace {

int species_or_fail(int atomic_number, int atom, Span<const int> species_of) {
  const bool is_listed = atomic_number >= 0 && static_cast<std::size_t>(atomic_number) < species_of.size();
  const int species = is_listed ? species_of[static_cast<std::size_t>(atomic_number)] : -1;
  if (species >= 0) return species;
  const std::string what =
      "atom " + std::to_string(atom) + " is " + element_symbol(atomic_number) + ", which the model does not know";
  throw Error(ErrorKind::data,
              {{Severity::error, "unknown-species", {}, what, "The model must be trained with this element.", atom}});
}

void append(EdgeList& whole, const EdgeList& part, int row_offset) {
  const int edge_offset = whole.n_edges();
  whole.cutoff = part.cutoff;
  for (std::size_t i = 1; i < part.first.size(); ++i) whole.first.push_back(edge_offset + part.first[i]);
  for (int sender : part.neighbor) whole.neighbor.push_back(row_offset + sender);
  whole.vectors.insert(whole.vectors.end(), part.vectors.begin(), part.vectors.end());
}

void require_alike(const AtomGraph& graph, const AtomGraph& first) {
  const bool has_ghosts = graph.n_owned() != graph.n_all();
  if (has_ghosts || graph.n_rows.size() != first.n_rows.size() || graph.edges.size() != first.edges.size()) {
    throw Error(ErrorKind::internal, "bad-batch", "graphs of one batch have no ghosts and the same hops and edge sets");
  }
}

}  // namespace

AtomGraph build_atom_graph(const Structure& structure, Span<const double> cutoffs, int n_hops,
                           Span<const int> species_of) {
  const int n_atoms = structure.n_atoms();
  AtomGraph graph;
  graph.n_rows.assign(static_cast<std::size_t>(n_hops) + 1, n_atoms);
  graph.structure.assign(static_cast<std::size_t>(n_atoms), 0);
  for (int i = 0; i < n_atoms; ++i) {
    graph.species.push_back(species_or_fail(structure.atomic_numbers[static_cast<std::size_t>(i)], i, species_of));
  }
  for (double cutoff : cutoffs) {
    const auto same = std::find_if(graph.edges.begin(), graph.edges.end(),
                                   [&](const EdgeList& list) { return list.cutoff == cutoff; });
    EdgeList list = same == graph.edges.end() ? neighbor_list(structure, cutoff) : *same;
    graph.edges.push_back(std::move(list));
  }
  return graph;
}

AtomGraph batch(Span<const AtomGraph> graphs) {
  AtomGraph whole;
  whole.n_structures = 0;
  if (graphs.empty()) return whole;
  const AtomGraph& first = graphs[0];
  whole.n_rows.assign(first.n_rows.size(), 0);
  whole.edges.resize(first.edges.size());
  for (EdgeList& list : whole.edges) list.first = {0};
  for (const AtomGraph& graph : graphs) {
    require_alike(graph, first);
    const int row_offset = whole.n_all();
    whole.species.insert(whole.species.end(), graph.species.begin(), graph.species.end());
    for (int index : graph.structure) whole.structure.push_back(whole.n_structures + index);
    for (std::size_t k = 0; k < graph.edges.size(); ++k) append(whole.edges[k], graph.edges[k], row_offset);
    for (int& n : whole.n_rows) n += graph.n_all();
    whole.n_structures += graph.n_structures;
  }
  return whole;
}

}  // namespace kiln
