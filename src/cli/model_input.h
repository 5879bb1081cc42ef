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
  Precision precision = Precision::f64;
};

/// By its extension: `.yaml` or `.yml`.
bool is_graph_file(const std::string& path);

/// A `.kiln` file (model or checkpoint) as it stands; or a graph in YAML with weights drawn anew.
Model read_model_input(const std::string& path, const FreshModel& fresh);

}  // namespace kiln
