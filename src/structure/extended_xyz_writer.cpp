#include <algorithm>
#include <cmath>

#include "base/elements.h"
#include "base/numbers.h"
#include "structure/comment_line.h"
#include "structure/extended_xyz.h"

namespace kiln {
namespace {

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorKind::data, "cannot-write-frame", what); }

std::string number_text(double value) {
  if (!std::isfinite(value)) {
    throw Error(ErrorKind::numerical, "not-finite", "a number that is not finite cannot be written to an XYZ file");
  }
  return shortest_text(value);
}

void require_sizes(const Frame& frame) {
  const std::size_t n = frame.structure.atomic_numbers.size();
  if (frame.structure.positions.size() != n) fail("positions and atomic numbers have different sizes");
  for (const auto& [name, property] : frame.properties) {
    const std::size_t n_values = property.type == 'S' ? property.texts.size() : property.numbers.size();
    if (n_values != n * static_cast<std::size_t>(property.n_columns)) fail("property '" + name + "' has a wrong size");
  }
}

std::string properties_text(const Frame& frame) {
  std::string text = "species:S:1:pos:R:3";
  for (const auto& [name, property] : frame.properties) {
    if (name.empty() || name.find_first_of(": \t\n") != std::string::npos) fail("'" + name + "' is no property name");
    text += ":" + name + ":" + property.type + ":" + std::to_string(property.n_columns);
  }
  return text;
}

std::string comment_text(const Frame& frame) {
  std::string line;
  const auto& cell = frame.structure.cell;
  if (std::any_of(cell.begin(), cell.end(), [](double x) { return x != 0.0; })) {
    std::string lattice;
    for (double x : cell) lattice += (lattice.empty() ? "" : " ") + number_text(x);
    line += "Lattice=\"" + lattice + "\" ";
  }
  line += "Properties=" + properties_text(frame);
  for (const auto& [key, value] : frame.info) line += " " + comment_entry_text(key, value);
  std::string periodic;
  for (bool axis : frame.structure.periodic) periodic += std::string(periodic.empty() ? "" : " ") + (axis ? "T" : "F");
  return line + " pbc=\"" + periodic + "\"";
}

std::string value_text(const AtomProperty& property, std::size_t k) {
  switch (property.type) {
    case 'S':
      if (property.texts[k].empty() || property.texts[k].find_first_of(" \t\r\n") != std::string::npos) {
        fail("'" + property.texts[k] + "' cannot stand in a column of texts");
      }
      return property.texts[k];
    case 'L':
      return property.numbers[k] != 0.0 ? "T" : "F";
    case 'I':
      return std::to_string(static_cast<long long>(property.numbers[k]));
    default:
      return number_text(property.numbers[k]);
  }
}

std::string atom_text(const Frame& frame, std::size_t i) {
  std::string line = element_symbol(frame.structure.atomic_numbers[i]);
  for (double x : frame.structure.positions[i]) line += " " + number_text(x);
  for (const auto& entry : frame.properties) {
    const auto n = static_cast<std::size_t>(entry.second.n_columns);
    for (std::size_t k = i * n; k < (i + 1) * n; ++k) line += " " + value_text(entry.second, k);
  }
  return line;
}

}  // namespace

void write_extended_xyz(std::ostream& out, const Frame& frame) {
  require_sizes(frame);
  out << std::to_string(frame.structure.n_atoms()) << '\n' << comment_text(frame) << '\n';
  for (std::size_t i = 0; i < frame.structure.atomic_numbers.size(); ++i) out << atom_text(frame, i) << '\n';
}

}  // namespace kiln
