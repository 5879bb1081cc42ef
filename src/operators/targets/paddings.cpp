#include <algorithm>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

constexpr std::int64_t kMostPadding = std::int64_t{1} << 40;  ///< more than any memory holds

/// What a mode takes the padding from is inside of the tensor.
std::int64_t most_padding(std::int64_t n, const std::string& mode) {
  return mode == "reflect" ? n - 1 : mode == "circular" ? n : kMostPadding;
}

/// Padding below zero crops. torch leaves nothing where it only crops, or in circles; else something must be left.
std::int64_t least_size(const std::vector<std::int64_t>& padding, const std::string& mode) {
  const bool only_crops = std::all_of(padding.begin(), padding.end(), [](std::int64_t n) { return n <= 0; });
  return mode == "circular" || (mode == "constant" && only_crops) ? 0 : 1;
}

std::string fault_of_pads(const Size& size, std::int64_t before, std::int64_t behind, const std::string& mode,
                          std::int64_t least) {
  if (!size.known()) return "";
  const bool crops_anything = mode == "reflect" || mode == "replicate";  // and repeats what is left
  const bool inside =
      (crops_anything || std::min(before, behind) >= -size.n) && std::max(before, behind) <= most_padding(size.n, mode);
  const bool empty = mode == "replicate" && size.n == 0;
  return inside && !empty && size.n + before + behind >= least
             ? ""
             : "cannot pad a dimension of " + std::to_string(size.n) + " by " + std::to_string(before) + " and " +
                   std::to_string(behind) + " in mode '" + mode + "'";
}

/// "constant" for ConstantPad1d and ZeroPad2d.
std::string mode_of(const FittedCall& call) {
  if (find_argument(call, "mode").part != nullptr) return call.text("mode");
  const std::string& name = call.parts.back().signature.name;
  return name.find("Reflection") != std::string::npos    ? "reflect"
         : name.find("Replication") != std::string::npos ? "replicate"
                                                         : "constant";
}

/// Pairs of (before, behind), the last dimension first. Modes but "constant" want batch and channels, or channels
/// without a batch.
ShapeResult padded(const Shape& input, const std::vector<std::int64_t>& padding, const std::string& mode) {
  Shape shape = input;
  const int n = static_cast<int>(padding.size()) / 2;
  ShapeResult result;
  if (!shape.known) return result;
  if (shape.rank() < n) {
    result.fault = "takes tensors of more dimensions than " + to_string(shape);
    return result;
  }
  const bool batched = shape.rank() == n + 2, channels_only = shape.rank() == n + 1 && mode != "circular";
  if (mode != "constant" && !batched && !channels_only) {
    result.fault = "in mode '" + mode + "' takes tensors of " +
                   (mode == "circular" ? "" : std::to_string(n + 1) + " or ") + std::to_string(n + 2) +
                   " dimensions, not of shape " + to_string(shape);
    return result;
  }
  for (int k = 0; k < n; ++k) {
    Size& size = shape.sizes[shape.rank() - 1 - k];
    result.fault = fault_of_pads(size, padding[2 * k], padding[2 * k + 1], mode, least_size(padding, mode));
    if (!result.fault.empty()) return result;
    size = size.known() ? fixed_size(size.n + padding[2 * k] + padding[2 * k + 1]) : Size{};
  }
  return {{shape}, shape.rank() > n, ""};
}

ShapeResult padded_shape(const FittedCall& call) {
  return padded(call.input("input"), call.integers("padding"), mode_of(call));
}

void add_padding(const std::string& name, int n, const std::string& rest, const std::string& mode,
                 std::vector<TargetRow>& rows) {
  TargetRow row;
  row.signature =
      "torch.nn." + name + std::to_string(n) + "d(List" + std::to_string(2 * n) + "[int] padding" + rest + ")";
  row.forward = "forward(Tensor input) -> Tensor";
  row.expression = "torch.nn.functional.pad({input}, {padding}, " + mode + ")";
  row.shape = padded_shape;
  rows.push_back(row);
}

}  // namespace

std::string fault_of_padding_mode(const Shape& input, const std::vector<std::int64_t>& padding,
                                  const std::string& mode) {
  return padded(input, padding, mode).fault;
}

ShapeResult padded_function_shape(const FittedCall& call) {
  return padded(first_input(call), call.integers("pad"), mode_of(call));
}

void add_paddings(std::vector<TargetRow>& rows) {
  for (int n = 1; n <= 3; ++n) {
    add_padding("ConstantPad", n, ", float value", "'constant', {value}", rows);
    add_padding("ReflectionPad", n, "", "'reflect'", rows);
    add_padding("ReplicationPad", n, "", "'replicate'", rows);
  }
  add_padding("ZeroPad", 2, "", "'constant', 0.0", rows);
}

}  // namespace kiln
