#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/model.h"

namespace kiln {

/// How a graph without weights becomes a model.
struct FreshModel {
  std::string species;  ///< "Si,O": element symbols in the order of the model's species
  std::uint64_t seed = 0;
  std::string weights;  ///< file that they are read from; "": drawn from the seed
  Precision precision = Precision::f64;
  bool needs_elements = true;  ///< of its species
  std::string output;          ///< the file that it goes to, which must be none of those that the graph is made of
};

/// What is wrong with the text of a --seed, "" if nothing: what CLI11 reads into an unsigned number wraps around and
/// saturates.
std::string fault_of_seed(const std::string& text);

/// By its extension: `.yaml` or `.yml`.
bool is_graph_file(const std::string& path);

/// A `.kiln` file (model or checkpoint) as it stands; or a graph in YAML with weights drawn anew. Warnings stay in
/// `faults`.
Model read_model_input(const std::string& path, const FreshModel& fresh, const ModelHost& host, Diagnostics& faults);

/// A graph in YAML with the code that it names, checked; warnings stay in `faults`. Throws what is wrong with it.
/// @param seed  of the weights, those of Python objects included
CheckedGraph read_checked_graph(const std::string& path, const ModelHost& host, std::uint64_t seed,
                                Diagnostics& faults);

}  // namespace kiln
