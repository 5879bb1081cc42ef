#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/safetensors.h"
#include "base/weights.h"
#include "engines/engine.h"
#include "graph/checked_graph.h"
#include "kiln/structure.h"
#include "model/model_host.h"

namespace kiln {

inline constexpr int kModelFormatVersion = 1;

/// One structure with what the model said about it when it was written.
struct SelfTest {
  Structure structure;
  double energy = 0.0;         ///< eV
  std::vector<double> forces;  ///< [n_atoms, 3]
  std::vector<double> virial;  ///< [9]
};

/// A model in memory: what a `.kiln` file holds (docs/architecture.md).
struct Model {
  std::string graph_json;   ///< canonical JSON of the checked graph
  std::string source_yaml;  ///< provenance; never parsed
  std::string architecture = "graph";
  int architecture_version = 1;
  std::vector<int> atomic_numbers;  ///< species map
  Precision precision = Precision::f64;
  Weights weights;
  std::vector<SelfTest> self_tests;
  std::vector<std::string> references;  ///< to cite
  std::vector<std::pair<std::string, std::string>> provenance;
  std::map<std::string, ForeignModule> foreign;  ///< code from outside, by layer
  std::map<std::string, std::string> copies;     ///< of copies with such code: the name without its number
  Layers layers;                                 ///< that its graph may name: the host's
  /// As read: of the plugin that brought a type of layer when the file was written.
  std::map<std::string, std::string> plugin_sha256;
};

/// The graph of a model, parsed, checked and lowered; and its weights compared with the graph's parameters.
/// Throws Error of kind data if they do not fit.
CheckedGraph checked_graph_of(const Model& model);

/// Which plugins here are other files than those the model was made with; "" if none is.
std::string other_plugins(const Model& model);

/// Runs what reads or evaluates the model; an Error of it says of plugins that differ.
void with_other_plugins_told(const Model& model, const std::function<void()>& work);

/// Bytes of a `.kiln` file: metadata, checksum, weights, symmetrized bases, self-test. Self-test values are computed
/// here.
std::string write_model(const Model& model, const ModelHost& host = {});

/// Everything but the self-test's evaluation: checksum, version (newer is refused), graph, shapes, bases to 1e-12.
/// Code that the host does not allow is refused by layer, unread.
Model read_model(const std::string& bytes, const std::string& name, const ModelHost& host = {});

/// Reads a file and runs its self-test: what every command does with a model it is given.
Model load_model(const std::string& path, const ModelHost& host = {});

/// Evaluates the self-test on the native engine, or the host's for a graph that needs it; throws Error of kind
/// numerical with the differences. Returns the largest |difference| / (1 + |value|).
double run_self_test(const Model& model, const ModelHost& host = {});

}  // namespace kiln
