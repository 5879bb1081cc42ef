#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/weights.h"
#include "graph/graph_spec.h"
#include "graph/layer_declaration.h"
#include "graph/lowered_graph.h"
#include "operators/field.h"

namespace kiln {

/// A field of the checked graph: its type, who makes it.
struct CheckedField {
  std::string name;  ///< "layer", "layer.port" or the model input
  FieldType type;
  int layer = -1;               ///< index into CheckedGraph::layers, -1: a model input, or what a layer at fault gives
  int port = 0;                 ///< output port of that layer
  bool maker_at_fault = false;  ///< what a layer certainly gives though it is at fault: an input of the rest
};

/// A layer call whose ports, config and types are known to be right.
struct CheckedLayer {
  std::string name;
  SourcePos where;
  const LayerDeclaration* declaration = nullptr;
  Config config;
  LayerWeights weights;                  ///< of the owner of the weights only
  std::string weight_owner;              ///< name, or the aliased layer's
  std::vector<std::string> input_names;  ///< of the ports
  std::vector<std::vector<int>> inputs;  ///< per port, field indices
  std::vector<bool> input_lists;         ///< per port: given as a list
  std::vector<std::string> output_names;
  std::vector<int> outputs;  ///< field indices
  bool row_wise = true;      ///< no row of an output depends on other rows but through declared senders
  int hops = 0;              ///< message-passing steps on the way to its outputs
};

struct CheckedInput {
  std::string name;
  Meaning meaning = Meaning::plain;
  int field = -1;
  double cutoff = 0.0;            ///< Å, of edges, as given; 0: not given
  Shape shape;                    ///< that a free tensor is declared with, whatever its readers make of it
  bool shape_in_comment = false;  ///< and no more than that: data may have another
  bool role_by_name = false;      ///< nothing but its name says its role
};

struct CheckedOutput {
  std::string name;
  int field = -1;
  int hops = 0;  ///< message-passing steps on the way
};

/// Names resolved, types inferred, order found. Layers are in execution order.
struct CheckedGraph {
  std::vector<CheckedField> fields;
  std::vector<CheckedInput> inputs;  ///< those of the file, then what layers at fault give
  std::vector<CheckedLayer> layers;
  std::vector<CheckedOutput> outputs;
  std::vector<EdgeSet> edge_sets;
  std::vector<GeometryInput> geometry;
  int n_hops = 0;                                   ///< largest over the outputs
  double influence_distance = 0.0;                  ///< Å, n_hops * largest cutoff
  std::string global_layer;                         ///< layer that makes it non-local, "" for a local graph
  bool klay = false;                                ///< `compat: klay`
  std::map<std::string, ForeignModule> foreign;     ///< by layer
  std::vector<std::string> files;                   ///< of the graph and of what it includes
  std::map<std::string, std::string> shared_names;  ///< of what is repeated with one set of weights: the first call
  std::map<std::string, std::string> copies;        ///< of a copy: the name without its number, as the file has it
  std::string canonical_json;  ///< the document with interpolations resolved and defaults filled in
};

/// Reports every fault at once. The result may be used only if there was no error.
CheckedGraph check_graph(const GraphSpec& graph, const LayerTable& layers, Diagnostics& faults);

/// Positions, cell or shifts that an arbitrary module reads, which no derivative goes through; nullptr if it reads
/// none.
const CheckedField* geometry_read_by(const CheckedGraph& graph, const CheckedLayer& layer);

/// The first layer that does so among those a field depends on; nullptr if there is none.
const CheckedLayer* geometry_reader(const CheckedGraph& graph, int field);

/// Why no structure gives the output `energy`, or its derivatives would not be whole; nullopt if there is no reason, or
/// no such output.
struct EnergyFault {
  SourcePos where;
  std::string what, hint;
};
std::optional<EnergyFault> fault_of_energy(const CheckedGraph& graph);

/// Is a stress among its outputs? The volume in it is that of the cell, which no layer reads.
bool gives_stress(const CheckedGraph& graph);

/// Operators only. Dead operations are dropped; hops of every operation are set.
LoweredGraph lower_graph(const CheckedGraph& graph);

/// Those of every layer, dead ones too, as the layers declare them. The graph may have errors.
std::vector<ParameterSpec> all_parameters(const CheckedGraph& graph);

/// Weights drawn as the parameters say; the same seed gives the same weights whatever ran before (one stream per
/// parameter name).
Weights init_weights(const LoweredGraph& graph, std::uint64_t seed);

}  // namespace kiln
