#include "operators/aten_text.h"

#include <gtest/gtest.h>

#include <set>

namespace kiln {
namespace {

TEST(AttributePath, OtherNamesStayOther) {
  const char* const names[] = {"class", "class_",         "class__",         "type",   "type_", "requires_grad",
                               "dense", "requires_grad_", "requires_grad__", "tables", "_",     "tables_"};
  std::set<std::string> paths;
  for (const char* name : names) paths.insert(attribute_path(name));
  EXPECT_EQ(paths.size(), std::size(names));
  EXPECT_EQ(attribute_path("dense.weight"), "dense.weight");
  EXPECT_EQ(paths.count("class") + paths.count("type") + paths.count("tables"), 0u);
}

}  // namespace
}  // namespace kiln
