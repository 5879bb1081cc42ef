#include "kiln/plugin.h"
#include "layers/declare.h"

namespace {

void infer(kiln::InferContext& context) {
  if (const kiln::FieldType* r = context.expect_real(0, kiln::Level::edge)) context.outputs[0] = *r;
}

void lower(kiln::LowerContext& context) {
  kiln::RowFunction op;
  op.name = "square";
  op.expression = "$0 * $0";
  context.outputs[0] = context.add(op, {context.input(0)}, context.output_types[0]);
}

kiln::LayerDeclaration declare() {
  kiln::LayerDeclaration layer;
  layer.name = "SquaredLengths";
  layer.category = kiln::Category::embedding;
  layer.doc = "Squares of edge lengths.";
  layer.formula = "r^2";
  layer.inputs = {kiln::port("r", "edge lengths")};
  layer.outputs = {kiln::port("r", "their squares")};
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
