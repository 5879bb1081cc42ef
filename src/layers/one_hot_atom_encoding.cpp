#include "layers/declare.h"
#include "layers/layer_table.h"

namespace kiln {

namespace {

/// Not by its name alone: then the readers say what it holds.
bool holds_atomic_numbers(const FieldType& type) {
  return type.meaning == Meaning::atomic_numbers && !type.guessed_role && type.role_reader.empty();
}

void infer(InferContext& context) {
  const int n = context.config.integer("num_elems");
  bool n_is_certain = true;
  if (context.config.boolean("input_is_atomic_number")) {
    n_is_certain = expect_species(context, 0, n, Meaning::atomic_numbers);
  } else if (holds_atomic_numbers(*context.input(0))) {
    context.error("wrong-input", context.input_where[0], "input 'x' holds atomic numbers",
                  "set 'input_is_atomic_number: true'");
  } else {
    n_is_certain = expect_species(context, 0, n);
  }
  if (!n_is_certain) return;
  context.outputs[0] = atom_field(scalars(n), Meaning::one_hot_species);
  context.outputs[0].n_species = n;
}

void lower(LowerContext& context) {
  const int n = context.config->integer("num_elems");
  const int first = context.config->boolean("input_is_atomic_number") ? 1 : 0;
  FieldType type = atom_field(scalars(n), Meaning::one_hot_species);
  type.n_species = n;
  context.outputs[0] = context.add(OneHot{n, first}, {context.input(0)}, type);
}

LayerDeclaration declare() {
  LayerDeclaration layer;
  layer.name = "OneHotAtomEncoding";
  layer.category = Category::embedding;
  layer.doc = "Species as rows of zeros with a one at the species' place.";
  layer.formula =
      "one_hot[i, s] = 1 if x[i] = s, else 0\n"
      "source: KLay";
  layer.config = {in_range(required("num_elems", ConfigType::integer, "number of species"), 1, 1000),
                  with_default("input_is_atomic_number", ConfigType::boolean, "false",
                               "x holds atomic numbers 1 .. num_elems instead of species 0 .. num_elems - 1")};
  layer.inputs = {port("x", "species of each atom")};
  layer.outputs = {port("one_hot", "num_elems x 0e")};
  layer.infer = infer;
  layer.lower = lower;
  return layer;
}

}  // namespace

const LayerDeclaration kOneHotAtomEncoding = declare();

}  // namespace kiln
