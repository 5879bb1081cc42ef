#include "layers/declare.h"
#include "layers/layer_table.h"

namespace kiln {

namespace {

enum Port { kPos, kEdgeIndex, kShift };
enum Output { kVectors, kLengths, kHarmonics };

HarmonicsNormalization normalization(const Config& config) {
  const std::string& name = config.text("normalization");
  if (name == "integral") return HarmonicsNormalization::integral;
  return name == "norm" ? HarmonicsNormalization::norm : HarmonicsNormalization::component;
}

void infer(InferContext& context) {
  context.expect(kPos, Meaning::positions);
  context.expect(kShift, Meaning::shift);
  const FieldType* edges = context.expect(kEdgeIndex, Meaning::edge_index);
  const int lmax = context.config.integer("lmax"), edge_set = edges == nullptr ? -1 : edges->edge_set;
  context.outputs[kVectors] = edge_field({{{1, {1, -1}}}}, edge_set, Meaning::edge_vectors);
  context.outputs[kLengths] = edge_field(scalars(1), edge_set, Meaning::edge_lengths);
  context.outputs[kHarmonics] = edge_field(spherical_harmonics_irreps(lmax), edge_set, Meaning::harmonics);
  context.outputs[kVectors].unit = context.outputs[kLengths].unit = "Å";
}

void lower(LowerContext& context) {
  const int edge_set = context.type(context.input(kEdgeIndex)).edge_set;
  const int vectors = context.edge_vectors[edge_set];
  FieldType lengths = edge_field(scalars(1), edge_set, Meaning::edge_lengths);
  lengths.unit = "Å";
  const Harmonics harmonics{context.config->integer("lmax"), normalization(*context.config)};
  context.outputs[kVectors] = vectors;
  context.outputs[kLengths] = context.add(EdgeLengths{}, {vectors}, lengths);
  context.outputs[kHarmonics] = context.add(
      harmonics, {vectors}, edge_field(spherical_harmonics_irreps(harmonics.lmax), edge_set, Meaning::harmonics));
}

LayerDeclaration declare() {
  LayerDeclaration layer;
  layer.name = "SphericalHarmonicEdgeAttrs";
  layer.category = Category::embedding;
  layer.doc = "Vectors, lengths and real spherical harmonics of the edges.";
  layer.formula =
      "edge_vec = pos[edge_index[1]] - pos[edge_index[0]] + shift\n"
      "edge_sh = Y_lm(edge_vec / |edge_vec|), l = 0 .. lmax, e3nn's order and signs\n"
      "source: Geiger and Smidt, arXiv:2207.09453 (e3nn)";
  layer.config = {in_range(with_default("lmax", ConfigType::integer, "1", "highest degree of the harmonics"), 0, 11),
                  one_of(with_default("normalization", ConfigType::text, "component",
                                      "sum over m of Y^2: 2l + 1, 1 / (4 pi) of that, 1"),
                         {"component", "integral", "norm"})};
  layer.inputs = {port("pos", "positions, Å"), port("edge_index", "the edges"),
                  optional_port("shift", "Cartesian shift of each edge, Å; zero where it is left out")};
  layer.outputs = {port("edge_vec", "from row 0 to row 1, Å"), port("edge_lengths", "Å"),
                   port("edge_sh", "1x0e + 1x1o + 1x2e + …")};
  layer.infer = infer;
  layer.lower = lower;
  return layer;
}

}  // namespace

const LayerDeclaration kSphericalHarmonicEdgeAttrs = declare();

}  // namespace kiln
