#include <cmath>

#include "operators/targets/target_table.h"

namespace kiln {

namespace {

std::vector<CallParameter> linear_parameters(const FittedCall& call) {
  const std::int64_t in = call.integer("in_features"), out = call.integer("out_features");
  std::vector<CallParameter> parameters = {uniform_parameter("weight", {out, in}, kaiming_bound(in))};
  if (call.boolean("bias")) parameters.push_back(uniform_parameter("bias", {out}, inverse_root(in)));
  return parameters;
}

ShapeResult linear_shape(const FittedCall& call) {
  const Shape shape = first_with_last_size(call);
  const Size out = fixed_size(call.integer("out_features"));
  ShapeResult result = columns_checked(shape, call.integer("in_features"));
  if (!shape.known) result.shapes = {shape_ending_in(out)};
  if (shape.known && result.fault.empty()) result.shapes[0].sizes.back() = out;
  return result;
}

std::vector<CallParameter> bilinear_parameters(const FittedCall& call) {
  const std::int64_t in = call.integer("in1_features"), out = call.integer("out_features");
  const double bound = inverse_root(in);
  std::vector<CallParameter> parameters = {uniform_parameter("weight", {out, in, call.integer("in2_features")}, bound)};
  if (call.boolean("bias")) parameters.push_back(uniform_parameter("bias", {out}, bound));
  return parameters;
}

ShapeResult bilinear_module_shape(const FittedCall& call) {
  std::vector<Size> sizes;
  for (const char* name : {"out_features", "in1_features", "in2_features"})
    sizes.push_back(fixed_size(call.integer(name)));
  return bilinear_shape(call.input("input1"), call.input("input2"), make_shape(std::move(sizes)));
}

}  // namespace

void add_linear(std::vector<TargetRow>& rows) {
  TargetRow row;
  row.signature = "torch.nn.Identity(*args, **kwargs)";
  row.forward = "forward(Tensor input) -> Tensor";
  row.expression = "{input}";
  row.shape = same_as_first;
  rows.push_back(row);
  row.signature = "torch.nn.Linear(int in_features, int out_features, bool bias=True)";
  row.expression = "torch.nn.functional.linear({input}, $weight, $bias)";
  row.shape = linear_shape;
  row.parameters = linear_parameters;
  rows.push_back(row);
  row.signature = "torch.nn.Bilinear(int in1_features, int in2_features, int out_features, bool bias=True)";
  row.forward = "forward(Tensor input1, Tensor input2) -> Tensor";
  row.expression = "torch.bilinear({input1}, {input2}, $weight, $bias)";
  row.shape = bilinear_module_shape;
  row.parameters = bilinear_parameters;
  rows.push_back(row);
}

}  // namespace kiln
