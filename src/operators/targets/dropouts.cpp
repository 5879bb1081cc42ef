#include "operators/targets/target_table.h"

namespace kiln {

namespace {

struct Dropout {
  const char* function;
  const char* module;
  const char* operation;
  const char* training;  ///< default of the function
};

/// Whole channels are dropped of (N, C, …); Python's dropout1d takes (C, L), too.
constexpr Dropout kDropouts[] = {
    {"dropout", "Dropout", "dropout", "True"},
    {"alpha_dropout", "AlphaDropout", "alpha_dropout", "False"},
    {"dropout1d", "Dropout1d", "feature_dropout", "True"},
    {"dropout2d", "Dropout2d", "feature_dropout", "True"},
    {"dropout3d", "Dropout3d", "feature_dropout", "True"},
    {"feature_alpha_dropout", "FeatureAlphaDropout", "feature_alpha_dropout", "False"},
};

bool is_of(const char* dimensions, const FittedCall& call) {
  return call.parts.back().signature.name.find("ropout" + std::string(dimensions)) != std::string::npos;
}

std::string training_of(const FittedCall& call) {
  return find_argument(call, "training").part == nullptr ? "$training" : call.written("training");
}

std::string dropped_features(const FittedCall& call, const std::string& changed) {
  return "torch.feature_dropout(" + call.written("input") + changed + ", " + call.written("p") + ", " +
         training_of(call) + ")";
}

/// Tensors without a batch get one for the call: (C, L) of dropout1d, and whatever is no (N, C, D, H, W) of dropout3d.
std::string feature_text(const FittedCall& call) {
  const std::string batch = dropped_features(call, ""),
                    single = dropped_features(call, ".unsqueeze(0)") + ".squeeze(0)";
  if (is_of("3d", call)) return single_or_batch(call, 5, batch, single);
  if (!is_of("1d", call)) return batch;
  const bool seen_later = !first_input(call).known;  // dropout1d takes nothing but (C, L) and (N, C, L)
  return single_or_batch(call, 2, single, seen_later ? dropped_features(call, ".permute([0, 1, 2])") : batch);
}

/// torch tells one sample from a batch by the number of dimensions.
ShapeResult rows_or_channels(const FittedCall& call) {
  ShapeResult result = same_as_first(call);
  const Shape& shape = result.shapes[0];
  if (shape.known && shape.rank() != 2 && shape.rank() != 3)
    result.fault = "takes tensors of two or three dimensions, not of shape " + to_string(shape);
  return result;
}

}  // namespace

void add_dropouts(std::vector<TargetRow>& rows) {
  for (const Dropout& dropout : kDropouts) {
    const std::string operation = dropout.operation;
    TargetRow row;
    row.shape = std::string(dropout.function) == "dropout1d" ? rows_or_channels : same_as_first;
    row.random = true;
    row.signature = std::string("torch.nn.functional.") + dropout.function +
                    "(Tensor input, float p=0.5, bool training=" + dropout.training + ", bool inplace=False) -> Tensor";
    row.expression = "torch." + operation + "({input}, {p}, {training})";
    if (operation == "feature_dropout") row.write = feature_text;
    rows.push_back(row);
    row.signature = std::string("torch.nn.") + dropout.module + "(float p=0.5, bool inplace=False)";
    row.forward = "forward(Tensor input) -> Tensor";
    row.expression = "torch." + operation + "({input}, {p}, $training)";
    rows.push_back(row);
  }
}

}  // namespace kiln
