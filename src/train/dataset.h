#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kiln/atom_graph.h"
#include "kiln/structure.h"
#include "train/options.h"

namespace kiln {

/// One structure with what is known about it, in eV and Å, and its neighbor graph, built once.
struct Sample {
  std::int64_t frame = 0;  ///< in its file, from 0
  Structure structure;
  double energy = 0.0;
  std::vector<double> forces;  ///< [n_atoms, 3]; empty: unknown
  std::vector<double> virial;  ///< [9], W = -dE/d(strain) = -stress V; empty: unknown
  double stress_volume = 0.0;  ///< |V| if the file gave a stress; 0: it gave a virial
  AtomGraph graph;

  int n_atoms() const { return structure.n_atoms(); }
};

struct Dataset {
  std::string file;
  std::string sha256;  ///< of the file
  std::vector<Sample> samples;
};

/// One of the three sets of a run.
struct RunSet {
  std::string file;
  std::vector<Sample> samples;
};

/// Every frame of the file, without graphs. Notes (units that were assumed, what was found) go to `notes`, one a line.
/// Throws Error of kind data: a key that was asked for and is missing (the keys found are listed), wrong numbers of
/// values, values that are not finite, a stress of a structure that is not periodic along all three cell vectors; with
/// file, line and frame.
Dataset read_dataset(const DatasetOptions& options, std::vector<std::string>& notes);

/// The samples of these frames, in this order.
std::vector<Sample> select(const Dataset& dataset, const std::vector<std::int64_t>& frames);

/// Builds the graph of every sample. species_of[z]: -1 where the model does not know the element.
void build_graphs(std::vector<Sample>& samples, const std::vector<double>& cutoffs, int n_hops,
                  const std::vector<int>& species_of);

/// Atomic numbers in the samples, ascending.
std::vector<int> elements_of(const std::vector<Sample>& samples);

}  // namespace kiln
