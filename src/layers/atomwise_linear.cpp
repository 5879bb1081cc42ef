#include "layers/declare.h"
#include "layers/layer_table.h"
#include "layers/linear_paths.h"

namespace kiln {

namespace {

void warn_zero_blocks(const InferContext& context, const Irreps& in, const Irreps& out) {
  for (const IrrepBlock& block : out.blocks) {
    if (block.mul == 0 || in.count(block.irrep) > 0) continue;
    context.warning("zero-block", context.config.where("irreps_out_block"),
                    "the output block " + to_string(Irreps{{block}}) + " is always zero: the input, " + to_string(in) +
                        ", has no " + to_string(block.irrep));
  }
}

void infer(InferContext& context) {
  const Irreps* given = context.config.has("irreps_in_block") ? &context.config.irreps("irreps_in_block") : nullptr;
  const Irreps out = context.config.irreps("irreps_out_block");
  context.outputs[0] = atom_field(out);
  const FieldType* h = context.expect_real(0, Level::atom, given);
  if (h != nullptr && context.agree("irreps_in_block", 0, h->irreps)) warn_zero_blocks(context, h->irreps, out);
}

void lower(LowerContext& context) {
  const Config& config = *context.config;
  Linear op = linear(config.irreps("irreps_in_block"), config.irreps("irreps_out_block"));
  op.weight = context.weight("linear.weight", {weight_size(op)});
  context.outputs[0] = context.add(op, {context.input(0)}, atom_field(op.out));
}

LayerDeclaration declare() {
  LayerDeclaration layer;
  layer.name = "AtomwiseLinear";
  layer.category = Category::linear;
  layer.doc = "Equivariant linear map of each atom's features (e3nn's o3.Linear, no bias).";
  layer.formula =
      "y_{w m} = 1 / sqrt(copies of the irrep in h) sum_u W_{u w} h_{u m}, per irrep\n"
      "source: Geiger and Smidt, arXiv:2207.09453 (e3nn, o3.Linear)";
  layer.config = {optional("irreps_in_block", ConfigType::irreps, "irreps of h; inferred where left out"),
                  required("irreps_out_block", ConfigType::irreps, "irreps of the output")};
  layer.inputs = {port("h", "features")};
  layer.outputs = {port("h", "irreps_out_block")};
  layer.parameters = {{"linear.weight", "[n]", "blocks [mul_in, mul_out], input blocks outside, output blocks inside"}};
  layer.infer = infer;
  layer.lower = lower;
  return layer;
}

}  // namespace

const LayerDeclaration kAtomwiseLinear = declare();

}  // namespace kiln
