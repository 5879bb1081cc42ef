#pragma once

#include <string>
#include <vector>

#include "graph/infer_context.h"
#include "graph/layer_declaration.h"
#include "graph/lower_context.h"

namespace kiln {

/// Short forms for the tables of config keys and ports in the declarations.
ConfigEntry required(std::string name, ConfigType type, std::string doc);
ConfigEntry optional(std::string name, ConfigType type, std::string doc);  ///< inferred where it is left out
ConfigEntry with_default(std::string name, ConfigType type, std::string value, std::string doc);
ConfigEntry in_range(ConfigEntry entry, double minimum, double maximum = std::numeric_limits<double>::infinity());
ConfigEntry one_of(ConfigEntry entry, std::vector<std::string> allowed);
ConfigEntry cutoff_of_edges(ConfigEntry entry);

PortDeclaration port(std::string name, std::string doc);
PortDeclaration optional_port(std::string name, std::string doc);
PortDeclaration list_port(std::string name, std::string doc);

/// Real fields with irreps.
FieldType atom_field(Irreps irreps, Meaning meaning = Meaning::plain);
FieldType edge_field(Irreps irreps, int edge_set, Meaning meaning = Meaning::plain);

/// The species (or atomic numbers) at a port, of which there are `n`. Two numbers for the same input are an error:
/// false, since either may be right.
bool expect_species(const InferContext& context, int port, int n, Meaning meaning = Meaning::species);

}  // namespace kiln
