#include "graph/config_check.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

LayerDeclaration declaration() {
  LayerDeclaration layer;
  layer.name = "Test";
  constexpr double infinity = std::numeric_limits<double>::infinity();
  layer.config = {{"any", ConfigType::integer, false, "", "an integer", -infinity, infinity, {}},
                  {"bounded", ConfigType::real, false, "", "a real", 0.5, 100, {}},
                  {"positive", ConfigType::real, false, "", "a real", 0.5, infinity, {}},
                  {"n", ConfigType::integer, true, "", "a number", 1, 10, {}},
                  {"x", ConfigType::real, false, "6", "a real", -infinity, infinity, {}},
                  {"flag", ConfigType::boolean, false, "true", "a flag", -infinity, infinity, {}},
                  {"name", ConfigType::text, false, "one", "a name", -infinity, infinity, {"one", "two"}},
                  {"block", ConfigType::irreps, false, "", "irreps", -infinity, infinity, {}},
                  {"numbers", ConfigType::list, false, "", "numbers", -infinity, infinity, {}},
                  {"radial", ConfigType::radial, false, "exact", "radial", -infinity, infinity, {}}};
  return layer;
}

struct Checked {
  Diagnostics faults;
  Config config;
  bool good = false;
};

Checked check(const std::string& text) {
  static const LayerDeclaration layer = declaration();
  Checked checked;
  const Yaml node = parse_yaml(text, "m.yaml", checked.faults);
  checked.good = check_config("a", {}, layer, node, checked.config, checked.faults);
  return checked;
}

/// Irreps read from the text of a block, or the reason why not.
std::string irreps_of(const std::string& text) {
  Diagnostics faults;
  Irreps irreps;
  std::string reason;
  return read_irreps(parse_yaml(text, "m.yaml", faults), irreps, reason) ? to_string(irreps) : "error: " + reason;
}

TEST(Config, FillsInDefaults) {
  const Checked checked = check("{n: 3}");
  EXPECT_TRUE(checked.good);
  EXPECT_EQ(checked.config.integer("n"), 3);
  EXPECT_EQ(checked.config.real("x"), 6.0);
  EXPECT_TRUE(checked.config.boolean("flag"));
  EXPECT_EQ(checked.config.text("name"), "one");
  EXPECT_EQ(checked.config.radial("radial").n_knots, 0);
  EXPECT_FALSE(checked.config.has("block"));
  EXPECT_TRUE(checked.config.given("n"));
  EXPECT_FALSE(checked.config.given("x"));
}

TEST(Config, SaysThatAValueIsMissing) {
  const Checked checked = check("{n: \"\?\?\?\"}");
  ASSERT_EQ(checked.faults.list.size(), 1u);
  EXPECT_NE(checked.faults.list[0].what.find("'n' is \?\?\?, a value that must be given"), std::string::npos);
}

TEST(Config, TakesNumbersThatInterpolationTurnedIntoText) {
  const Checked checked = check("{n: '8', x: '2.5', flag: 'False', numbers: ['1', 2, -0.5]}");
  EXPECT_TRUE(checked.good);
  EXPECT_EQ(checked.config.integer("n"), 8);
  EXPECT_EQ(checked.config.node("n").kind, Yaml::Kind::integer);
  EXPECT_EQ(checked.config.real("x"), 2.5);
  EXPECT_FALSE(checked.config.boolean("flag"));
  EXPECT_EQ(checked.config.node("numbers").items[2].real_value, -0.5);
}

TEST(Config, ReportsAllFaults) {
  const Checked checked = check("{n: 11, x: big, flag: 1, name: three, numbers: [a], radial: sampled, blok: 3}");
  EXPECT_FALSE(checked.good);
  EXPECT_EQ(checked.faults.list.size(), 8u);  // what 'blok' says is no block either
  EXPECT_EQ(checked.faults.list[0].code, "unknown-config-key");
  EXPECT_NE(checked.faults.list[0].hint.find("block"), std::string::npos);
  for (std::size_t i = 1; i < checked.faults.list.size(); ++i) {
    EXPECT_EQ(checked.faults.list[i].code, "bad-config-value");
    EXPECT_EQ(checked.faults.list[i].where.line, 1);
  }
}

TEST(Config, RequiredKeysAndWholeNumbers) {
  EXPECT_EQ(check("{}").faults.list.at(0).code, "missing-config-key");
  EXPECT_EQ(check("{n: null}").faults.list.at(0).code, "missing-config-key");
  EXPECT_FALSE(check("{n: 1.7}").good);
  EXPECT_FALSE(check("{n: '1.7'}").good);
  EXPECT_FALSE(check("{n: true}").good);
  EXPECT_FALSE(check("{n: 1, x: .nan}").good);
}

std::string fault_of(const std::string& text) {
  const Checked checked = check(text);
  return checked.faults.list.empty() ? "" : checked.faults.list[0].what;
}

TEST(Config, MessagesNameTheTrueRange) {
  EXPECT_EQ(fault_of("{n: 4000000000}"), "layer 'a' (Test): 'n' must be an integer from 1 to 10, not '4000000000'");
  EXPECT_EQ(fault_of("{n: 1.5}"), "layer 'a' (Test): 'n' must be an integer from 1 to 10, not '1.5'");
  EXPECT_EQ(fault_of("{n: 1, any: 4000000000}"),
            "layer 'a' (Test): 'any' must be an integer from -1000000000 to 1000000000, not '4000000000'");
  EXPECT_EQ(fault_of("{n: 1, bounded: 1e308}"), "layer 'a' (Test): 'bounded' must be from 0.5 to 100, not '1e308'");
  EXPECT_EQ(fault_of("{n: 1, positive: -2}"), "layer 'a' (Test): 'positive' must be at least 0.5, not '-2'");
  EXPECT_EQ(fault_of("{n: 1, positive: 1e308}"), "");
}

TEST(Config, RadialChoices) {
  EXPECT_EQ(check("{n: 1, radial: {tabulated: {knots: 64}}}").config.radial("radial").n_knots, 64);
  EXPECT_EQ(check("{n: 1, radial: {tabulated: {}}}").config.radial("radial").n_knots, 128);
  EXPECT_EQ(check("{n: 1, radial: tabulated}").config.radial("radial").n_knots, 128);
  EXPECT_EQ(to_canonical_json(check("{n: 1, radial: tabulated}").config.node("radial")),
            "{\"tabulated\":{\"knots\":128}}");
  EXPECT_FALSE(check("{n: 1, radial: {tabulated: {knots: 5}}}").good);
  EXPECT_FALSE(check("{n: 1, radial: {tabulated: {nots: 64}}}").good);
  EXPECT_FALSE(check("{n: 1, radial: {exact: true}}").good);
}

const std::string kLimits = "'l' and 'mul', l from 0 to 100 and mul from 0 to 4096";

TEST(Config, IrrepsHaveLimits) {
  EXPECT_EQ(irreps_of("[{l: 0, mul: 4096}]"), "4096x0e");
  EXPECT_EQ(irreps_of("[{l: 0, mul: 2000000000}]"), "error: block #0 needs whole numbers " + kLimits);
  EXPECT_EQ(irreps_of("[{l: 101, mul: 1}]"), "error: block #0 needs whole numbers " + kLimits);
  EXPECT_EQ(irreps_of("8x0e + 100000x0e"), "error: '100000x0e' is too large: l from 0 to 100 and mul from 0 to 4096");
  std::string many = "4096x100e";
  many += " + " + many;
  EXPECT_EQ(irreps_of(many), "error: it has 1646592 components, more than 1000000");
}

TEST(Scenario, GL18_IrrepsBlocks) {
  EXPECT_EQ(irreps_of("[{l: 0, mul: 4}, {l: 1, mul: 2}, {l: 2, mul: 1}]"), "4x0e + 2x1o + 1x2e");
  EXPECT_EQ(irreps_of("[{l: 0, mul: 4, p: Odd}]"), "4x0o");
  EXPECT_EQ(irreps_of("[{l: 1, mul: '8', p: e}]"), "8x1e");
  EXPECT_EQ(irreps_of("\"4x0e + 2x1o\""), "4x0e + 2x1o");
  EXPECT_EQ(irreps_of("[]"), "nothing");
  EXPECT_EQ(irreps_of("[{l: 0, mul: 4}, {l: 1}]"), "error: block #1 needs whole numbers " + kLimits);
  EXPECT_EQ(irreps_of("[{l: 0, mul: 4, p: x}]"), "error: block #0 parity 'x' must be e, even, o or odd");
  EXPECT_EQ(irreps_of("[{l: 0, mul: 4, p: -1}]"), "error: block #0 parity '-1' must be e, even, o or odd");
  EXPECT_EQ(irreps_of("[{l: -1, mul: 4}]"), "error: block #0 needs whole numbers " + kLimits);
  EXPECT_EQ(irreps_of("[{l: 0, mul: 1.7}]"), "error: block #0 needs whole numbers " + kLimits);
  EXPECT_NE(irreps_of("[{l:0, mul:32}]").find("a blank is missing"), std::string::npos);
  EXPECT_EQ(irreps_of("3").substr(0, 6), "error:");
}

}  // namespace
}  // namespace kiln
