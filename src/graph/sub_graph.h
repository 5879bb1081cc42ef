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
  bool klay = false;        ///< `compat: klay`: misspelt keys mean nothing
  Environment environment;  ///< for their interpolations

  void push(const std::string& path);
};

/// Names of a file that are gone once it is expanded.
struct VanishedNames {
  ReferenceTable references;                  ///< what they stand for
  std::map<std::string, std::string> shared;  ///< of layers called several times: the first, whose weights all use
  std::map<std::string, std::string> copies;  ///< of a copy whose name is nothing else's: that without its number
};

/// A layer's name, or that of an element in an output map, inside a block: one name again, so that it can be written in
/// references and stand as a module's name in TorchScript.
std::string inner_name(const std::string& block, const std::string& name);

/// An included file, read: interpolations done, its own templates expanded.
struct SubGraph {
  std::vector<std::string> inputs;
  VanishedNames vanished;
  Yaml layers;                ///< mapping
  Yaml outputs;               ///< mapping of texts, not empty
  bool outputs_known = true;  ///< false: these are at fault, and there are none here
  bool params_known = true;   ///< false: a name in `params` is wrong, so that other values may be meant
};

/// Reads the file that `include` names, relative to the file in which it stands; `params` (nullptr: none) replace its
/// model_params before anything refers to them. nullopt if faults leave nothing of it, or the file cannot be read;
/// throws Error only for want of memory.
std::optional<SubGraph> read_sub_graph(const Yaml& include, const std::string& block, const Yaml* params,
                                       OpenFiles& open, Diagnostics& faults);

/// One use of a sub-graph.
struct BlockCall {
  std::string name;                    ///< its layers become `name__layer`
  std::string owner;                   ///< the block whose weights it uses; its own name if these are its own
  std::map<std::string, Yaml> inputs;  ///< references of the including file
  const Yaml* freeze = nullptr;        ///< of all its layers
  const Yaml* seed = nullptr;          ///< of all its layers, as the run's is of all others
  bool starts_apart = false;           ///< a further copy of a repetition: its seeds are its own
  int n_before = 0;                    ///< calls of this file: what they have told is not told again
};

/// The layers of the sub-graph under their new names, appended to `layers`.
void put_in(const SubGraph& graph, const BlockCall& call, Yaml& layers, Diagnostics& faults);

/// What the block's name and the vanished names of its file stand for.
void put_names_in(const SubGraph& graph, const BlockCall& call, ReferenceTable& table, Diagnostics& faults);

}  // namespace kiln
