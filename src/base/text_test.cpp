#include "base/text.h"

#include <gtest/gtest.h>

#include "base/numbers.h"

namespace kiln {
namespace {

TEST(Text, LastLine) {
  EXPECT_EQ(last_line("first\nsecond \n\n"), "second");
  EXPECT_EQ(last_line("only"), "only");
  EXPECT_EQ(last_line("a\n b"), " b");
  EXPECT_EQ(last_line(" \n \n"), "");
  EXPECT_EQ(last_line(""), "");
}

TEST(Numbers, ShapesAsPythonPrintsThem) {
  EXPECT_EQ(shape_text({}), "()");
  EXPECT_EQ(shape_text({4}), "(4,)");
  EXPECT_EQ(shape_text({4, 2, 1}), "(4, 2, 1)");
  EXPECT_EQ(list_text({}), "[]");
  EXPECT_EQ(list_text({4}), "[4]");
  EXPECT_EQ(list_text({4, -2}), "[4, -2]");
}

}  // namespace
}  // namespace kiln
