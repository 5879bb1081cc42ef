#include "operators/field.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

/// First, last and those whose names differ from the enumerators'.
TEST(Field, MeaningsHaveNames) {
  EXPECT_EQ(to_string(Meaning::plain), "plain");
  EXPECT_EQ(to_string(Meaning::one_hot_species), "one_hot_species");
  EXPECT_EQ(to_string(Meaning::edge_index), "edges");
  EXPECT_EQ(to_string(Meaning::harmonics), "harmonics");
  EXPECT_EQ(to_string(Meaning::energy), "energy");
  EXPECT_EQ(to_string(Meaning::atom_virials), "atom_virials");
  EXPECT_EQ(to_string(Meaning::tensors), "tensors");
}

}  // namespace
}  // namespace kiln
