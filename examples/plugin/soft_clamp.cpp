#include <cmath>

#include "kiln/plugin.h"
#include "layers/declare.h"

// The layer SoftClamp: y = c tanh(x / c). It bends numbers beyond ±c back and leaves small ones alone.

namespace {

using kiln::Span;

/// dy/dc is not asked for: weights are trained on the torch engine, which differentiates the expression.
void forward(const kiln::RowArguments& x, Span<double> y) {
  const double c = x.weights[0][0];
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = c * std::tanh(x.inputs[0][i] / c);
}

/// dy/dx = 1 - tanh(x / c)^2
void reverse(const kiln::RowArguments& x, Span<const double> y_bar, Span<const Span<double>> inputs_bar) {
  const double c = x.weights[0][0];
  for (std::size_t i = 0; i < y_bar.size(); ++i) {
    const double t = std::tanh(x.inputs[0][i] / c);
    inputs_bar[0][i] += y_bar[i] * (1.0 - t * t);
  }
}

/// Only scalars may be clamped one by one: the components of a vector would not rotate with the structure.
void infer(kiln::InferContext& context) {
  const kiln::FieldType* h = context.expect_real(0, kiln::Level::atom);
  if (h == nullptr) return;
  if (!h->irreps.is_scalar())
    context.error("no-scalars", context.input_where[0], "takes scalars (0e), not " + to_string(h->irreps));
  context.outputs[0] = kiln::atom_field(h->irreps);
}

void lower(kiln::LowerContext& context) {
  kiln::ParameterSpec limit;
  limit.name = "limit";
  limit.shape = {1};
  limit.init = kiln::ParameterSpec::Init::constant;
  limit.value = context.config->real("limit");
  kiln::RowFunction op;
  op.name = "soft_clamp";
  op.expression = "$limit * torch.tanh($0 / $limit)";
  op.weights = {{"limit", context.parameter(limit)}};
  op.forward = forward;
  op.reverse = reverse;
  context.outputs[0] = context.add(op, {context.input(0)}, context.output_types[0]);
}

kiln::LayerDeclaration declare() {
  kiln::LayerDeclaration layer;
  layer.name = "SoftClamp";
  layer.category = kiln::Category::readout;
  layer.doc = "Bends scalars that are large back to a limit, which is trained.";
  layer.formula = "c tanh(h / c)";
  layer.config = {kiln::in_range(
      kiln::with_default("limit", kiln::ConfigType::real, "1.0", "initial c, in the unit of h"), 1e-6, 1e6)};
  layer.inputs = {kiln::port("h", "scalars")};
  layer.outputs = {kiln::port("h", "as the input")};
  layer.parameters = {{"limit", "[1]", "c"}};
  layer.infer = infer;
  layer.lower = lower;
  return layer;
}

}  // namespace

KILN_PLUGIN_EXPORT const kiln::Plugin* kiln_plugin_v1() {
  static const kiln::LayerDeclaration soft_clamp = declare();
  static const kiln::LayerDeclaration* const layers[] = {&soft_clamp};
  static const kiln::Plugin plugin = kiln::make_plugin(layers);
  return &plugin;
}
