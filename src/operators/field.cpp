#include "operators/field.h"

#include <iterator>

namespace kiln {

namespace {

/// In the order of Meaning.
constexpr const char* kMeanings[] = {
    "plain",     "species", "atomic_numbers", "one_hot_species", "positions", "edges",        "shift",
    "structure", "cell",    "edge_vectors",   "edge_lengths",    "harmonics", "radial_basis", "energy",
    "forces",    "virial",  "stress",         "atom_virials",    "tensors"};
static_assert(std::size(kMeanings) == static_cast<std::size_t>(Meaning::tensors) + 1, "a name for each meaning");

}  // namespace

std::string to_string(Level level) {
  switch (level) {
    case Level::system:
      return "system";
    case Level::atom:
      return "atom";
    case Level::edge:
      return "edge";
    case Level::free:
      return "free";
  }
  return "";
}

std::string to_string(Meaning meaning) { return kMeanings[static_cast<std::size_t>(meaning)]; }

bool is_derivative(Meaning meaning) {
  return meaning == Meaning::forces || meaning == Meaning::virial || meaning == Meaning::stress ||
         meaning == Meaning::atom_virials;
}

FieldType field_of_unknown_irreps(Level level) {
  FieldType type;
  type.level = level;
  type.in_doubt = true;
  return type;
}

bool has_unknown_irreps(const FieldType& type) {
  return type.in_doubt && type.level != Level::free && type.dtype == DType::real && type.irreps.blocks.empty();
}

Shape shape_of(const FieldType& type) {
  if (type.level == Level::free) return type.shape;
  if (type.meaning == Meaning::edge_index) return make_shape({fixed_size(2), symbolic_size(edge_rows(type.edge_set))});
  if (type.meaning == Meaning::cell) return make_shape({fixed_size(3), fixed_size(3)});
  const bool tensor =
      type.meaning == Meaning::virial || type.meaning == Meaning::stress || type.meaning == Meaning::atom_virials;
  const std::string rows = type.level == Level::system ? kStructureRows
                           : type.level == Level::atom ? kAtomRows
                                                       : edge_rows(type.edge_set);
  if (type.dtype == DType::integer) return make_shape({symbolic_size(rows)});
  if (tensor) return make_shape({symbolic_size(rows), fixed_size(3), fixed_size(3)});
  return make_shape({symbolic_size(rows), has_unknown_irreps(type) ? Size{} : fixed_size(type.irreps.dim())});
}

bool same_rows(const FieldType& a, const FieldType& b) {
  return a.level == b.level && a.dtype == b.dtype && a.edge_set == b.edge_set &&
         simplify(a.irreps) == simplify(b.irreps);
}

std::string to_string(const FieldType& type) {
  if (type.meaning == Meaning::tensors) return "several tensors";
  if (type.level == Level::free)
    return "tensor " + to_string(type.shape) + (type.dtype == DType::integer ? " integer" : "");
  std::string text = to_string(type.level);
  if (!type.irreps.blocks.empty()) {
    text += " " + to_string(type.irreps);
  } else if (type.dtype == DType::integer) {
    text += " integer";
  } else if (has_unknown_irreps(type)) {
    text += " of unknown irreps";
  }
  if (type.meaning != Meaning::plain) text += " (" + to_string(type.meaning) + ")";
  if (!type.unit.empty()) text += " [" + type.unit + "]";
  return text;
}

}  // namespace kiln
