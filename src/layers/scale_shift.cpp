#include "layers/declare.h"
#include "layers/field_list.h"
#include "layers/layer_table.h"

namespace kiln {

namespace {

void infer(InferContext& context) {
  context.outputs[0] = infer_sum(context, 0);
  const Irreps irreps = context.outputs[0].irreps;
  if (irreps.is_scalar()) return;
  context.error("no-scalars", context.input_where[0], "takes scalars (0e), not " + to_string(irreps));
  context.outputs[0] = field_of_unknown_irreps(Level::atom);
}

std::string number(LowerContext& context, const std::string& name) {
  ParameterSpec spec;
  spec.name = name;
  spec.shape = {1};
  spec.init = ParameterSpec::Init::constant;
  spec.value = context.config->real(name);
  spec.trainable = context.config->boolean("trainable");
  return context.parameter(std::move(spec));
}

void lower(LowerContext& context) {
  const int sum = context.add_up(context.inputs[0]);
  const Affine op{number(context, "scale"), number(context, "shift")};
  context.outputs[0] = context.add(op, {sum}, context.type(sum));
}

LayerDeclaration declare() {
  LayerDeclaration layer;
  layer.name = "ScaleShift";
  layer.category = Category::readout;
  layer.doc = "Scales and shifts scalars; training sets scale and shift from the data beforehand.";
  layer.formula =
      "scale (sum of h) + shift\n"
      "source: Batzner et al., arXiv:2101.03164";
  layer.config = {with_default("scale", ConfigType::real, "1.0", "factor"),
                  with_default("shift", ConfigType::real, "0.0", "added to each atom, eV"),
                  with_default("trainable", ConfigType::boolean, "false", "the optimizer changes scale and shift too")};
  layer.inputs = {list_port("h", "scalars; several fields are added")};
  layer.outputs = {port("h", "as the input")};
  layer.parameters = {{"scale", "[1]", "factor"}, {"shift", "[1]", "added to each atom, eV"}};
  layer.infer = infer;
  layer.lower = lower;
  return layer;
}

}  // namespace

const LayerDeclaration kScaleShift = declare();

}  // namespace kiln
