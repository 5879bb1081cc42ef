#include "base/interpolation.h"

#include <gtest/gtest.h>

namespace kiln {
namespace {

Yaml resolved(const std::string& content, Diagnostics& faults) {
  Yaml tree = parse_yaml(content, "a.yaml", faults);
  resolve_interpolations(tree, faults);
  return tree;
}

Yaml resolved(const std::string& content) {
  Diagnostics faults;
  Yaml tree = resolved(content, faults);
  for (const Diagnostic& fault : faults.list) ADD_FAILURE() << to_string(fault);
  return tree;
}

Diagnostic fault_of(const std::string& content) {
  Diagnostics faults;
  resolved(content, faults);
  EXPECT_EQ(faults.list.size(), 1u) << content;
  return faults.list.empty() ? Diagnostic{} : faults.list.front();
}

const std::string kParameters =
    "p: {n: 4, r: 4.0, tiny: 1e-10, yes_: true, nothing: ~, list: [10, {mul: 7}, x], name: text, octal: 012, big: "
    "1e16}\n";

Yaml value(const std::string& scalar) { return *resolved(kParameters + "a: " + scalar + "\n").find("a"); }

TEST(Interpolation, WholeScalarsKeepTheirType) {
  EXPECT_EQ(value("${p.n}").kind, Yaml::Kind::integer);
  EXPECT_EQ(value("'${p.n}'").int_value, 4);
  EXPECT_EQ(value("\"${p.r}\"").kind, Yaml::Kind::real);
  EXPECT_EQ(value("${p.yes_}").bool_value, true);
  EXPECT_TRUE(value("${p.nothing}").is_null());
  EXPECT_EQ(value("${ p.n }").int_value, 4);
}

TEST(Interpolation, AnythingMoreIsTextAsPythonPrintsIt) {
  const std::pair<const char*, const char*> cases[] = {
      {"' ${p.n}'", " 4"},          {"\"x${p.r}y\"", "x4.0y"},  {"x${p.tiny}", "x1e-10"},
      {"x${p.yes_}", "xTrue"},      {"x${p.nothing}", "xNone"}, {"${p.n}*2", "4*2"},
      {"${p.n}${p.name}", "4text"}, {"x${p.octal}", "x10"},     {"x${p.big}", "x1e+16"}};
  for (const auto& [scalar, expected] : cases) {
    EXPECT_EQ(value(scalar).kind, Yaml::Kind::text) << scalar;
    EXPECT_EQ(value(scalar).text, expected) << scalar;
  }
}

TEST(Interpolation, PathsGoThroughListsAndBrackets) {
  EXPECT_EQ(value("${p.list[0]}").int_value, 10);
  EXPECT_EQ(value("${p.list.0}").int_value, 10);
  EXPECT_EQ(value("${p.list[1].mul}").int_value, 7);
  EXPECT_EQ(value("${p[list][1][mul]}").int_value, 7);
  EXPECT_EQ(value("${p[n]}").int_value, 4);
}

TEST(Interpolation, WholeNodesAreCopied) {
  const Yaml tree = resolved("a: {blocks: [{l: 0, mul: \"${n}\"}]}\nb: ${a.blocks}\nc: ${b[0].mul}\nn: 8\n");
  EXPECT_EQ(tree.find("b")->items[0].find("mul")->int_value, 8);
  EXPECT_EQ(tree.find("b")->where.line, 2);
  EXPECT_EQ(tree.find("c")->int_value, 8);
}

TEST(Interpolation, ChainsRelativeAndNested) {
  EXPECT_EQ(resolved("a: ${b}\nb: ${c}\nc: 3\n").find("a")->int_value, 3);
  EXPECT_EQ(resolved("a: {x: 1, y: \"${.x}\"}\n").find("a")->find("y")->int_value, 1);
  EXPECT_EQ(resolved("a: {b: {y: \"${..x}\"}, x: 2}\n").find("a")->find("b")->find("y")->int_value, 2);
  EXPECT_EQ(resolved("a: [5, \"${.0}\"]\n").find("a")->items[1].int_value, 5);
  EXPECT_EQ(resolved("k: b\na: {b: {r: 6}}\nx: \"${a.${k}.r}\"\n").find("x")->int_value, 6);
  EXPECT_EQ(resolved("k: 1\na: [5, 6]\nx: \"${a[${k}]}\"\n").find("x")->int_value, 6);
}

TEST(Interpolation, EscapesAndKeysStay) {
  EXPECT_EQ(value("'\\${p.n}'").text, "${p.n}");
  EXPECT_EQ(value("'\\\\${p.n}'").text, "\\4");
  EXPECT_EQ(value("'a\\b'").text, "a\\b");
  EXPECT_EQ(value("'$x {y}'").text, "$x {y}");
  EXPECT_EQ(resolved("a: 1\n'${a}': 2\n").find("${a}")->int_value, 2);
}

void expect_fault(const std::string& content, const std::string& code, int line, int column, const std::string& says) {
  const Diagnostic fault = fault_of(content);
  EXPECT_EQ(fault.code, code) << content;
  EXPECT_EQ(fault.where.line, line) << to_string(fault);
  EXPECT_EQ(fault.where.column, column) << to_string(fault);
  EXPECT_NE(to_string(fault).find(says), std::string::npos) << to_string(fault);
}

TEST(Interpolation, UnknownKeysNameThePathAndTheNearest) {
  expect_fault("p: {r_max: 1}\na: {b: \"x ${p.r_mac}\"}\n", "interpolation-not-found", 2, 11,
               "a.b: 'p.r_mac' is not found");
  expect_fault("p: {r_max: 1}\na: ${p.r_mac}\n", "interpolation-not-found", 2, 4, "Did you mean 'r_max'?");
  expect_fault("p: {r_max: 1}\na: ${r_max}\n", "interpolation-not-found", 2, 4, "Did you mean 'p.r_max'?");
  expect_fault("p: [1]\na: ${p[1]}\n", "interpolation-not-found", 2, 4, "indices");
  expect_fault("p: [1]\na: ${p[-1]}\n", "interpolation-not-found", 2, 4, "indices");
  expect_fault("p: 1\na: ${p.x}\n", "interpolation-not-found", 2, 4, "single value");
  expect_fault("a: ${...x}\n", "interpolation-not-found", 1, 4, "leaves the document");
}

TEST(Interpolation, CirclesAreReportedOnce) {
  expect_fault("a: ${b}\nb: ${c}\nc: ${a}\n", "interpolation-cycle", 3, 4, "a -> b -> c -> a");
  expect_fault("a: {x: \"${b}\"}\nb: {y: \"${a}\"}\n", "interpolation-cycle", 2, 9, "a.x -> b.y -> a");
}

TEST(Interpolation, SelfReferencesAreRefused) {
  expect_fault("a: ${a}\n", "interpolation-self", 1, 4, "a: '${a}' refers to the value that it is to become");
  expect_fault("a: ${a.b}\n", "interpolation-self", 1, 4, "a: '${a.b}'");
}

TEST(Interpolation, OwnContainersAreRefused) {
  expect_fault("a: {b: {c: \"${a}\"}}\n", "interpolation-container", 1, 13, "a.b.c: '${a}' refers to the container");
}

TEST(Interpolation, MalformedOnesAreRefused) {
  expect_fault("a: 'x ${b'\n", "interpolation-unclosed", 1, 7, "not closed");
  expect_fault("a: '${b.${c}'\nc: 1\n", "interpolation-unclosed", 1, 5, "not closed");
  for (const char* scalar : {"'${}'", "'${a b}'", "'${.}'", "'${a.}'", "'${a[0}'", "'${a[]}'", "'${a..b}'"}) {
    EXPECT_EQ(fault_of(std::string("a: ") + scalar + "\n").code, "interpolation-syntax") << scalar;
  }
}

TEST(Interpolation, MissingValuesAndContainersInText) {
  expect_fault("p: ???\na: ${p}\n", "interpolation-missing", 2, 4, "must be given");
  expect_fault("{p: \"???\", a: \"${p}x0e\"}\n", "interpolation-missing", 1, 16, "must be given");
  EXPECT_EQ(fault_of("\n  q: ???\n  a: ${= 2 * q}\n").hint,
            "Give it a value where it stands, a.yaml:2:6, or, of a block, under 'params' where it is included");
  EXPECT_EQ(resolved("p: ???\n").find("p")->text, "???");
  expect_fault("p: [1]\na: x${p}\n", "interpolation-type", 2, 5, "a list cannot stand inside a text");
}

TEST(Interpolation, AllFaultsAreReported) {
  Diagnostics faults;
  resolved("a: ${x}\nb: ${y}\nc: {d: \"${z}\", e: \"${a}\"}\n", faults);
  EXPECT_EQ(faults.list.size(), 3u);  // e follows from a
}

TEST(Interpolation, GrowthIsBounded) {
  std::string nodes = "a0: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n", text = "a0: xxxxxxxxxxxxxxxx\n", chain = "a0: 1\n",
              deep = "a0: [1]\n";
  for (int n = 1; n < 40; ++n) {
    const std::string before = "'${a" + std::to_string(n - 1) + "}'";
    nodes += "a" + std::to_string(n) + ": [" + before + ", " + before + "]\n";
    text += "a" + std::to_string(n) + ": \"${a" + std::to_string(n - 1) + "}${a" + std::to_string(n - 1) + "}\"\n";
  }
  for (int n = 1; n < 20000; ++n)
    chain += "a" + std::to_string(n) + ": ${b" + std::to_string(n) + "}\nb" + std::to_string(n) + ": ${a" +
             std::to_string(n + 1) + "}\n";
  for (int n = 1; n < 300; ++n) deep += "a" + std::to_string(n) + ": ['${a" + std::to_string(n - 1) + "}']\n";
  EXPECT_EQ(fault_of(nodes).code, "yaml-limit");
  EXPECT_EQ(fault_of(text).code, "yaml-limit");
  EXPECT_EQ(fault_of(chain).code, "yaml-limit");
  EXPECT_EQ(fault_of(deep).code, "yaml-limit");
}

/// Row GL13 of the acceptance scenarios: every category has its own code, and says key path and line.
TEST(Interpolation, GL13_FaultsHaveCategories) {
  const char* kCases[][3] = {{"interpolation-cycle", "a: 1\nb: {c: \"${d}\"}\nd: ${b.c}\n", "a.yaml:3:4: error: d: "},
                             {"interpolation-self", "a: 1\nb: {c: \"${b.c}\"}\n", "a.yaml:2:9: error: b.c: "},
                             {"interpolation-not-found", "a: 1\nb: {c: \"${a.x}\"}\n", "a.yaml:2:9: error: b.c: "},
                             {"interpolation-unclosed", "a: 1\nb: {c: \"${a\"}\n", "a.yaml:2:9: error: b.c: "},
                             {"interpolation-container", "a: 1\nb: {c: \"${b}\"}\n", "a.yaml:2:9: error: b.c: "},
                             {"environment-variable", "a: 1\nb: {c: \"${oc.env:X}\"}\n", "a.yaml:2:9: error: b.c: "}};
  for (const auto& [code, content, begins] : kCases) {
    Diagnostics faults;
    Yaml tree = parse_yaml(content, "a.yaml", faults);
    resolve_interpolations(tree, faults, [](const std::string&) { return std::nullopt; });
    ASSERT_EQ(faults.list.size(), 1u) << content;
    EXPECT_EQ(faults.list[0].code, code);
    EXPECT_EQ(to_string(faults.list[0]).rfind(begins, 0), 0u) << to_string(faults.list[0]);
  }
}

/// Row GL14: types through interpolation.
TEST(Interpolation, GL14_TypesThroughInterpolation) {
  Diagnostics faults;
  Yaml tree = parse_yaml(
      "n: 4\nr: 4.0\ntiny: 1e-10\nyes_: true\nnothing: ~\nblocks: [{l: 0, mul: 7}]\n"
      "whole: '${n}'\nblank: ' ${n}'\ntext: \"x${r}y\"\nlist: ${blocks}\nelement: ${blocks[0].mul}\n"
      "inner: {a: 5, b: \"${.a}\", c: \"${..n}\"}\ndefault: ${oc.env:NONE,8}\n"
      "formats: \"${r} ${tiny} ${yes_} ${nothing}\"\n",
      "a.yaml", faults);
  resolve_interpolations(tree, faults, [](const std::string&) { return std::nullopt; });
  EXPECT_TRUE(faults.list.empty());
  EXPECT_EQ(to_canonical_json(tree),
            R"({"n":4,"r":4.0,"tiny":1e-10,"yes_":true,"nothing":null,"blocks":[{"l":0,"mul":7}],)"
            R"("whole":4,"blank":" 4","text":"x4.0y","list":[{"l":0,"mul":7}],"element":7,)"
            R"("inner":{"a":5,"b":5,"c":4},"default":"8","formats":"4.0 1e-10 True None"})");
}

TEST(Interpolation, NestedReferencesMayGiveSeveralKeys) {
  const Yaml tree = resolved("p: {w: 8, k: p.w, l: {a: [1, 2]}, m: l.a.1}\na: ${${p.k}}\nb: ${p.${p.m}}\n");
  EXPECT_EQ(tree.find("a")->int_value, 8);
  EXPECT_EQ(tree.find("b")->int_value, 2);
}

TEST(Interpolation, EscapedTextsStayAsTheyAre) {
  for (const char* text : {"a", "${a}", "x${a}y${b", "\\${a}", "\\\\${a} \\ b", "\\\\", "$ {a}", "${", "a\\\\\\${a}"}) {
    Yaml tree = yaml_mapping();
    yaml_set(tree, "t", yaml_text(escaped_interpolations(text)));
    Diagnostics faults;
    resolve_interpolations(tree, faults);
    EXPECT_FALSE(faults.has_errors()) << text;
    EXPECT_EQ(tree.find("t")->text, text);
  }
}

}  // namespace
}  // namespace kiln
