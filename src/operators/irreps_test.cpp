#include "operators/irreps.h"

#include <gtest/gtest.h>

#include "operators/field.h"
#include "operators/operation.h"

namespace kiln {
namespace {

Irreps irreps(const std::string& text) {
  Irreps parsed;
  std::string reason;
  EXPECT_TRUE(parse_irreps(text, parsed, reason)) << reason;
  return parsed;
}

TEST(Irreps, TextBothWays) {
  EXPECT_EQ(to_string(irreps("32x0e+32x1o")), "32x0e + 32x1o");
  EXPECT_EQ(to_string(irreps(" 1o + 2 x 3e ")), "1x1o + 2x3e");
  EXPECT_TRUE(irreps("").blocks.empty());
  Irreps parsed;
  std::string reason;
  for (const char* wrong : {"4x", "x1o", "4x1", "4x1a", "4x-1o", "-4x1o", "4x1o +", "4x1o 2x0e", "1.5x0e"}) {
    EXPECT_FALSE(parse_irreps(wrong, parsed, reason)) << wrong;
    EXPECT_FALSE(reason.empty());
  }
}

TEST(Irreps, LayoutIsBlockAfterBlock) {
  const Irreps features = irreps("3x0e + 2x1o + 1x2e");
  EXPECT_EQ(features.dim(), 3 + 6 + 5);
  EXPECT_EQ(features.offset(0), 0);
  EXPECT_EQ(features.offset(1), 3);
  EXPECT_EQ(features.offset(2), 9);
  EXPECT_EQ(irreps("3x0e + 2x1o + 1x0e").count({0, 1}), 4);
  EXPECT_TRUE(irreps("3x0e + 1x0e").is_scalar());
  EXPECT_FALSE(irreps("3x0o").is_scalar());
}

TEST(Irreps, SimplifyMergesNeighborsAndNeverReorders) {
  EXPECT_EQ(to_string(simplify(irreps("3x0e + 5x0e + 0x1o + 2x0e + 1x1o + 1x0e"))), "10x0e + 1x1o + 1x0e");
}

TEST(Irreps, SortPutsOddBeforeEvenAndIsStable) {
  std::vector<int> permutation;
  const Irreps sorted = sort(irreps("1x1e + 2x0e + 3x1o + 4x0o + 5x0e"), &permutation);
  EXPECT_EQ(to_string(sorted), "4x0o + 2x0e + 5x0e + 3x1o + 1x1e");
  EXPECT_EQ(permutation, (std::vector<int>{3, 1, 4, 2, 0}));
}

TEST(Irreps, ProductsRunFromTheDifferenceToTheSum) {
  const std::vector<Irrep> products = product({1, -1}, {2, 1});
  ASSERT_EQ(products.size(), 3u);
  EXPECT_EQ(to_string(products[0]), "1o");
  EXPECT_EQ(to_string(products[2]), "3o");
  int dim = 0;
  for (Irrep irrep : products) dim += irrep.dim();
  EXPECT_EQ(dim, 3 * 5);  // the product space
}

TEST(Irreps, Harmonics) {
  EXPECT_EQ(to_string(spherical_harmonics_irreps(3)), "1x0e + 1x1o + 1x2e + 1x3o");
  EXPECT_EQ(spherical_harmonics_irreps(3).dim(), 16);
}

TEST(Field, Text) {
  FieldType type;
  type.irreps = irreps("32x0e + 32x1o");
  EXPECT_EQ(to_string(type), "atom 32x0e + 32x1o");
  type.level = Level::edge;
  type.meaning = Meaning::edge_lengths;
  type.edge_set = 0;
  type.irreps = scalars(1);
  type.unit = "Å";
  EXPECT_EQ(to_string(type), "edge 1x0e (edge_lengths) [Å]");
}

TEST(Operation, Names) {
  EXPECT_STREQ(name_of(Linear{}), "linear");
  EXPECT_STREQ(name_of(EdgeConvolution{}), "edge_convolution");
}

}  // namespace
}  // namespace kiln
