#include "base/numbers.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(Numbers, ShapesAsPythonPrintsThem) {
  EXPECT_EQ(shape_text({}), "()");
  EXPECT_EQ(shape_text({4}), "(4,)");
  EXPECT_EQ(shape_text({4, 2, 1}), "(4, 2, 1)");
  EXPECT_EQ(list_text({}), "[]");
  EXPECT_EQ(list_text({4}), "[4]");
  EXPECT_EQ(list_text({4, -2}), "[4, -2]");
}

TEST(Numbers, ProductsHaveAnEnd) {
  constexpr std::int64_t kMost = std::int64_t{1} << 62, kLarge = std::int64_t{1} << 40;
  EXPECT_EQ(product({}), 1);
  EXPECT_EQ(product({3, 5}), 15);
  EXPECT_EQ(product({4, 0, 7}), 0);
  EXPECT_EQ(product({std::int64_t{1} << 31, std::int64_t{1} << 31}), kMost);
  EXPECT_EQ(product({kLarge, kLarge}), kMost);
  EXPECT_EQ(product({kLarge, kLarge, 3}), kMost);
}

}  // namespace
}  // namespace kiln
