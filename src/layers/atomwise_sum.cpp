#include "layers/declare.h"
#include "layers/field_list.h"
#include "layers/layer_table.h"

namespace kiln {

namespace {

enum Port { kSource, kIndex };

FieldType sum_of(FieldType type) {
  type.level = Level::system;
  return type;
}

void infer(InferContext& context) {
  context.expect(kIndex, Meaning::structure);
  context.outputs[0] = sum_of(infer_sum(context, kSource));
}

void lower(LowerContext& context) {
  std::vector<int> operands = {context.add_up(context.inputs[kSource])};
  if (context.input(kIndex) >= 0) operands.push_back(context.input(kIndex));
  const FieldType type = sum_of(context.type(operands[0]));
  context.outputs[0] = context.add(SumAtoms{}, operands, type);
}

LayerDeclaration declare() {
  LayerDeclaration layer;
  layer.name = "AtomwiseSum";
  layer.synonyms = {"KIMAPISumIndex", "AtomwiseSumIndex"};
  layer.category = Category::readout;
  layer.doc = "Sum over the owned atoms of each structure; ghosts do not count.";
  layer.formula =
      "h[b, c] = sum over owned atoms i of structure b of src[i, c]\n"
      "source: Behler and Parrinello, Phys. Rev. Lett. 98, 146401 (2007), eq. 1";
  layer.inputs = {list_port("src", "one field of the atoms, or several of the same irreps, which are added"),
                  optional_port("index", "structure of each atom; one structure where it is left out")};
  layer.outputs = {port("h", "one row per structure")};
  layer.infer = infer;
  layer.lower = lower;
  return layer;
}

}  // namespace

const LayerDeclaration kAtomwiseSum = declare();

}  // namespace kiln
