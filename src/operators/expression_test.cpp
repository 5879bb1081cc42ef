#include "operators/expression.h"

#include <gtest/gtest.h>

#include "kiln/error.h"

namespace kiln {
namespace {

using Names = std::vector<std::string>;

TEST(Expression, NamesInOrder) {
  EXPECT_EQ(names_in("$w * torch.tanh($0 / $w) + $training"), (Names{"w", "0", "w", "training"}));
  EXPECT_EQ(names_in("1.0 + x"), Names{});
  EXPECT_EQ(names_in(""), Names{});
  EXPECT_EQ(names_in("$$a$"), (Names{"", "a", ""}));
}

TEST(Expression, NamesGiveWayToValues) {
  EXPECT_EQ(substitute("$w * f($0)$w", {{"w", "self.w"}, {"0", "x"}}), "self.w * f(x)self.w");
  EXPECT_THROW(substitute("$nothing", {}), Error);
  EXPECT_THROW(substitute("1 + $", {{"w", "self.w"}}), Error);
}

}  // namespace
}  // namespace kiln
