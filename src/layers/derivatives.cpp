#include "layers/declare.h"
#include "layers/layer_table.h"

namespace kiln {

namespace {

FieldType derivative(Meaning meaning) {
  FieldType type;
  type.meaning = meaning;
  const bool per_atom = meaning == Meaning::forces || meaning == Meaning::atom_virials;
  type.level = per_atom ? Level::atom : Level::system;
  if (meaning == Meaning::forces) type.irreps = {{{1, {1, -1}}}};
  type.unit = meaning == Meaning::forces ? "eV/Å" : meaning == Meaning::stress ? "eV/Å^3" : "eV";
  return type;
}

constexpr Meaning kMeanings[] = {Meaning::forces, Meaning::virial, Meaning::stress, Meaning::atom_virials};

void infer(InferContext& context) {
  context.expect(1, Meaning::positions);
  const FieldType* energy = context.input(0);
  const bool is_scalar = energy->level != Level::edge && energy->dtype == DType::real && energy->irreps == scalars(1);
  const bool in_doubt = energy->in_doubt && (energy->level == Level::free || has_unknown_irreps(*energy));
  if (!is_scalar && !energy->at_fault && !in_doubt) {
    context.error("wrong-input", context.input_where[0], "differentiates one scalar, not " + to_string(*energy));
  }
  for (std::size_t i = 0; i < context.outputs.size(); ++i) context.outputs[i] = derivative(kMeanings[i]);
}

/// No operation: the engines differentiate the energy. The fields stand for the results.
void lower(LowerContext& context) {
  for (std::size_t i = 0; i < context.outputs.size(); ++i) {
    context.graph->fields.push_back(derivative(kMeanings[i]));
    context.outputs[i] = static_cast<int>(context.graph->fields.size()) - 1;
  }
}

LayerDeclaration declare_derivatives() {
  LayerDeclaration layer;
  layer.name = "Derivatives";
  layer.category = Category::autograd;
  layer.doc = "Forces, virial, stress and per-atom virials: derivatives of the energy.";
  layer.formula =
      "forces = -dE/dr,  virial = -dE/d(strain),  stress = -virial / volume\n"
      "atom_virials: half of -r_ij ⊗ dE/dr_ij at either end of each edge\n"
      "source: Knuth et al., Comput. Phys. Commun. 190, 33 (2015); per atom Thompson et al., J. Chem. Phys. 131, "
      "154107 (2009)";
  layer.config = {one_of(with_default("of", ConfigType::text, "energy", "what is differentiated"), {"energy"})};
  layer.inputs = {port("energy", "1x0e of each structure, or of each atom (then their sum counts)"),
                  optional_port("pos", "positions, Å")};
  layer.outputs = {port("forces", "eV/Å"), port("virial", "3x3, eV"), port("stress", "3x3, eV/Å^3, needs a cell"),
                   port("atom_virials", "3x3 per atom, eV")};
  layer.infer = infer;
  layer.lower = lower;
  return layer;
}

LayerDeclaration declare_autograd_forces() {
  LayerDeclaration layer = declare_derivatives();
  layer.name = "AutogradForces";
  layer.doc = "Forces: minus the derivative of the energy by the positions (KLay's name for Derivatives).";
  layer.formula =
      "forces = -dE/dr\n"
      "source: Knuth et al., Comput. Phys. Commun. 190, 33 (2015); per atom Thompson et al., J. Chem. Phys. 131, "
      "154107 (2009)";
  layer.config.clear();
  layer.inputs = {port("energy", "1x0e of each structure, or of each atom"), port("pos", "positions, Å")};
  layer.outputs = {port("forces", "eV/Å")};
  return layer;
}

}  // namespace

const LayerDeclaration kDerivatives = declare_derivatives();
const LayerDeclaration kAutogradForces = declare_autograd_forces();

}  // namespace kiln
