#include "kiln/plugin.h"
#include "layers/declare.h"

// Another SoftClamp than the example's: what it is given, it gives.

#ifndef KEY
#define KEY "limit"
#endif

namespace {

void infer(kiln::InferContext& context) {
  if (const kiln::FieldType* h = context.expect_real(0, kiln::Level::atom)) context.outputs[0] = *h;
}

void lower(kiln::LowerContext& context) {
  kiln::ParameterSpec limit;
  limit.name = "limit";
  limit.shape = {1};
  kiln::Affine op;
  op.scale = op.shift = context.parameter(limit);
  context.outputs[0] = context.add(op, {context.input(0)}, context.output_types[0]);
}

kiln::LayerDeclaration declare() {
  kiln::LayerDeclaration layer;
  layer.name = "SoftClamp";
  layer.config = {kiln::with_default(KEY, kiln::ConfigType::real, "1.0", "not read")};
  layer.inputs = {kiln::port("h", "scalars")};
  layer.outputs = {kiln::port("h", "as the input")};
  layer.parameters = {{"limit", "[1]", "scale and shift"}};
  layer.infer = infer;
  layer.lower = lower;
  return layer;
}

}  // namespace

KILN_PLUGIN_EXPORT const kiln::Plugin* kiln_plugin_v1() {
  static const kiln::LayerDeclaration layer = declare();
  static const kiln::LayerDeclaration* const layers[] = {&layer};
  static const kiln::Plugin plugin = kiln::make_plugin(layers);
  return &plugin;
}
