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

/// Tensors without a batch get one for the call.
int rank_of_a_single(const FittedCall& call) {
  const std::string name = call.parts.back().signature.name;
  return name.find("ropout1d") != std::string::npos ? 2 : name.find("ropout3d") != std::string::npos ? 4 : 0;
}

std::string dropout_text(const FittedCall& call, const std::string& operation, const std::string& training) {
  const Shape shape = first_input(call);
  const bool single = shape.known && shape.rank() > 0 && shape.rank() == rank_of_a_single(call);
  const std::string input = call.written("input") + (single ? ".unsqueeze(0)" : "");
  return "torch." + operation + "(" + input + ", " + call.written("p") + ", " + training + ")" +
         (single ? ".squeeze(0)" : "");
}

std::string training_of(const FittedCall& call) {
  return find_argument(call, "training").part == nullptr ? "$training" : call.written("training");
}

std::string feature_text(const FittedCall& call) { return dropout_text(call, "feature_dropout", training_of(call)); }

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
