#include "layers/layer_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "graph/layer_table_text.h"
#include "layers/check_declaration.h"
#include "layers/testing_graphs.h"

namespace kiln {
namespace {

TEST(LayerTable, IsSortedAndComplete) {
  const LayerTable table = layer_table();
  for (int i = 0; i < table.size; ++i) {
    const LayerDeclaration& layer = *table.begin[i];
    if (i > 0) {
      EXPECT_LT(table.begin[i - 1]->name, layer.name);
    }
    EXPECT_NE(layer.infer, nullptr) << layer.name;
    EXPECT_NE(layer.lower, nullptr) << layer.name;
    EXPECT_FALSE(layer.doc.empty()) << layer.name;
    EXPECT_NE(layer.formula.find("\nsource: "), std::string::npos) << layer.name;
    Diagnostics faults;
    check_declaration(layer, "", {}, faults);
    for (const Diagnostic& fault : faults.list) ADD_FAILURE() << fault.what;
    for (const ConfigEntry& entry : layer.config) EXPECT_FALSE(entry.doc.empty()) << layer.name << "." << entry.name;
    EXPECT_EQ(table.find(layer.name), &layer);
  }
  EXPECT_EQ(table.find("KIMAPISumIndex"), &kAtomwiseSum);
  EXPECT_EQ(table.find("Nope"), nullptr);
}

TEST(LayerTable, TextAndJson) {
  const std::string text = describe_layers(layer_table());
  EXPECT_NE(text.find("MACE_layer"), std::string::npos);
  EXPECT_NE(text.find("AtomwiseSum (KIMAPISumIndex, AtomwiseSumIndex)"), std::string::npos);
  const Yaml json = parse_json_tree(describe_layers_json(layer_table()));
  ASSERT_EQ(json.find("layers")->items.size(), static_cast<std::size_t>(layer_table().size));
  EXPECT_EQ(json.find("layers")->items[0].find("name")->text, "ArbitraryModule");
  EXPECT_EQ(json.find("layers")->items[1].find("name")->text, "AtomwiseLinear");
  const std::string one = describe_layer(kRadialBasisEdgeEncoding);
  EXPECT_NE(one.find("r_max"), std::string::npos);
  EXPECT_NE(one.find("deprecated name: edge_length"), std::string::npos);
  EXPECT_NE(one.find("basis.bessel_weights  [num_radial_basis]"), std::string::npos) << one;
  EXPECT_NE(describe_layer(kAtomwiseSum).find("parameters: none"), std::string::npos);
  const Yaml& linear = json.find("layers")->items[1].find("parameters")->items.at(0);
  EXPECT_EQ(linear.find("name")->text, "linear.weight");
  EXPECT_EQ(linear.find("shape")->text, "[n]");
}

/// Model files, checkpoints and importers know weights by these names.
TEST(LayerTable, ParameterNamesAreFrozen) {
  std::string names;
  const LayerTable table = layer_table();
  for (int i = 0; i < table.size; ++i) {
    for (const ParameterDeclaration& p : table.begin[i]->parameters) {
      names += table.begin[i]->name + "." + p.name + " " + p.shape + "\n";
      EXPECT_FALSE(p.doc.empty()) << p.name;
    }
  }
  EXPECT_EQ(names,
            "AtomwiseLinear.linear.weight [n]\n"
            "MACE_layer.interaction.linear_up.weight [n]\n"
            "MACE_layer.interaction.conv_tp_weights.layer{k}.weight [n_in, n_out]\n"
            "MACE_layer.interaction.linear.weight [n]\n"
            "MACE_layer.product.contraction{k}.nu{nu} [num_elements, n_paths, K]\n"
            "MACE_layer.product.linear.weight [n]\n"
            "MACE_layer.interaction.skip_tp.weight [n]\n"
            "PerSpeciesEnergy.energies [n_species]\n"
            "RadialBasisEdgeEncoding.basis.bessel_weights [num_radial_basis]\n"
            "ScalarReadout.hidden.weight [n]\n"
            "ScalarReadout.linear.weight [n]\n"
            "ScaleShift.scale [1]\n"
            "ScaleShift.shift [1]\n");
}

/// Every layer that has weights.
LoweredGraph representative_graph() {
  using testing::with;
  return testing::lowered(with(with(testing::kOneLayer, "readout: {type: ScalarReadout, inputs: {h: conv}}",
                                    "readout: {type: ScalarReadout, config: {hidden: 4}, inputs: {h: conv}}\n"
                                    "  scaled: {type: ScaleShift, inputs: {h: readout}}\n"
                                    "  base: {type: PerSpeciesEnergy, config: {energies: [1, 2]}, inputs: {species: "
                                    "species}}"),
                               "src: readout", "src: [scaled, base]"));
}

/// linear.weight of shape [n] -> "linear.weight, 1"; numbers in names are {}.
std::string pattern(const std::string& name, std::size_t n_dimensions) {
  return std::regex_replace(name, std::regex("[0-9]+|\\{[a-z]+\\}"), "{}") + ", " + std::to_string(n_dimensions);
}

TEST(LayerTable, ParametersAreThoseThatLoweringDeclares) {
  std::set<std::string> declared, lowered;
  const LayerTable table = layer_table();
  for (int i = 0; i < table.size; ++i) {
    for (const ParameterDeclaration& p : table.begin[i]->parameters) {
      declared.insert(pattern(p.name, 1 + std::count(p.shape.begin(), p.shape.end(), ',')));
    }
  }
  for (const ParameterSpec& p : representative_graph().parameters) {
    lowered.insert(pattern(p.name.substr(p.name.find('.') + 1), p.shape.size()));
  }
  EXPECT_EQ(lowered, declared);
}

}  // namespace
}  // namespace kiln
