#include "graph/text_table.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(TextTable, AlignsByCharacters) {
  EXPECT_EQ(text_table({{"name", "unit", "x"}, {"length", "Å", "1"}, {"a", "eV/Å", ""}}),
            "name    unit  x\n"
            "length  Å     1\n"
            "a       eV/Å\n");
}

}  // namespace
}  // namespace kiln
