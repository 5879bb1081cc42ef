#include "operators/field.h"

namespace kiln {

std::string to_string(Level level) {
  switch (level) {
    case Level::system:
      return "system";
    case Level::atom:
      return "atom";
    case Level::edge:
      return "edge";
  }
  return "";
}

std::string to_string(Meaning meaning) {
  switch (meaning) {
    case Meaning::plain:
      return "plain";
    case Meaning::species:
      return "species";
    case Meaning::atomic_numbers:
      return "atomic_numbers";
    case Meaning::one_hot_species:
      return "one_hot_species";
    case Meaning::positions:
      return "positions";
    case Meaning::edge_index:
      return "edges";
    case Meaning::shift:
      return "shift";
    case Meaning::structure:
      return "structure";
    case Meaning::cell:
      return "cell";
    case Meaning::edge_vectors:
      return "edge_vectors";
    case Meaning::edge_lengths:
      return "edge_lengths";
    case Meaning::harmonics:
      return "harmonics";
    case Meaning::radial_basis:
      return "radial_basis";
    case Meaning::energy:
      return "energy";
    case Meaning::forces:
      return "forces";
    case Meaning::virial:
      return "virial";
    case Meaning::stress:
      return "stress";
    case Meaning::atom_virials:
      return "atom_virials";
  }
  return "";
}

std::string to_string(const FieldType& type) {
  std::string text = to_string(type.level);
  if (!type.irreps.blocks.empty()) {
    text += " " + to_string(type.irreps);
  } else if (type.dtype == DType::integer) {
    text += " integer";
  }
  if (type.meaning != Meaning::plain) text += " (" + to_string(type.meaning) + ")";
  if (!type.unit.empty()) text += " [" + type.unit + "]";
  return text;
}

}  // namespace kiln
