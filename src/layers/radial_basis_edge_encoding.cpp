#include <set>

#include "graph/layer_faults.h"
#include "layers/declare.h"
#include "layers/layer_table.h"

namespace kiln {

namespace {

constexpr double kPi = 3.14159265358979323846;

/// KLay hands these mappings to the two functions, but writes the layer's own keys over theirs.
struct Arguments {
  const char* key;
  std::set<std::string> overwritten;
};

void check_arguments(const InferContext& context, const Arguments& arguments) {
  if (!context.config.given(arguments.key)) return;
  const LayerFaults faults{context.layer, context.klay, *context.faults};
  for (const auto& [name, value] : context.config.node(arguments.key).entries) {
    const std::string what = "'" + name.text + "' in '" + arguments.key + "' ";
    if (arguments.overwritten.count(name.text) == 0)
      faults.error("bad-config-value", name.where, what + "is no argument", "leave it out");
    else
      faults.ignored("no-effect", name.where, what + "has no effect",
                     "the layer's own keys say it: r_max, num_radial_basis, polynomial_degree, radial_basis_trainable");
  }
}

void infer(InferContext& context) {
  check_arguments(context, {"basis_kwargs", {"r_max", "num_basis", "trainable"}});
  check_arguments(context, {"cutoff_kwargs", {"r_max", "p"}});
  const FieldType* lengths = context.expect(0, Meaning::edge_lengths);
  const int n = context.config.integer("num_radial_basis"), edge_set = lengths == nullptr ? -1 : lengths->edge_set;
  context.outputs[0] = edge_field(scalars(n), edge_set, Meaning::radial_basis);
}

/// Frequencies start at n pi.
std::string frequencies(LowerContext& context, const RadialBasis& basis) {
  ParameterSpec spec;
  spec.name = "basis.bessel_weights";
  spec.shape = {basis.n_basis};
  spec.init = ParameterSpec::Init::given;
  spec.trainable = basis.trainable;
  for (int n = 1; n <= basis.n_basis; ++n) spec.initial.push_back(n * kPi);
  return context.parameter(std::move(spec));
}

void lower(LowerContext& context) {
  const Config& config = *context.config;
  RadialBasis basis;
  basis.cutoff = config.real("r_max");
  basis.n_basis = config.integer("num_radial_basis");
  basis.degree = config.real("polynomial_degree");
  basis.trainable = config.boolean("radial_basis_trainable");
  basis.frequencies = frequencies(context, basis);
  const int edge_set = context.type(context.input(0)).edge_set;
  context.outputs[0] =
      context.add(basis, {context.input(0)}, edge_field(scalars(basis.n_basis), edge_set, Meaning::radial_basis));
}

LayerDeclaration declare() {
  LayerDeclaration layer;
  layer.name = "RadialBasisEdgeEncoding";
  layer.category = Category::embedding;
  layer.doc = "Bessel functions of the edge lengths times a polynomial cutoff.";
  layer.formula =
      "B_n(r) = (2 / r_max) sin(w_n r / r_max) / r,  w_n initially n pi\n"
      "f(r) = 1 - (p+1)(p+2)/2 u^p + p(p+2) u^(p+1) - p(p+1)/2 u^(p+2),  u = r / r_max, p = polynomial_degree\n"
      "source: Gasteiger et al., arXiv:2003.03123, eqs. 7 and 8";
  layer.config = {
      cutoff_of_edges(in_range(required("r_max", ConfigType::real, "cutoff radius, Å"), 1e-6, 1000)),
      in_range(with_default("num_radial_basis", ConfigType::integer, "8", "number of Bessel functions"), 1, 1000),
      in_range(with_default("polynomial_degree", ConfigType::real, "6", "p of the cutoff, may be fractional"), 2, 1000),
      with_default("radial_basis_trainable", ConfigType::boolean, "true", "the frequencies w_n are trained"),
      one_of(with_default("basis", ConfigType::text, "BesselBasis", "the radial basis"), {"BesselBasis"}),
      one_of(with_default("cutoff", ConfigType::text, "PolynomialCutoff", "the cutoff function"), {"PolynomialCutoff"}),
      optional("basis_kwargs", ConfigType::mapping, "KLay's arguments of the radial basis: empty"),
      optional("cutoff_kwargs", ConfigType::mapping, "KLay's arguments of the cutoff: empty")};
  layer.inputs = {port("edge_lengths", "Å")};
  layer.inputs[0].synonyms = {"edge_length"};
  layer.outputs = {port("edge_length_embedded", "num_radial_basis x 0e")};
  layer.parameters = {{"basis.bessel_weights", "[num_radial_basis]", "frequencies w_n"}};
  layer.infer = infer;
  layer.lower = lower;
  return layer;
}

}  // namespace

const LayerDeclaration kRadialBasisEdgeEncoding = declare();

}  // namespace kiln
