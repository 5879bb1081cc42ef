#include "kernels/radial_network.h"
#include "layers/declare.h"
#include "layers/layer_table.h"
#include "layers/linear_paths.h"

namespace kiln {

namespace {

void infer(InferContext& context) {
  const Irreps* given = context.config.has("irreps_in_block") ? &context.config.irreps("irreps_in_block") : nullptr;
  context.outputs[0] = atom_field(scalars(1), Meaning::energy);
  context.outputs[0].unit = "eV";
  context.parameters = std::vector<std::string>{"linear.weight"};
  if (context.config.integer("hidden") > 0) context.parameters->push_back("hidden.weight");
  const FieldType* h = context.expect_real(0, Level::atom, given);
  if (h == nullptr || !context.agree("irreps_in_block", 0, h->irreps)) return;
  if (h->irreps.count({0, 1}) == 0) {
    context.error("no-scalars", context.input_where[0], "the input, " + to_string(h->irreps) + ", has no scalars (0e)");
  }
}

int map(LowerContext& context, int field, const Irreps& in, int n_out, const std::string& weight, FieldType type) {
  Linear op = linear(in, scalars(n_out));
  op.weight = context.weight(weight, {weight_size(op)});
  return context.add(op, {field}, std::move(type));
}

void lower(LowerContext& context) {
  const int hidden = context.config->integer("hidden");
  Irreps in = context.config->irreps("irreps_in_block");
  int field = context.input(0);
  if (hidden > 0) {
    field = map(context, field, in, hidden, "hidden.weight", atom_field(scalars(hidden)));
    field = context.add(Activation{kSiluConstant}, {field}, atom_field(scalars(hidden)));
    in = scalars(hidden);
  }
  FieldType energy = atom_field(scalars(1), Meaning::energy);
  energy.unit = "eV";
  context.outputs[0] = map(context, field, in, 1, "linear.weight", energy);
}

LayerDeclaration declare() {
  LayerDeclaration layer;
  layer.name = "ScalarReadout";
  layer.category = Category::readout;
  layer.doc = "One scalar per atom from the 0e features: linear, or linear, silu, linear.";
  layer.formula =
      "hidden 0: W h / sqrt(n)\n"
      "hidden k: W2 c silu(W1 h / sqrt(n)) / sqrt(k),  c = 1.6791767923989418 (e3nn)\n"
      "source: Batatia et al., arXiv:2206.07697";
  layer.config = {
      in_range(with_default("hidden", ConfigType::integer, "0", "width of the hidden layer; 0: none"), 0, 1000000),
      optional("irreps_in_block", ConfigType::irreps, "irreps of h; inferred where left out")};
  layer.inputs = {port("h", "features; only the 0e ones count")};
  layer.outputs = {port("h", "1x0e")};
  layer.parameters = {{"hidden.weight", "[n]", "[mul_in, hidden] per 0e block of h; only with a hidden layer"},
                      {"linear.weight", "[n]", "[mul_in] per 0e block of h, or [hidden]"}};
  layer.infer = infer;
  layer.lower = lower;
  return layer;
}

}  // namespace

const LayerDeclaration kScalarReadout = declare();

}  // namespace kiln
