#pragma once

#include <nlohmann/json.hpp>

#include "model/model.h"

namespace kiln {

/// The JSON of the metadata string `kiln`, without the checksum. Derived entries (cutoffs, outputs, …) are for readers
/// that do not know the graph language; Kiln reads the graph.
nlohmann::ordered_json model_metadata(const Model& model, const CheckedGraph& graph);

/// Graph, architecture, species, precision, references and provenance of the metadata; no tensors. Throws Error of kind
/// data naming what is missing or of the wrong type, and for files that contain code of layers that
/// are not allowed, or need layers of plugins that are not there.
Model model_from_metadata(const nlohmann::ordered_json& metadata, const std::string& name, const Allowance& allow = {},
                          const Layers& layers = {});

}  // namespace kiln
