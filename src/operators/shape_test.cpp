#include "operators/shape.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(Shape, TextBothWays) {
  EXPECT_EQ(to_string(shape_from_words({"N", "16"})), "(N, 16)");
  EXPECT_EQ(to_string(shape_from_words({"3"})), "(3,)");
  EXPECT_EQ(to_string(shape_from_words({})), "()");
  EXPECT_EQ(to_string(make_shape({Size{}, fixed_size(2)})), "(?, 2)");
  EXPECT_EQ(to_string(unknown_shape()), "(…)");
  EXPECT_EQ(to_string(shape_ending_in(fixed_size(8))), "(…, 8)");
}

TEST(Shape, WhatTwoHaveInCommon) {
  const auto common = [](const Shape& a, const Shape& b) { return to_string(common_shape(a, b)); };
  EXPECT_EQ(common(shape_from_words({"N", "16"}), shape_from_words({"N", "8"})), "(N, ?)");
  EXPECT_EQ(common(shape_from_words({"N", "3", "16"}), shape_from_words({"N", "16"})), "(…, 16)");
  EXPECT_EQ(common(shape_ending_in(fixed_size(16)), shape_from_words({"N", "16"})), "(…, 16)");
  EXPECT_EQ(common(unknown_shape(), shape_from_words({"N", "16"})), "(…)");
  EXPECT_EQ(common(shape_from_words({}), shape_from_words({})), "()");
}

TEST(Shape, OnlyNumbersContradict) {
  EXPECT_FALSE(may_equal(fixed_size(2), fixed_size(3)));
  EXPECT_TRUE(may_equal(fixed_size(2), fixed_size(2)));
  EXPECT_TRUE(may_equal(fixed_size(2), symbolic_size("N")));
  EXPECT_TRUE(may_equal(symbolic_size("N"), symbolic_size("M")));
  EXPECT_TRUE(symbolic_size("N") == symbolic_size("N"));
  EXPECT_FALSE(symbolic_size("N") == symbolic_size("M"));
}

TEST(Shape, RowsOfEdgeSets) {
  EXPECT_EQ(edge_rows(0), "E");
  EXPECT_EQ(edge_rows(2), "E2");
}

}  // namespace
}  // namespace kiln
