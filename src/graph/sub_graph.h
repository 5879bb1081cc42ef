#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/interpolation.h"
#include "graph/reference_table.h"
#include "graph/yaml_forms.h"

namespace kiln {

/// Files that are open, the outermost first, and how much was read in all.
struct OpenFiles {
  struct File {
    std::string path;      ///< as messages show it
    std::string identity;  ///< the same for all ways to write the path
  };
  std::vector<File> files;
  std::vector<std::string> paths;  ///< of all that were opened
  int n_read = 0;
  Environment environment;  ///< for their interpolations

  void push(const std::string& path);
};

/// An included file, read: interpolations done, its own templates expanded.
struct SubGraph {
  std::vector<std::string> inputs;
  Yaml layers;   ///< mapping
  Yaml outputs;  ///< mapping of texts, not empty
};

/// Reads the file that `include` names, relative to the file in which it stands; `params` (nullptr: none) replace its
/// model_params before anything refers to them. nullopt after a fault; a file that cannot be read throws Error of kind
/// data at `include`.
std::optional<SubGraph> read_sub_graph(const Yaml& include, const std::string& block, const Yaml* params,
                                       OpenFiles& open, Diagnostics& faults);

/// One use of a sub-graph.
struct BlockCall {
  std::string name;                    ///< its layers become `name__layer`
  std::string owner;                   ///< the block whose weights it uses; its own name if these are its own
  std::map<std::string, Yaml> inputs;  ///< references of the including file
  const Yaml* freeze = nullptr;        ///< of all its layers
  const Yaml* seed = nullptr;          ///< of all its layers
};

/// The layers of the sub-graph under their new names, appended to `layers`. Returns its outputs as references.
ReferenceTable::Outputs put_in(const SubGraph& graph, const BlockCall& call, int copy, Yaml& layers);

}  // namespace kiln
