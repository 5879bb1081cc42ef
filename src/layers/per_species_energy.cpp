#include "layers/declare.h"
#include "layers/layer_table.h"

namespace kiln {

namespace {

void infer(InferContext& context) {
  const int n = static_cast<int>(context.config.node("energies").items.size());
  if (n == 0) context.error("bad-config-value", context.config.where("energies"), "'energies' is empty");
  if (n > 0) expect_species(context, 0, n);
  context.outputs[0] = atom_field(scalars(1), Meaning::energy);
  context.outputs[0].unit = "eV";
}

void lower(LowerContext& context) {
  ParameterSpec spec;
  spec.name = "energies";
  spec.init = ParameterSpec::Init::given;
  spec.trainable = context.config->boolean("trainable");
  for (const Yaml& item : context.config->node("energies").items) spec.initial.push_back(item.real_value);
  const int n = static_cast<int>(spec.initial.size());
  spec.shape = {n};
  FieldType energy = atom_field(scalars(1), Meaning::energy);
  energy.unit = "eV";
  context.outputs[0] = context.add(SpeciesTable{n, context.parameter(std::move(spec))}, {context.input(0)}, energy);
}

LayerDeclaration declare() {
  LayerDeclaration layer;
  layer.name = "PerSpeciesEnergy";
  layer.category = Category::readout;
  layer.doc = "A constant energy per species; training fits it to the data beforehand.";
  layer.formula =
      "h[i] = energies[species[i]]\n"
      "source: Batatia et al., arXiv:2206.07697 (energies of isolated atoms)";
  layer.config = {required("energies", ConfigType::list, "energy of each species, eV"),
                  with_default("trainable", ConfigType::boolean, "false", "the optimizer changes the energies too")};
  layer.inputs = {port("species", "species of each atom")};
  layer.outputs = {port("h", "1x0e, eV")};
  layer.parameters = {{"energies", "[n_species]", "eV"}};
  layer.infer = infer;
  layer.lower = lower;
  return layer;
}

}  // namespace

const LayerDeclaration kPerSpeciesEnergy = declare();

}  // namespace kiln
