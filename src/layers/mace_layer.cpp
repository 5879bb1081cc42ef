#include "layers/mace_layer.h"

#include <cmath>

#include "kernels/symmetric_basis.h"
#include "layers/declare.h"
#include "layers/layer_table.h"

namespace kiln {

namespace {

using namespace mace;

/// Couplings grow as (lmax + 1)^(2 correlation); beyond this, building them takes minutes and more.
constexpr double kMaxCoupling = 4e6;

bool check_size(const InferContext& context) {
  const int lmax = context.config.integer("lmax"), correlation = context.config.integer("correlation");
  if (std::pow(lmax + 1, 2 * correlation) <= kMaxCoupling) return true;
  context.error("too-large", context.config.where("correlation"),
                "products of " + std::to_string(correlation) + " features with l <= " + std::to_string(lmax) +
                    " have too many couplings",
                "lower 'lmax' or 'correlation'; 3 and 3 are common");
  return false;
}

/// Blocks of the hidden irreps, each irrep once, all with the same multiplicity K. `countable`: so are the products.
bool check_hidden(const InferContext& context, bool countable) {
  const SourcePos where = context.config.where("hidden_irreps_block");
  const Irreps hidden = simplify(context.config.irreps("hidden_irreps_block"));
  if (hidden.blocks.empty()) {
    context.error("bad-config-value", where, "'hidden_irreps_block' is empty");
    return false;
  }
  bool good = true;
  const auto error = [&](const char* code, const std::string& what, const std::string& hint = {}) {
    context.error(code, where, "'hidden_irreps_block' " + what, hint);
    good = false;
  };
  const int channels = channels_of(hidden), lmax = context.config.integer("lmax");
  for (const IrrepBlock& block : hidden.blocks) {
    const std::string name = to_string(block.irrep);
    if (hidden.count(block.irrep) != block.mul) {
      return error("bad-config-value", "has " + name + " twice"), false;
    }
    if (block.mul != channels) {
      error("unequal-multiplicities",
            "has " + std::to_string(block.mul) + " copies of " + name + ", but " + std::to_string(channels) + " of " +
                to_string(hidden.count({0, 1}) > 0 ? Irrep{0, 1} : hidden.blocks[0].irrep),
            "all irreps of a MACE layer have the same multiplicity");
    }
    if (block.irrep.l > lmax) {
      error("hidden-above-lmax", "has " + name + ", but lmax is " + std::to_string(lmax), "raise 'lmax'");
    } else if (countable && !is_reachable(block.irrep, lmax, context.config.integer("correlation"))) {
      error("unreachable-irrep",
            "has " + name + ", which products of up to " + std::to_string(context.config.integer("correlation")) +
                " features with l <= " + std::to_string(lmax) + " cannot give",
            "raise 'correlation' or 'lmax', or remove it");
    }
  }
  return good;
}

/// All edge inputs must belong to the edges of edge_index.
void check_edges(const InferContext& context, const FieldType* edges) {
  for (int port : {kVectors, kEdgeFeats}) {
    const FieldType* type = context.input(port);
    if (edges == nullptr || type->edge_set < 0 || type->edge_set == edges->edge_set) continue;
    context.error("another-edge-set", context.input_where[port],
                  "inputs '" + context.input_names[port] + "' and 'edge_index' belong to different edges",
                  "wire all edge inputs from one geometry");
  }
}

void check_radial(const InferContext& context, const FieldType* feats) {
  if (feats == nullptr) return;
  context.agree("num_radial_basis", kEdgeFeats, feats->irreps.dim());
  if (!feats->irreps.is_scalar()) {
    context.error("no-scalars", context.input_where[kEdgeFeats],
                  "input 'edge_feats' takes scalars (0e), not " + to_string(feats->irreps));
  }
  if (context.config.radial("radial").n_knots > 0 && feats->meaning != Meaning::radial_basis) {
    context.error("not-tabulated", context.config.where("radial"),
                  "only functions of the edge length can be tabulated: 'edge_feats' must come from a "
                  "RadialBasisEdgeEncoding",
                  "write 'radial: exact'");
  }
}

void check_attributes(const InferContext& context, const FieldType* attributes) {
  if (attributes == nullptr) return;
  if (!attributes->irreps.is_scalar()) {
    context.error("no-scalars", context.input_where[kNodeAttrs],
                  "input 'node_attrs' takes scalars (0e), not " + to_string(attributes->irreps));
    return;
  }
  context.agree("num_elements", kNodeAttrs, attributes->irreps.dim());
  context.agree("node_attr_block", kNodeAttrs, attributes->irreps);
}

void check_messages(const InferContext& context, const FieldType* nodes) {
  if (nodes == nullptr || !context.agree("input_block", kNodeFeats, nodes->irreps)) return;
  if (!message_irreps(nodes->irreps, context.config.integer("lmax")).blocks.empty()) return;
  context.error("no-messages", context.input_where[kNodeFeats],
                "no product of " + to_string(nodes->irreps) + " with harmonics up to lmax gives one of 0e, 1o, 2e, …");
}

const Irreps* given(const InferContext& context, const char* key) {
  return context.config.has(key) ? &context.config.irreps(key) : nullptr;
}

void infer(InferContext& context) {
  const bool countable = check_size(context);
  if (check_hidden(context, countable)) {
    context.outputs[0] = atom_field(simplify(context.config.irreps("hidden_irreps_block")));
    if (countable) context.parameters = parameter_names(context.config);
  }
  const FieldType* edges = context.expect(kEdgeIndex, Meaning::edge_index);
  context.expect(kVectors, Meaning::edge_vectors);
  check_radial(context, context.expect_real(kEdgeFeats, Level::edge));
  check_edges(context, edges);
  check_messages(context, context.expect_real(kNodeFeats, Level::atom, given(context, "input_block")));
  check_attributes(context, context.expect_real(kNodeAttrs, Level::atom, given(context, "node_attr_block")));
}

LayerDeclaration declare() {
  LayerDeclaration layer;
  layer.name = "MACE_layer";
  layer.category = Category::convolution;
  layer.doc = "MACE interaction and product: messages over edges, then products of up to `correlation` features.";
  layer.formula =
      "A_i = Linear( sum_{e to i} TP(Linear(h)_j, Y(vectors_e); MLP[64, 64, 64](edge_feats_e)) ) / avg_num_neighbors\n"
      "B_i = sum_{nu <= correlation} sum_k W^{nu}_{z_i, k} P^{nu}_k(A_i)   (symmetrized basis)\n"
      "h'_i = Linear(B_i) + TP(h_i, node_attrs_i)\n"
      "source: Batatia et al., arXiv:2206.07697";
  layer.config = {
      in_range(required("lmax", ConfigType::integer, "highest degree of harmonics and of the features A"), 0, 11),
      in_range(required("correlation", ConfigType::integer, "highest degree of the products (body order - 1)"), 1, 4),
      in_range(optional("num_elements", ConfigType::integer, "width of node_attrs; inferred"), 1),
      required("hidden_irreps_block", ConfigType::irreps, "output irreps, all of the same multiplicity K"),
      optional("input_block", ConfigType::irreps, "irreps of node_feats; inferred"),
      in_range(optional("num_radial_basis", ConfigType::integer, "width of edge_feats; inferred"), 1),
      optional("node_attr_block", ConfigType::irreps, "irreps of node_attrs; inferred"),
      in_range(with_default("avg_num_neighbors", ConfigType::real, "1.0", "messages are divided by it"), 1e-12, 1e12),
      with_default("use_sc", ConfigType::boolean, "true", "add the self-connection TP(h, node_attrs)"),
      with_default("radial", ConfigType::radial, "exact", "radial functions: exact or {tabulated: {knots: 128}}")};
  layer.inputs = {port("vectors", "edge vectors, Å"), port("node_feats", "features h"),
                  port("node_attrs", "one-hot species, or other scalars"), port("edge_feats", "radial basis"),
                  port("edge_index", "the edges; row 1 receives")};
  layer.inputs[kNodeFeats].sender = true;
  layer.outputs = {port("node_feats", "hidden_irreps_block")};
  layer.receiver_row = 1;
  layer.parameters = {
      {"interaction.linear_up.weight", "[n]", "linear map of node_feats, as AtomwiseLinear"},
      {"interaction.conv_tp_weights.layer{k}.weight", "[n_in, n_out]", "radial network, k = 0 .. 3"},
      {"interaction.linear.weight", "[n]", "linear map of the messages to A"},
      {"product.contraction{k}.nu{nu}", "[num_elements, n_paths, K]",
       "hidden irrep k, products of nu features; absent where there is no path"},
      {"product.linear.weight", "[n]", "linear map of B"},
      {"interaction.skip_tp.weight", "[n]", "blocks [mul_in, num_elements, mul_out]; absent without self-connection"}};
  layer.infer = infer;
  layer.lower = mace::lower;
  return layer;
}

}  // namespace

namespace mace {

int channels_of(const Irreps& hidden) {
  const int scalar = hidden.count({0, 1});
  return scalar > 0 ? scalar : hidden.blocks[0].mul;
}

bool is_reachable(Irrep irrep, int lmax, int correlation) {
  for (int degree = 1; degree <= correlation; ++degree) {
    if (n_symmetric_paths(lmax, irrep.l, irrep.parity, degree) > 0) return true;
  }
  return false;
}

}  // namespace mace

const LayerDeclaration kMaceLayer = declare();

}  // namespace kiln
