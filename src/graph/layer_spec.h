#pragma once

#include <string>

#include "graph/graph_spec.h"
#include "graph/layer_faults.h"

namespace kiln {

/// One entry of model_layers. `klay`: what KLay ignores is a warning instead of an error.
LayerSpec parse_layer(const Yaml& name, const Yaml& body, bool klay, Diagnostics& faults);

/// A fault if it cannot be the name of an output.
void check_output_name(const Yaml& name, const LayerFaults& faults);

/// Matches [A-Za-z_]\w*.
bool is_identifier(const std::string& name);
/// A fault if it does not; `what`: "layer", "model input".
void check_name(const std::string& what, const std::string& name, const SourcePos& where, Diagnostics& faults);

}  // namespace kiln
