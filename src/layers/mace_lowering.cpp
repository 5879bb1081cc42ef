#include <algorithm>
#include <cmath>

#include "kernels/symmetric_basis.h"
#include "layers/declare.h"
#include "layers/linear_paths.h"
#include "layers/mace_layer.h"

namespace kiln::mace {

namespace {

bool is_natural(Irrep irrep) { return irrep.parity == (irrep.l % 2 == 0 ? 1 : -1); }

/// The radial network is [n_basis, 64, 64, 64, n_radial].
constexpr int kHidden = 64, kHiddenLayers = 3;

/// A: K copies of 0e, 1o, …, lmax.
Irreps atomic_basis(int channels, int lmax) {
  Irreps irreps = spherical_harmonics_irreps(lmax);
  for (IrrepBlock& block : irreps.blocks) block.mul = channels;
  return irreps;
}

std::string network_weight(int layer) {
  return "interaction.conv_tp_weights.layer" + std::to_string(layer) + ".weight";
}

std::string contraction_weight(int out, int degree) {
  return "product.contraction" + std::to_string(out) + ".nu" + std::to_string(degree);
}

constexpr const char* kLinearUp = "interaction.linear_up.weight";
constexpr const char* kLinearDown = "interaction.linear.weight";
constexpr const char* kProductLinear = "product.linear.weight";
constexpr const char* kSelfConnection = "interaction.skip_tp.weight";

/// Weights of the radial network and its widths.
void declare_network(LowerContext& context, int n_basis, int n_radial, std::vector<int>& widths,
                     std::vector<std::string>& weights) {
  widths = {n_basis};
  widths.insert(widths.end(), kHiddenLayers, kHidden);
  widths.push_back(n_radial);
  for (std::size_t layer = 0; layer + 1 < widths.size(); ++layer) {
    weights.push_back(context.weight(network_weight(static_cast<int>(layer)), {widths[layer], widths[layer + 1]}));
  }
}

/// A radial basis is absorbed, so that the whole function of the length can be tabulated.
int lower_radial(LowerContext& context, int n_radial) {
  const int feats = context.input(kEdgeFeats);
  const FieldType type = edge_field(scalars(n_radial), context.type(context.input(kEdgeIndex)).edge_set);
  const Operation* producer = context.producer(feats);
  if (producer != nullptr && std::holds_alternative<RadialBasis>(producer->op)) {
    const int lengths = producer->inputs[0];
    RadialFunctions functions;
    functions.basis = std::get<RadialBasis>(producer->op);
    functions.n_knots = context.config->radial("radial").n_knots;
    declare_network(context, functions.basis.n_basis, n_radial, functions.widths, functions.weights);
    return context.add(std::move(functions), {lengths}, type);
  }
  Network network;
  declare_network(context, context.type(feats).irreps.dim(), n_radial, network.widths, network.weights);
  return context.add(std::move(network), {feats}, type);
}

int lower_linear(LowerContext& context, int field, const Irreps& in, const Irreps& out, const std::string& name) {
  Linear op = linear(in, out);
  op.weight = context.weight(name, {weight_size(op)});
  return context.add(op, {field}, atom_field(out));
}

int lower_messages(LowerContext& context, int sender) {
  const Config& config = *context.config;
  EdgeConvolution op = message_product(config.irreps("input_block"), config.integer("lmax"));
  op.edge_set = context.type(context.input(kEdgeIndex)).edge_set;
  for (ConvolutionPath& path : op.paths) path.coefficient /= config.real("avg_num_neighbors");
  const int harmonics = context.add(Harmonics{op.lmax, HarmonicsNormalization::component}, {context.input(kVectors)},
                                    edge_field(spherical_harmonics_irreps(op.lmax), op.edge_set, Meaning::harmonics));
  const int radial = lower_radial(context, op.n_radial);
  return context.add(op, {sender, harmonics, radial}, atom_field(op.out));
}

/// Weights product.contraction{k}.nu{n} of one hidden irrep, "" where there is no path.
std::vector<std::string> contraction_weights(LowerContext& context, const SymmetricContraction& op, int out) {
  std::vector<std::string> names;
  for (int degree = 1; degree <= op.correlation; ++degree) {
    const Irrep irrep = op.out[out];
    const int n_paths = n_symmetric_paths(op.lmax, irrep.l, irrep.parity, degree);
    names.emplace_back();
    if (n_paths == 0) continue;
    ParameterSpec spec;
    spec.name = contraction_weight(out, degree);
    spec.shape = {op.n_attributes, n_paths, op.channels};
    spec.init = ParameterSpec::Init::contraction;
    spec.paths = {op.lmax, irrep, degree};
    names.back() = context.parameter(std::move(spec));
  }
  return names;
}

int lower_products(LowerContext& context, int basis, const Irreps& hidden) {
  SymmetricContraction op;
  op.lmax = context.config->integer("lmax");
  op.correlation = context.config->integer("correlation");
  op.channels = channels_of(hidden);
  op.n_attributes = context.type(context.input(kNodeAttrs)).irreps.dim();
  for (const IrrepBlock& block : hidden.blocks) op.out.push_back(block.irrep);
  for (int out = 0; out < static_cast<int>(op.out.size()); ++out) {
    op.weights.push_back(contraction_weights(context, op, out));
  }
  return context.add(op, {basis, context.input(kNodeAttrs)}, atom_field(hidden));
}

int lower_self_connection(LowerContext& context, const Irreps& hidden) {
  const int n_attributes = context.type(context.input(kNodeAttrs)).irreps.dim();
  Linear op = linear_with_attributes(context.config->irreps("input_block"), n_attributes, hidden);
  if (op.paths.empty()) return -1;
  op.weight = context.weight(kSelfConnection, {weight_size(op)});
  return context.add(op, {context.input(kNodeFeats), context.input(kNodeAttrs)}, atom_field(hidden));
}

}  // namespace

EdgeConvolution message_product(const Irreps& node_feats, int lmax) {
  struct Slot {
    int mul;
    Irrep irrep;
    int path;
  };
  EdgeConvolution op;
  op.sender = node_feats;
  op.lmax = lmax;
  std::vector<Slot> slots;
  for (int i = 0; i < static_cast<int>(node_feats.blocks.size()); ++i) {
    const IrrepBlock& block = node_feats.blocks[i];
    for (int l = 0; l <= lmax && block.mul > 0; ++l) {
      for (Irrep irrep : product(block.irrep, {l, l % 2 == 0 ? 1 : -1})) {
        if (!is_natural(irrep) || irrep.l > lmax) continue;
        slots.push_back({block.mul, irrep, static_cast<int>(op.paths.size())});
        ConvolutionPath path;
        path.in_block = i;
        path.l_edge = l;
        path.irrep = irrep;
        path.mul = block.mul;
        path.radial_offset = op.n_radial;
        path.coefficient = std::sqrt(2.0 * irrep.l + 1.0) * (l % 2 == 0 ? 1.0 : -1.0);
        op.n_radial += block.mul;
        op.paths.push_back(path);
      }
    }
  }
  std::stable_sort(slots.begin(), slots.end(), [](const Slot& a, const Slot& b) { return a.irrep < b.irrep; });
  for (const Slot& slot : slots) {
    if (op.out.blocks.empty() || !(op.out.blocks.back().irrep == slot.irrep)) op.out.blocks.push_back({0, slot.irrep});
    op.paths[slot.path].out_block = static_cast<int>(op.out.blocks.size()) - 1;
    op.paths[slot.path].out_channel = op.out.blocks.back().mul;
    op.out.blocks.back().mul += slot.mul;
  }
  return op;
}

Irreps message_irreps(const Irreps& node_feats, int lmax) { return message_product(node_feats, lmax).out; }

std::vector<std::string> parameter_names(const Config& config) {
  std::vector<std::string> names = {kLinearUp, kLinearDown, kProductLinear};
  for (int layer = 0; layer <= kHiddenLayers; ++layer) names.push_back(network_weight(layer));
  if (config.boolean("use_sc")) names.push_back(kSelfConnection);
  const Irreps hidden = simplify(config.irreps("hidden_irreps_block"));
  for (int out = 0; out < static_cast<int>(hidden.blocks.size()); ++out) {
    const Irrep irrep = hidden.blocks[static_cast<std::size_t>(out)].irrep;
    for (int degree = 1; degree <= config.integer("correlation"); ++degree)
      if (n_symmetric_paths(config.integer("lmax"), irrep.l, irrep.parity, degree) > 0)
        names.push_back(contraction_weight(out, degree));
  }
  return names;
}

void lower(LowerContext& context) {
  const Config& config = *context.config;
  const Irreps& nodes = config.irreps("input_block");
  const Irreps hidden = simplify(config.irreps("hidden_irreps_block"));
  const Irreps atomic = atomic_basis(channels_of(hidden), config.integer("lmax"));
  const int up = lower_linear(context, context.input(kNodeFeats), nodes, nodes, kLinearUp);
  const int messages = lower_messages(context, up);
  const int basis = lower_linear(context, messages, message_irreps(nodes, config.integer("lmax")), atomic, kLinearDown);
  const int products = lower_products(context, basis, hidden);
  int out = lower_linear(context, products, hidden, hidden, kProductLinear);
  const int self = config.boolean("use_sc") ? lower_self_connection(context, hidden) : -1;
  if (self >= 0) out = context.add_up({out, self});
  context.outputs[0] = out;
}

}  // namespace kiln::mace
