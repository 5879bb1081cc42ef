#include "base/yaml_limits.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

TEST(YamlLimits, SizeCountsKeysAndValues) {
  Diagnostics faults;
  const YamlSize size = size_of(parse_yaml("{ab: [1, {c: ~}], d: 'xyz'}", "a.yaml", faults));
  EXPECT_EQ(size.nodes, 9u);
  EXPECT_EQ(size.depth, 4u);
  EXPECT_EQ(size.scalar_bytes, 2u + 1 + 1 + 1 + 1 + 3);
}

}  // namespace
}  // namespace kiln
