#pragma once

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
  std::vector<bool> config_good = {};               ///< of spec.layers
  std::vector<int> input_fields = {};               ///< of spec.inputs
  std::vector<std::vector<int>> layer_fields = {};  ///< of spec.layers; empty: inference failed
  std::vector<int> edge_set_inputs = {};            ///< of graph.edge_sets: the model input

  /// Field a reference leads to; -1: unknown.
  int field_of(const Source& source) const;
};

/// A shape in a comment counts as long as no layer contradicts it. One that is contradicted is forgotten, with a
/// warning; comments are believed one after another, in the order in which layers read their inputs.
void forget_contradicted_comments(GraphCheck& check, const std::vector<int>& order);

/// Types of all fields, in execution order; fills fields, inputs, layers, edge_sets and geometry.
void infer_types(GraphCheck& check, const std::vector<int>& order);

/// Of a library, where nothing is inferred: what its layers call, as far as that can be known.
void check_targets(GraphCheck& check);

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
