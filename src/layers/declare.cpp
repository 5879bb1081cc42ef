#include "layers/declare.h"

#include "base/source_text.h"

namespace kiln {

namespace {

ConfigEntry entry(std::string name, ConfigType type, std::string doc) {
  ConfigEntry made;
  made.name = std::move(name);
  made.type = type;
  made.doc = std::move(doc);
  return made;
}

}  // namespace

ConfigEntry required(std::string name, ConfigType type, std::string doc) {
  ConfigEntry made = entry(std::move(name), type, std::move(doc));
  made.required = true;
  return made;
}

ConfigEntry optional(std::string name, ConfigType type, std::string doc) {
  return entry(std::move(name), type, std::move(doc));
}

ConfigEntry with_default(std::string name, ConfigType type, std::string value, std::string doc) {
  ConfigEntry made = entry(std::move(name), type, std::move(doc));
  made.default_value = std::move(value);
  return made;
}

ConfigEntry in_range(ConfigEntry entry, double minimum, double maximum) {
  entry.minimum = minimum;
  entry.maximum = maximum;
  return entry;
}

ConfigEntry one_of(ConfigEntry entry, std::vector<std::string> allowed) {
  entry.allowed = std::move(allowed);
  return entry;
}

ConfigEntry cutoff_of_edges(ConfigEntry entry) {
  entry.is_cutoff = true;
  return entry;
}

PortDeclaration port(std::string name, std::string doc) {
  PortDeclaration made;
  made.name = std::move(name);
  made.doc = std::move(doc);
  return made;
}

PortDeclaration optional_port(std::string name, std::string doc) {
  PortDeclaration made = port(std::move(name), std::move(doc));
  made.optional = true;
  return made;
}

PortDeclaration list_port(std::string name, std::string doc) {
  PortDeclaration made = port(std::move(name), std::move(doc));
  made.list = true;
  return made;
}

FieldType atom_field(Irreps irreps, Meaning meaning) {
  FieldType type;
  type.irreps = std::move(irreps);
  type.meaning = meaning;
  return type;
}

FieldType edge_field(Irreps irreps, int edge_set, Meaning meaning) {
  FieldType type = atom_field(std::move(irreps), meaning);
  type.level = Level::edge;
  type.edge_set = edge_set;
  return type;
}

bool expect_species(const InferContext& context, int port, int n, Meaning meaning) {
  FieldType* type = context.input(port);
  if (context.expect(port, meaning) == nullptr) return true;
  if (type->n_species == 0) {
    type->n_species = n;
    type->species_reader = "layer '" + context.layer + "' (" + place(context.input_where[port]) + ")";
  }
  if (type->n_species == n) return true;
  context.error("species-count", context.input_where[port],
                "has " + std::to_string(n) + " species, but " +
                    (type->species_reader.empty() ? "another layer" : type->species_reader) +
                    " reads the same input as " + std::to_string(type->n_species),
                "a graph has one set of species: give all layers the same number");
  return false;
}

}  // namespace kiln
