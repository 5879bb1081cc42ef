#pragma once

#include <string>

#include "base/safetensors.h"
#include "model/model.h"

namespace kiln {

/// The `.kiln` format (docs/architecture.md): safetensors with one metadata string `kiln` (JSON), tensors
/// `<layer>.<parameter>` in the model's precision, `basis/<layer>.<parameter>` (float64), `selftest/<n>/…` (float64).
/// A checkpoint is the same file with more in it: tensors under `optimizer/`, `random/` and `trainer/` and the metadata
/// string `trainer`. These are the trainer's business; whoever reads the model leaves them alone.

/// What write_model writes, before it is sealed. Weights are rounded to the model's precision and the self-test's
/// values are computed from the rounded ones; a model without self-test structures gets self_test_structures().
/// Throws Error of kind internal if the weights do not fit the graph.
TensorFile model_to_tensors(const Model& model, const ModelHost& host = {});

/// The inverse. Checks version (older ones are upgraded, newer ones refused), graph, names, shapes and precision of the
/// weights and the stored bases (to 1e-12). Does not run the self-test. Throws Error of kind data.
/// @param name  of the file, for messages
Model model_from_tensors(const TensorFile& file, const std::string& name, const ModelHost& host = {});

/// The weights of a `.kiln` file by `<layer>.<parameter>`, for other graphs than its own: checksum, version and
/// upgrades as for every reader; of its graph and code nothing is looked at. Throws Error of kind data.
std::map<std::string, Tensor> model_weights(const std::string& bytes, const std::string& name);

/// Bytes of the file, with the checksum as first entry of the metadata string `kiln`: the SHA-256 of the whole file
/// with the checksum's own 64 digits replaced by `0`.
std::string seal(const TensorFile& file);

/// Verifies the checksum before anything is parsed. Throws Error of kind data: not such a file, truncated, damaged.
TensorFile open_sealed(const std::string& bytes, const std::string& name);

}  // namespace kiln
