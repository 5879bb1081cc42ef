#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/wiring.h"

namespace kiln {

/// Where a reference stands: at a port of a layer, where KLay ignores suffixes, or in the model outputs.
enum class Reader { layer, model_output };

/// All names that references may use: model inputs, layers, names of output maps.
class NameTable {
 public:
  /// The declarations must stand in `layers`; output maps and outputs of blocks are read (their faults are told).
  NameTable(const GraphSpec& graph, std::vector<WiredLayer>& layers, Diagnostics& faults);
  /// Elements of layers that give anything are added to their outputs.
  Source resolve(const Reference& reference, Reader reader, Diagnostics& faults);
  /// Faults if there is nothing of this name, or no such output where outputs are declared, whether it is read or not.
  void expect_output(const Reference& reference, Diagnostics& faults);

 private:
  Source resolve_input(const std::string& name, const Reference& reference, Diagnostics& faults) const;
  Source resolve_port(int layer, const std::string& port, const Reference& reference, Reader reader,
                      Diagnostics& faults);
  Source whole_layer(int layer, const Reference& reference, Diagnostics& faults) const;
  Source follow(const Reference& reference, Reader reader, Diagnostics& faults);
  const Source* find_block_output(const Reference& reference) const;
  void add_output_map(int layer, Diagnostics& faults);
  void add_block_outputs(Diagnostics& faults);
  bool takes_row(const LayerDeclaration* declaration, const OutputMapSpec& output) const;
  const std::string& nearest_to(const std::string& name);
  Source element(int layer, const std::string& key, const SourcePos& where, const std::string& map_name = {});

  const GraphSpec& graph_;
  std::vector<WiredLayer>& layers_;
  std::map<std::string, Source> names_;
  std::map<std::string, bool> is_layer_;
  std::map<std::string, std::string> nearest_;   ///< by unknown names
  std::map<std::string, Source> block_outputs_;  ///< by what they stand for
};

}  // namespace kiln
