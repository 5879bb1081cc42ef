#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph_spec.h"
#include "graph/layer_declaration.h"

namespace kiln {

/// Where a reference leads. `unknown`: its fault is told already, or it leads to something that has one.
struct Source {
  enum class Kind { unknown, input, layer } kind = Kind::unknown;
  int index = -1;  ///< of the model input or layer
  int port = 0;    ///< output port of the layer

  bool known() const { return kind != Kind::unknown; }
};

/// A layer call with its names resolved.
struct WiredLayer {
  const LayerSpec* spec = nullptr;
  const LayerDeclaration* declaration = nullptr;  ///< nullptr: type or alias is at fault
  int owner = -1;                           ///< the layer whose config and weights it uses: itself unless an alias
  std::vector<std::string> input_names;     ///< the declared ports, or the given ones of a layer that takes any
  std::vector<std::vector<Source>> inputs;  ///< per port; empty: not given
  std::vector<bool> input_lists;            ///< per port: stands as a list
  std::vector<SourcePos> input_where;       ///< per port: of its first source, else of the port or the layer
  std::vector<std::vector<SourcePos>> source_where;  ///< per port, of each source
  /// The declared ports, then, with `compat: klay`, the rows that output maps take of a single one. Of a layer that
  /// gives anything: "" for the whole, then the elements that references ask for.
  std::vector<std::string> output_names;
  std::vector<SourcePos> output_where;                   ///< of the first reference to an element
  std::vector<std::string> output_map_names;             ///< of elements that an output map names, else ""
  std::vector<std::pair<Source, SourcePos>> references;  ///< all of them
  bool ports_known = true;  ///< false: which ports are given is not known, for faults that are told
  bool good = true;         ///< false: a port, or what stands there, is at fault
};

struct WiredGraph {
  std::vector<WiredLayer> layers;  ///< in file order
  std::vector<Source> outputs;     ///< of GraphSpec::outputs
};

/// How many of so many outputs a layer gives itself; the others are rows.
inline std::size_t n_own_outputs(const LayerDeclaration& declaration, std::size_t n_outputs) {
  return declaration.any_ports ? n_outputs : declaration.outputs.size();
}

/// What has this type, or the one that a misspelt type is near to; nullptr: not known. What layers of plugins take is
/// not guessed.
const LayerDeclaration* declaration_meant(const std::string& type, const LayerTable& table);

/// Resolves types, aliases, ports and references.
WiredGraph wire_graph(const GraphSpec& graph, const LayerTable& table, Diagnostics& faults);

}  // namespace kiln
