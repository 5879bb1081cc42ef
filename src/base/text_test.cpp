#include "base/text.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(Text, LastLine) {
  EXPECT_EQ(last_line("first\nsecond \n\n"), "second");
  EXPECT_EQ(last_line("only"), "only");
  EXPECT_EQ(last_line("a\n b"), " b");
  EXPECT_EQ(last_line(" \n \n"), "");
  EXPECT_EQ(last_line(""), "");
}

}  // namespace
}  // namespace kiln
