#pragma once

#include <string>
#include <vector>

#include "graph/lowered_graph.h"
#include "operators/aten_text.h"

namespace kiln {

/// One method of the module: `def name(self, arguments) -> result:` and its lines, with the layer of each.
struct MethodText {
  std::string name;
  std::vector<std::string> arguments;  ///< "species: Tensor"
  std::string result;                  ///< type
  std::vector<std::string> lines;      ///< of the body, indented relative to it
  std::vector<std::string> layers;     ///< of each line; may be shorter than `lines`
};

/// The operations of the graph as one method `fields`: model inputs (integers as int64, reals in the program's
/// precision) -> the fields that are asked for, in layout mul_ir, edge fields in the order of the edges.
struct FieldsMethod {
  MethodText text;
  std::vector<TextTable> tables;
  std::vector<int> returned;  ///< field of each element of the result
  bool uses_slots = false;    ///< calls `slots_of_edges`

  int place_of(int field) const;  ///< in the result; -1 if it is not there
};

/// `returned`: fields that are asked for. Arguments in this order: one per LoweredInput that is neither edge vectors
/// nor structure, then per edge set receiver, sender, edge vectors, then owned, structure, n_structures,
/// n_atoms (see has_atoms).
FieldsMethod make_fields_method(const LoweredGraph& graph, std::vector<int> returned, bool f64);

/// What the methods call on the way, if they do; each looks at numbers, so tracers must not look into it:
///   slots_of_edges  puts edges into slots (operators/aten_text.h, TextEdges)
///   rows_of         0 … n - 1
///   several_values  a tensor if statistics of it are taken over several values each, under words that say so
///   attention_of    torch's attention of several heads, after the projections, and what it takes from where
///   attended_of     attention added to what it reads, with a LayerNorm before or behind
///   fed_forward_of  the same of a feed-forward network
///   squeezed_two, squeezed_three   two or three results, each without a dimension
///   leaf_of         vectors that derivatives are taken by: a leaf, unless the caller follows its gradient already
///   gradients_of    dE/d(vectors)
std::vector<MethodText> make_helpers(const LoweredGraph& graph, const FieldsMethod& fields);
/// Those that expressions of calls may name (operators/torch_target.h, kCallHelpers).
std::vector<MethodText> helpers_of_calls();
MethodText attention_method();
MethodText attended_method();     // transformer_text.cpp
MethodText fed_forward_method();  // transformer_text.cpp

/// What users call: model inputs -> outputs, derivatives included.
MethodText make_forward_method(const LoweredGraph& graph, const FieldsMethod& fields, bool f64);
/// The same as a dictionary.
MethodText make_named_method(const LoweredGraph& graph, const MethodText& forward);
/// What the engine calls (torch_text.h).
MethodText make_potential_method(const LoweredGraph& graph, const FieldsMethod& fields, bool f64);

/// All methods of the module. Throws Error of kind configuration if there is nothing to write.
struct ProgramText {
  std::vector<MethodText> methods;  ///< forward, named, potential (of potentials), fields
  std::vector<MethodText> helpers;  ///< make_helpers
  std::vector<TextTable> tables;
};
ProgramText make_program_text(const LoweredGraph& graph, bool f64);
/// "def name(first, arguments) -> result:"; `first` may be empty.
std::string signature(const MethodText& method, const std::string& first);

/// Does the graph sum over atoms or edges? Else its methods carry no owned rows, structures and numbers of atoms.
bool has_atoms(const LoweredGraph& graph);
/// Does a field depend on the edge vectors of an edge set?
bool depends_on_edges(const LoweredGraph& graph, int field, int edge_set);
/// Names of an edge set's variables inside a method.
struct EdgeNames {
  std::string receiver, sender, vectors;
};
/// New names, one triple per edge set.
std::vector<EdgeNames> edge_names(const LoweredGraph& graph, TextWriter& out);

/// The edge sets on which the energy depends.
std::vector<int> edge_sets_of_energy(const LoweredGraph& graph);
/// `vectors = self.leaf_of(vectors)`: derivatives can be taken by the variable from here on.
void write_leaf(const std::string& vectors, const std::string& indent, TextWriter& out);
/// dE/d(edge vectors), one variable per edge set of edge_sets_of_energy. `energy`: its variable; `create_graph`: an
/// expression, whether the derivatives are to be differentiated; `indent`: before each line.
std::vector<std::string> write_gradients(const LoweredGraph& graph, const std::string& energy,
                                         const std::vector<EdgeNames>& names, const std::string& create_graph,
                                         const std::string& indent, TextWriter& out);

/// Name of a variable of an edge set: the stem, with the set's index from the second on.
std::string edge_variable(const std::string& stem, int edge_set);

}  // namespace kiln
