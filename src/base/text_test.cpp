#include "base/text.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(Text, Joined) {
  EXPECT_EQ(joined({"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(joined({}), "");
}

TEST(Text, LowerCaseIsOfLettersOnly) { EXPECT_EQ(lower_case("Å_AZ[az"), "Å_az[az"); }

TEST(Text, LastLine) {
  EXPECT_EQ(last_line("first\nsecond \n\n"), "second");
  EXPECT_EQ(last_line("only"), "only");
  EXPECT_EQ(last_line("a\n b"), " b");
  EXPECT_EQ(last_line(" \n \n"), "");
  EXPECT_EQ(last_line(""), "");
}

}  // namespace
}  // namespace kiln
