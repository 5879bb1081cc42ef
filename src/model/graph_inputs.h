#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/safetensors.h"
#include "engines/engine.h"
#include "graph/checked_graph.h"

namespace kiln {

/// An array that is given for a model input.
struct GivenArray {
  Tensor tensor;
  std::string file;  ///< for messages
  std::string key;   ///< its name in a file of several arrays, for messages; "" in a file of one
};
using GivenArrays = std::map<std::string, GivenArray>;

/// Faults: inputs that are missing and names that are none.
using HowToGive = std::string (*)(const std::string& name);  ///< a missing input: the hint
void check_input_names(const CheckedGraph& graph, const GivenArrays& given, HowToGive how, Diagnostics& faults);

/// Faults: dtypes and shapes other than the declared ones (equal symbols are equal sizes), species and atoms of edges
/// out of range, each with the layer and port that reads the input, a cell without the volume that a stress needs;
/// warnings: numbers that are not finite, shapes other than a comment says, edges without length. Names must be right.
void check_input_values(const CheckedGraph& graph, const GivenArrays& given, Diagnostics& faults);

/// "holds 2 numbers that are not finite (nan or inf)"; "" if all are finite.
std::string not_finite_text(const Tensor& tensor);

/// float64 if a real input is, float32 if all are narrower; float64 without real inputs.
Precision precision_of(const GivenArrays& given);

/// The inputs as rows and edges. Edges are grouped by receiver: edge e of set s is the one at order[s][e] of the input.
/// Atoms whose `structure` is not 0 are ghosts: structure 1.
struct GivenAtoms {
  AtomGraph graph;
  std::vector<std::vector<int>> order;
};
GivenAtoms given_atoms(const LoweredGraph& graph, const GivenArrays& given);

}  // namespace kiln
