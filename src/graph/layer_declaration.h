#pragma once

#include <limits>
#include <string>
#include <vector>

#include "base/yaml.h"
#include "graph/lowered_graph.h"
#include "operators/field.h"
#include "operators/foreign_module.h"

namespace kiln {

enum class ConfigType {
  integer,
  real,
  boolean,
  text,
  irreps,
  list,    ///< of numbers
  values,  ///< a list of anything
  mapping,
  radial
};
enum class Category { embedding, convolution, linear, readout, physics, autograd, arbitrary };

/// One key of a layer's `config`.
struct ConfigEntry {
  std::string name;
  ConfigType type = ConfigType::integer;
  bool required = false;
  std::string default_value;  ///< as YAML text; "" with required or optional without default
  std::string doc;            ///< one line, with unit
  double minimum = -std::numeric_limits<double>::infinity();  ///< numbers; integers are within ±10^9 anyway
  double maximum = std::numeric_limits<double>::infinity();
  std::vector<std::string> allowed;  ///< texts
  bool is_cutoff = false;            ///< where given, a cutoff that the edges read by the layer must have, Å
};

struct PortDeclaration {
  std::string name;
  std::string doc;
  bool optional = false;
  bool list = false;                  ///< takes one field or a list of fields
  bool sender = false;                ///< read at the senders of edges: needed one hop further out than the output
  std::vector<std::string> synonyms;  ///< deprecated names, accepted with a warning
};

/// A weight as model files, checkpoints and importers name it, `<layer>.<name>`: frozen, changed only with an upgrade
/// of the file format.
struct ParameterDeclaration {
  std::string name;   ///< {k}, {nu}: whole numbers
  std::string shape;  ///< "[n]": one entry per dimension, slowest first
  std::string doc;    ///< one line
};

/// How `radial:` reads: exact (n_knots 0) or tabulated.
struct RadialChoice {
  int n_knots = 0;
};

/// Checked config values, defaults filled in; what is left out may be filled in by inference.
class Config {
 public:
  bool has(const std::string& key) const;    ///< given, with a default, or inferred
  bool given(const std::string& key) const;  ///< stands in the file
  int integer(const std::string& key) const;
  double real(const std::string& key) const;
  bool boolean(const std::string& key) const;
  const std::string& text(const std::string& key) const;
  const Irreps& irreps(const std::string& key) const;
  RadialChoice radial(const std::string& key) const;
  const Yaml& node(const std::string& key) const;  ///< the value as it stands
  SourcePos where(const std::string& key) const;   ///< of the value, or of the layer where it is a default

  void set_integer(const std::string& key, int value);           ///< inferred
  void set_irreps(const std::string& key, const Irreps& value);  ///< inferred

  struct Value {
    Yaml node;
    Irreps irreps;
    RadialChoice radial;
    bool given = false;
  };
  std::vector<std::pair<std::string, Value>> values;
  SourcePos layer_where;

 private:
  const Value& value(const std::string& key) const;
};

/// [{l: 0, mul: 32, p: e}, …]: how irreps stand in a canonical document.
Yaml yaml_irreps(const Irreps& irreps);

/// A field of the checked graph: its type, who makes it.
struct CheckedField {
  std::string name;  ///< "layer", "layer.port" or the model input
  FieldType type;
  int layer = -1;  ///< index into CheckedGraph::layers, -1: a model input
  int port = 0;    ///< output port of that layer
};

struct CheckedGraph;
struct LayerDeclaration;

/// What `infer` sees: types of the inputs, config; it sets the types of the outputs and reports faults.
/// The config is the one of the layer that owns the weights, so that what is inferred for one call holds for its
/// aliases.
struct InferContext {
  Config& config;
  std::vector<std::vector<FieldType*>> inputs;  ///< per port; empty vector: not given
  std::vector<SourcePos> input_where;           ///< per port
  std::string layer;                            ///< name, for messages
  const LayerDeclaration* declaration = nullptr;
  std::vector<FieldType> outputs;  ///< to be filled: one per output port
  Diagnostics* faults = nullptr;
  std::vector<std::string> input_names;  ///< the declared ports, or the given ones of a layer that takes any
  std::vector<bool> input_lists;         ///< per port: given as a list
  /// The declared ports, or what is asked for: "" for the whole, keys of elements (graph/wiring.h). `infer` may replace
  /// keys, by "" where an element turns out to be the whole.
  std::vector<std::string> output_names;
  std::vector<SourcePos> output_where;     ///< of elements asked for
  bool klay = false;                       ///< `compat: klay`
  const ForeignModule* foreign = nullptr;  ///< code from outside that the layer runs
  bool row_wise = true;  ///< to be set: no row of an output depends on other rows but through declared senders

  FieldType* input(int port) const { return inputs[port].empty() ? nullptr : inputs[port][0]; }
  void error(std::string code, SourcePos where, std::string what, std::string hint = {}) const;
  void warning(std::string code, SourcePos where, std::string what, std::string hint = {}) const;

  /// The input if it has this meaning, else nullptr and an error. An input left out gives nullptr without one.
  const FieldType* expect(int port, Meaning meaning) const;
  /// The input if it is a real field of this level with irreps, else nullptr and an error. A free model input becomes
  /// such a field of `assumed` irreps; without these that is an error.
  const FieldType* expect_real(int port, Level level, const Irreps* assumed = nullptr, int item = 0) const;
  /// The value under `key` must be what was found at the port; it is filled in where it was left out.
  bool agree(const std::string& key, int port, const Irreps& found) const;
  bool agree(const std::string& key, int port, int found) const;
};

/// What `lower` sees: lowered fields of the inputs; it appends operations and parameters and returns the output fields.
class LowerContext {
 public:
  const Config* config = nullptr;
  std::string layer;                     ///< name
  std::string weight_owner;              ///< the aliased layer's name, or `layer`: prefix of parameter names
  std::vector<std::vector<int>> inputs;  ///< per port, lowered field indices
  std::vector<int> outputs;              ///< to be filled: one per output port
  std::vector<FieldType> output_types;   ///< as checked
  std::vector<std::string> input_names, output_names;
  std::vector<bool> input_lists;
  const ForeignModule* foreign = nullptr;
  bool klay = false;
  LoweredGraph* graph = nullptr;
  std::vector<int> edge_vectors;  ///< field of each edge set

  const FieldType& type(int field) const { return graph->fields[field]; }
  int input(int port) const { return inputs[port].empty() ? -1 : inputs[port][0]; }
  /// Appends an operation with a new output field and returns that field. Operations without weights (one-hot species,
  /// lengths, harmonics) are made once for the same operands.
  int add(Operator op, std::vector<int> operands, FieldType type);
  /// The sum of the fields; the field itself if there is one.
  int add_up(const std::vector<int>& fields);
  /// Declares the parameter weight_owner.<spec.name> (once, also for aliases) and returns the full name.
  std::string parameter(ParameterSpec spec);
  /// One drawn from N(0, 1).
  std::string weight(const std::string& suffix, std::vector<std::int64_t> shape);
  /// The operation that makes a field, or nullptr for inputs.
  const Operation* producer(int field) const;
};

/// Everything Kiln knows about a layer type. validate, `kiln layers`, docs and hints read this table.
struct LayerDeclaration {
  std::string name;
  std::vector<std::string> synonyms;  ///< other names accepted as `type`
  Category category = Category::linear;
  std::string doc;      ///< one line
  std::string formula;  ///< one or a few lines, with source
  std::vector<ConfigEntry> config;
  std::vector<PortDeclaration> inputs;
  std::vector<PortDeclaration> outputs;
  std::vector<ParameterDeclaration> parameters;  ///< in the order in which `lower` declares them
  int receiver_row = -1;                         ///< row of edge_index that receives; -1: no receiver
  bool any_ports = false;  ///< takes whatever ports a file gives, and gives whatever is asked for: arbitrary modules
  void (*infer)(InferContext& context) = nullptr;
  void (*lower)(LowerContext& context) = nullptr;

  bool passes_messages() const;        ///< reads senders: one more hop
  bool reads_senders(int port) const;  ///< through this port
  std::vector<std::string> input_names() const;
  std::vector<std::string> output_names() const;
};

std::string to_string(Category category);

/// All layers that YAML may name; handed in, so that graph/ includes no layer.
struct LayerTable {
  const LayerDeclaration* const* begin = nullptr;
  int size = 0;

  const LayerDeclaration* find(const std::string& name) const;  ///< name or synonym; nullptr
  std::vector<std::string> names() const;
};

}  // namespace kiln
