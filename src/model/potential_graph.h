#pragma once

#include <string>
#include <vector>

#include "graph/checked_graph.h"
#include "kiln/potential.h"
#include "model/model.h"

namespace kiln {

/// A graph that gives an energy, with what a door needs beyond the weights.
struct PotentialGraph {
  CheckedGraph checked;
  LoweredGraph lowered;
  std::vector<double> cutoffs;  ///< Å, per edge set
  std::vector<int> species_of;  ///< [119], by atomic number; -1: the model does not know this element
};

/// Throws Error: configuration (no output `energy`: the graph is not a potential), data (the graph or its number of
/// species does not fit the model).
PotentialGraph potential_graph(const Model& model);

/// Rows and edges of a structure. Throws Error of kind data: position not finite, unknown element, atoms on top of each
/// other.
AtomGraph atom_graph_of(const PotentialGraph& graph, const Structure& structure);

/// One structure through an engine; forces and virials are sums over its edge gradients. Throws Error of kind numerical
/// if the energy or a force is not finite.
Prediction predict(const Engine& engine, const AtomGraph& graph, const Request& request, Engine::Scratch& scratch);

}  // namespace kiln
