#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "operators/field.h"
#include "operators/operation.h"

namespace kiln {

struct EdgeSet {
  double cutoff = 0.0;             ///< Å
  std::string name;                ///< of the model input, for messages
  std::vector<std::string> parts;  ///< of a staged graph: the other stages' inputs, the smallest first
};

/// Which paths the weights of a symmetric contraction belong to (kernels/symmetric_basis.h).
struct ContractionPaths {
  int lmax = 0;
  Irrep irrep;
  int degree = 1;
};

/// A parameter: its name, shape and how it starts.
struct ParameterSpec {
  std::string name;  ///< `<layer>.<parameter>`
  std::vector<std::int64_t> shape;
  /// normal: N(0, value). uniform: on [-value, value). constant: value. given: initial. contraction: [n_attributes,
  /// n_paths, K], drawn as N(0, 1) / n_unsymmetrized over the unsymmetrized paths, then projected. torch_uniform: on
  /// [-value, value), torch_normal: N(0, value), as torch draws them one parameter of a layer after the other.
  enum class Init { normal, uniform, constant, given, contraction, torch_uniform, torch_normal } init = Init::normal;
  double value = 1.0;  ///< standard deviation, bound, or the constant
  /// A draw of torch that `init` of the file took the place of, with its `value`. Torch's numbers of a layer come one
  /// after the other: it is made all the same, so that the other parameters start as without the `init`.
  std::optional<std::pair<Init, double>> displaced;
  std::vector<double> initial;  ///< Init::given
  ContractionPaths paths;       ///< Init::contraction
  std::int64_t zero_row = -1;   ///< of a weight drawn as torch does: this row is zero after the draw
  bool trainable = true;
  bool running = false;  ///< statistics of batches: no gradient, a forward in training mode moves it unless frozen
  bool frozen = false;   ///< by `freeze`: not trainable, and no baseline writes it
  std::optional<std::uint64_t> seed;  ///< instead of the run's
};

/// Running statistics that are not frozen.
inline bool changes_in_forward(const ParameterSpec& parameter) { return parameter.running && !parameter.frozen; }

/// The two halves of a parameter's name: `layer` owns it, `parameter` it is called there.
std::string layer_of(const ParameterSpec& parameter);
std::string own_name(const ParameterSpec& parameter);

/// A field that enters from outside: named by its meaning.
struct LoweredInput {
  int field = -1;
  Meaning meaning = Meaning::plain;  ///< species, edge_vectors, structure, …
  std::string model_input;           ///< name in model_inputs ("" for edge vectors)
};

/// One public output of the model.
struct LoweredOutput {
  std::string name;
  int field = -1;                       ///< -1: a derivative
  Meaning derivative = Meaning::plain;  ///< forces, virial, stress or atom_virials of `energy_field`
};

/// How `.pt` receives an edge set: names of model inputs.
struct GeometryInput {
  std::string positions, edge_index, shift;  ///< shift may be ""
};

/// A TorchScript archive that calls of a layer (and its aliases) run.
struct ForeignCode {
  std::string layer;
  std::string bytes;
  bool evaluation = false;  ///< frozen: in evaluation mode also while others are trained
};

/// Operators only: no layers, no YAML. Plain data, in execution order.
struct LoweredGraph {
  std::vector<FieldType> fields;
  std::vector<LoweredInput> inputs;
  std::vector<Operation> operations;          ///< topological
  std::vector<LoweredOutput> outputs;         ///< in file order
  std::vector<std::string> model_inputs;      ///< names in file order: arguments of `.pt`
  std::vector<Meaning> model_input_meanings;  ///< same order
  std::vector<EdgeSet> edge_sets;
  std::vector<GeometryInput> geometry;    ///< per edge set
  std::vector<ParameterSpec> parameters;  ///< in layer order; aliases once
  std::vector<ForeignCode> foreign;
  int energy_field = -1;       ///< system field of the output `energy`; -1: not a potential
  int atom_energy_field = -1;  ///< the atom field under its sum; -1: none
  int n_species = 0;
  int n_hops = 0;  ///< message passing steps; influence distance = n_hops * largest cutoff
};

/// The first model input with this meaning; "" if there is none.
std::string input_of(const LoweredGraph& graph, Meaning meaning);
/// Atomic numbers count a graph's species from hydrogen on: why these elements cannot be its species; "" if they can,
/// or if it reads no atomic numbers.
std::string fault_of_elements(const LoweredGraph& graph, const std::vector<int>& atomic_numbers);
/// Outputs that can be given: all but a stress without a model input `cell`.
std::vector<LoweredOutput> given_outputs(const LoweredGraph& graph);

/// The graph as text, one operation a line: `kiln info --graph` and tests print it.
std::string to_string(const LoweredGraph& graph);

}  // namespace kiln
