#include "layers/layer_table.h"

#include <gtest/gtest.h>

#include "graph/layer_table_text.h"

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
    EXPECT_FALSE(layer.formula.empty()) << layer.name;
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
  EXPECT_EQ(json.find("layers")->items[0].find("name")->text, "AtomwiseLinear");
  const std::string one = describe_layer(kRadialBasisEdgeEncoding);
  EXPECT_NE(one.find("r_max"), std::string::npos);
  EXPECT_NE(one.find("deprecated name: edge_length"), std::string::npos);
}

}  // namespace
}  // namespace kiln
