#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "graph/checked_graph.h"
#include "graph/input_role.h"
#include "graph/wiring.h"

namespace kiln {

/// What the passes of check_graph share.
struct GraphCheck {
  const GraphSpec& spec;
  Diagnostics& faults;
  CheckedGraph& graph;
  WiredGraph wired = {};
  std::vector<InputRole> roles = {};                ///< of spec.inputs
  std::vector<Config> configs = {};                 ///< of spec.layers; aliases use their owner's
  std::vector<bool> config_good = {};               ///< of spec.layers: every value is; there may be unknown keys
  std::vector<int> input_fields = {};               ///< of spec.inputs
  std::vector<std::vector<int>> layer_fields = {};  ///< of spec.layers, per output; -1: not known, for a fault
  std::vector<int> edge_set_inputs = {};            ///< of graph.edge_sets: the model input
  std::map<std::string, int> first_layers = {};     ///< by name: of two with one name, the first in the file

  /// Field a reference leads to; -1: unknown.
  int field_of(const Source& source) const;
  /// Did inference find no fault with the layer?
  bool is_good(int layer) const;
};

/// Of which nothing is known.
FieldType type_at_fault();

/// Is it one of the places, whatever copy stands there?
bool stands_at(const std::vector<SourcePos>& places, const SourcePos& where);

/// What inference says against the graph if its inputs are these.
std::vector<Diagnostic> trial_errors(const GraphCheck& check, const std::vector<int>& order,
                                     const std::vector<InputRole>& roles);

/// An input that only its name makes a field of atoms, edges or structures, and that only calls of any tensor read, is
/// free unless these need what the name says; declared shapes are compared with the roles.
void settle_guessed_roles(GraphCheck& check, const std::vector<int>& order);

/// An error that there is only because a comment is believed, which something else needs.
struct CommentDoubt {
  int input = 0;  ///< whose comment
  Diagnostic error;
};

/// A shape in a comment counts as long as no layer contradicts it. One that is contradicted is forgotten, with a
/// warning, unless another layer needs what it says; comments are believed one after another, in the order in which
/// layers read their inputs.
std::vector<CommentDoubt> forget_contradicted_comments(GraphCheck& check, const std::vector<int>& order);
/// Names the comments at these errors, once they are told.
void name_doubted_comments(const std::vector<CommentDoubt>& doubts, GraphCheck& check);

/// Types of all fields, in execution order; fills fields, inputs, layers, edge_sets and geometry.
void infer_types(GraphCheck& check, const std::vector<int>& order);

/// Is what stands there refused?
bool is_refused(const GraphCheck& check, const SourcePos& where);

constexpr int kAtFault = -1;  ///< instead of a field: what stands there is at fault

/// A place where a layer reads something.
struct PortOfLayer {
  int layer = 0;
  std::size_t port = 0, item = 0;
};
/// Would inference find no fault with this layer, but these, if it read such a field there? Changes nothing.
bool takes_type(const GraphCheck& check, const PortOfLayer& at, const FieldType& type,
                const std::vector<Diagnostic>& others = {});
/// What is wrong with the layer whatever it reads there; nullopt if not enough is known of it to ask.
std::optional<std::vector<Diagnostic>> faults_elsewhere(const GraphCheck& check, const PortOfLayer& at);

/// Layers that cannot both read a model input of which nothing says the shape.
void check_readers(GraphCheck& check);

/// Layers of a library, of which nothing says what they read.
void check_library(GraphCheck& check);

/// Cutoffs of the edge sets from the given ones and from what the layers need; merges stages; checks list kinds.
void settle_edge_sets(GraphCheck& check);

/// Hops of layers and outputs, influence distance; needs outputs and edge sets.
void settle_hops(CheckedGraph& graph);

/// Derivatives and the output `energy`.
void check_energy(GraphCheck& check);

/// Warnings: dangling layers, unused inputs. Only for a graph without errors.
void warn_unused(GraphCheck& check);

/// The document with interpolations resolved and defaults filled in.
std::string canonical_json(const GraphCheck& check);

}  // namespace kiln
