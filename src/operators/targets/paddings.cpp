#include "operators/targets/target_table.h"

namespace kiln {

namespace {

/// Pairs of (before, behind), the last dimension first.
ShapeResult padded_shape(const FittedCall& call) {
  Shape shape = call.input("input");
  const std::vector<std::int64_t> padding = call.integers("padding");
  const int n = static_cast<int>(padding.size()) / 2;
  ShapeResult result;
  if (!shape.known) return result;
  if (shape.rank() < n) {
    result.fault = "takes tensors of more dimensions than " + to_string(shape);
    return result;
  }
  for (int k = 0; k < n; ++k) {
    Size& size = shape.sizes[shape.rank() - 1 - k];
    size = size.known() ? fixed_size(size.n + padding[2 * k] + padding[2 * k + 1]) : Size{};
  }
  return {{shape}, shape.rank() > n, ""};
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

void add_paddings(std::vector<TargetRow>& rows) {
  for (int n = 1; n <= 3; ++n) {
    add_padding("ConstantPad", n, ", float value", "'constant', {value}", rows);
    add_padding("ReflectionPad", n, "", "'reflect'", rows);
    add_padding("ReplicationPad", n, "", "'replicate'", rows);
  }
  add_padding("ZeroPad", 2, "", "'constant', 0.0", rows);
}

}  // namespace kiln
