#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/interpolation.h"
#include "base/yaml.h"
#include "graph/layer_weights.h"
#include "operators/foreign_module.h"

namespace kiln {

/// A reference such as `model_inputs.x`, `geometry.1`, `lengths`.
struct Reference {
  std::string text;
  SourcePos where;
  std::string written = {};  ///< as it stands in the file of a block; "" in no block
  bool handed_on = false;    ///< leads through an output of a block, at which its faults are told
};
Reference reference_at(const Yaml& node);

struct InputSpec {
  std::string name;
  Yaml value;  ///< comment, or mapping with role, cutoff, shape, …
  SourcePos where;
};

struct PortSpec {
  std::string port;
  std::vector<Reference> sources;  ///< several only where the port takes a list
  bool is_list = false;
  bool implied = false;  ///< with `compat: klay`: of an output map that takes the layer's name
  SourcePos where;
};

struct OutputMapSpec {
  std::string key;   ///< index or port name
  std::string name;  ///< new name; kUnknownLayer: it is none, which is told
  SourcePos where;
};

struct LayerSpec {
  std::string name;
  SourcePos where;
  std::string type;  ///< "" for an alias
  SourcePos type_where;
  std::string alias;  ///< "" for a layer of its own
  SourcePos alias_where;
  Yaml config;               ///< mapping (empty one if omitted)
  bool config_known = true;  ///< false: it is no mapping, which is told
  std::vector<PortSpec> inputs;
  std::vector<Reference> unplaced;  ///< at keys that are no ports, or whose port another takes (`compat: klay`)
  bool inputs_known = true;         ///< false: ports are lost to faults that are told
  std::vector<OutputMapSpec> output_map;
  LayerWeights weights;
};

struct OutputSpec {
  std::string name;
  Reference source;
  SourcePos where;
};

/// The four sections as names and positions; no types, no tensors.
struct GraphSpec {
  Yaml document;  ///< resolved: interpolations done; what the canonical JSON of a model file is made from
  std::vector<InputSpec> inputs;
  std::vector<LayerSpec> layers;
  std::vector<OutputSpec> outputs;
  std::vector<Reference> block_outputs;  ///< of all blocks, read or not
  std::vector<Reference> handed_in;      ///< given to inputs of blocks or carried, read or not
  bool compat_klay = false;
  /// Code from outside, by layer. Whoever reads the graph puts it here before the check, if it is allowed.
  std::map<std::string, ForeignModule> foreign;
  std::vector<std::string> files;                   ///< that it was read from: its own, and what that includes
  std::map<std::string, std::string> shared_names;  ///< of what is repeated with one set of weights: the first call
  std::map<std::string, std::string> copies;        ///< of a copy: the name without its number, as the file has it
};

/// The name that the file has for a layer: of a copy, that of what is repeated; else its own.
std::string written_name(const std::map<std::string, std::string>& copies, const std::string& layer);

/// A file without inputs and outputs is a library of layers: types and configs are all there is to check, and a layer
/// without inputs is not called yet.
bool is_library(const GraphSpec& spec);

/// Faults: wrong sections, unknown keys (`outputs:` for `output:`), names that do not match [A-Za-z_]\w*, name clashes
/// with both places, …
GraphSpec parse_graph(const Yaml& document, Diagnostics& faults, std::vector<Reference> block_outputs = {},
                      std::vector<Reference> handed_in = {});

/// What a graph with these faults fails with: data if all its errors are files that cannot be read, else
/// configuration.
ErrorKind error_kind(const Diagnostics& faults);

/// Read, resolve, parse. `environment` is what `${oc.env:NAME}` reads.
GraphSpec parse_graph_file(const std::string& path, Diagnostics& faults, const Environment& environment = {});

}  // namespace kiln
