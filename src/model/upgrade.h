#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/safetensors.h"
#include "kiln/span.h"

namespace kiln {

/// A `.kiln` file taken apart: what an upgrade may change. metadata holds `format_version`.
struct ModelDocument {
  nlohmann::ordered_json metadata;
  std::map<std::string, Tensor> tensors;
};

/// Takes a document of version v to v + 1.
using Upgrade = ModelDocument (*)(ModelDocument old);

/// upgrades()[v - 1] takes v to v + 1: one for every version before kModelFormatVersion.
Span<const Upgrade> upgrades();

/// The document in the newest version, which is steps.size() + 1. Throws Error of kind data for a version that is newer
/// or not a version.
ModelDocument upgrade(ModelDocument document, Span<const Upgrade> steps, const std::string& name);

}  // namespace kiln
