#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "graph/config.h"
#include "graph/lowered_graph.h"
#include "operators/foreign_module.h"

namespace kiln {

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
  std::unordered_map<std::string, std::size_t>* parameter_places = nullptr;  ///< in graph->parameters, by full name
  std::vector<int> edge_vectors;                                             ///< field of each edge set

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

}  // namespace kiln
