#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/interpolation.h"
#include "engines/engine.h"
#include "graph/lowered_graph.h"
#include "layers/layer_set.h"
#include "model/allowance.h"
#include "operators/foreign_module.h"

namespace kiln {

/// An object of a Python package and what it is made with.
struct PythonCall {
  std::string target;       ///< "pkg.mod.Class"
  std::string args_json;    ///< a list
  std::string kwargs_json;  ///< a mapping
  std::uint64_t seed = 0;   ///< of torch, before it is made
};

/// What became of it.
struct ScriptedObject {
  ForeignModule module;
  std::string fault;  ///< why it could not be made or scripted; "" if it could
};

/// What a door offers to models that need more than the native engine. The default offers nothing: such models are
/// refused.
struct ModelHost {
  using MakeEngine = std::function<std::unique_ptr<Engine>(const LoweredGraph&, const Weights&, Precision)>;

  Allowance allow;
  Layers layers;                                             ///< Kiln's own and those of allowed plugins
  Environment environment;                                   ///< what `${oc.env:NAME}` in graphs reads
  MakeEngine make_engine;                                    ///< for graphs with torch functions
  std::function<ForeignModule(const std::string&)> inspect;  ///< looks into a TorchScript archive
  /// Looks at an operator "space::name"; nullopt: no library has registered it.
  std::function<std::optional<ForeignModule>(const std::string&)> inspect_operator;
  /// Imports and scripts objects in another process, one for all of them. Throws Error where nothing can be said of
  /// any: there is no such process, or it ends without an answer (code no-python); no libtorch.
  std::function<std::vector<ScriptedObject>(const std::vector<PythonCall>&)> script;
};

/// The first layer of the graph that runs on the torch engine only; "" if the native engine can run all.
std::string torch_layer(const LoweredGraph& graph);

/// The native engine where it can run the graph, else the host's. Throws Error of kind configuration naming the layer
/// where there is neither.
std::unique_ptr<Engine> make_engine(const LoweredGraph& graph, const Weights& weights, Precision precision,
                                    const ModelHost& host);

}  // namespace kiln
