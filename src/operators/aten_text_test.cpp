#include "operators/aten_text.h"

#include <gtest/gtest.h>

#include <set>

namespace kiln {
namespace {

TEST(AttributePath, OtherNamesStayOther) {
  const char* const names[] = {
      "class",           "class_",   "class__", "type",    "type_", "requires_grad", "dense", "requires_grad_",
      "requires_grad__", "tables",   "_",       "tables_", "__x",   "__x__",         "_x",    "_x_",
      "__init__",        "_version", "_item__", "__item__"};
  std::set<std::string> paths;
  for (const char* name : names) paths.insert(attribute_path(name));
  EXPECT_EQ(paths.size(), std::size(names));
  EXPECT_EQ(attribute_path("dense.weight"), "dense.weight");
  EXPECT_EQ(paths.count("class") + paths.count("type") + paths.count("tables"), 0u);
  for (const std::string& path : paths) EXPECT_TRUE(path.substr(0, 2) != "__" || path.substr(path.size() - 2) == "__");
}

}  // namespace
}  // namespace kiln
