#include <gtest/gtest.h>

#include <cmath>

#include "base/interpolation.h"

namespace kiln {
namespace {

std::optional<std::string> variable(const std::string& name) {
  if (name == "N") return "16";
  if (name == "TREE") return "A: 10\nb: 20\nC: ${.A}\n";
  if (name == "BYTES") return "\xFF";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

const std::string kDocument =
    "gap: ???\n"
    "p: {n: 4, r: 4.0, yes_: true, nothing: ~, name: text, list: [10, {mul: 7}], m: {x: 1, y: \"${p.n}\"}}\n"
    "a: ";

Yaml value(const std::string& scalar) {
  Diagnostics faults;
  Yaml tree = parse_yaml(kDocument + scalar + "\n", "a.yaml", faults);
  resolve_interpolations(tree, faults, variable);
  for (const Diagnostic& fault : faults.list) ADD_FAILURE() << scalar << "\n" << to_string(fault);
  return *tree.find("a");
}

Diagnostic fault_of(const std::string& scalar, const Environment& environment = variable) {
  Diagnostics faults;
  Yaml tree = parse_yaml(kDocument + scalar + "\n", "a.yaml", faults);
  resolve_interpolations(tree, faults, environment);
  EXPECT_EQ(faults.list.size(), 1u) << scalar;
  return faults.list.empty() ? Diagnostic{} : faults.list.front();
}

/// As JSON, which shows the types.
std::string json(const std::string& scalar) { return to_canonical_json(value(scalar)); }

TEST(Resolvers, EnvironmentVariablesAreText) {
  EXPECT_EQ(json("${oc.env:N}"), "\"16\"");
  EXPECT_EQ(json("${oc.env:N,8}"), "\"16\"");
  EXPECT_EQ(json("${oc.env:EMPTY,8}"), "\"\"");
  EXPECT_EQ(json("x${oc.env:N}y"), "\"x16y\"");
  EXPECT_EQ(json("'${oc.env:${p.name}, 8}'"), "\"8\"");
  EXPECT_EQ(json("${oc.env:NONE,1.50}"), "\"1.5\"");
  EXPECT_EQ(json("${oc.env:NONE,true}"), "\"True\"");
  EXPECT_EQ(json("${oc.env:NONE,null}"), "null");
  EXPECT_EQ(json("'${oc.env:NONE,\"a, }b\"}'"), "\"a, }b\"");
  EXPECT_EQ(json("${oc.env:NONE,${p.r}}"), "\"4.0\"");
  EXPECT_EQ(json("${oc.env:NONE,}"), "\"\"");
  EXPECT_EQ(json("'${oc.env:NONE,[1, 2.0, a, true, null]}'"), R"("[1, 2.0, 'a', True, None]")");
  EXPECT_EQ(json("'${oc.env:NONE,{k: [it\\ is], \"o''clock\": {}}}'"), R"("{'k': ['it is'], \"o'clock\": {}}")");
  EXPECT_EQ(json("${oc.env:NONE,${p.list}}"), R"("[10, {'mul': 7}]")");
  EXPECT_EQ(json("${oc.env:NONE,${oc.env:N}}"), "\"16\"");
}

TEST(Resolvers, SelectTakesTheDefaultWhereThereIsNothing) {
  EXPECT_EQ(json("${oc.select:p.n}"), "4");
  EXPECT_EQ(json("${oc.select:p.n,zzz}"), "4");
  EXPECT_EQ(json("${oc.select:'p.list[1].mul'}"), "7");
  EXPECT_EQ(json("${oc.select:p.list.0}"), "10");
  EXPECT_EQ(json("${oc.select:p.m}"), "{\"x\":1,\"y\":4}");
  EXPECT_EQ(json("${oc.select:.p.n}"), "4");
  EXPECT_EQ(json("${oc.select:p.zz}"), "null");
  EXPECT_EQ(json("'${oc.select:p.zz, 10}'"), "10");
  EXPECT_EQ(json("'${oc.select:q.zz, default value}'"), "\"default value\"");
  EXPECT_EQ(json("${oc.select:'p.list[9]',[a]}"), "[\"a\"]");
  EXPECT_EQ(json("${oc.select:gap}"), "null");
  EXPECT_EQ(json("${oc.select:gap,5}"), "5");
  EXPECT_EQ(json("${oc.select:gap.deep,5}"), "5");
  EXPECT_EQ(json("${oc.select:p.nothing,5}"), "null");  // null is a value
  EXPECT_EQ(json("${oc.select:p.zz,${p.n}}"), "4");
}

// The cases are those of OmegaConf's grammar.
TEST(Resolvers, DecodeReadsOneArgument) {
  const std::pair<const char*, const char*> cases[] = {{"123", "123"},
                                                       {"+123", "123"},
                                                       {"-123", "-123"},
                                                       {"1_000", "1000"},
                                                       {"1_000_", "\"1_000_\""},
                                                       {"1__000", "\"1__000\""},
                                                       {"007", "\"007\""},
                                                       {"1.1", "1.1"},
                                                       {".1", "0.1"},
                                                       {"1.", "1.0"},
                                                       {"-.2", "-0.2"},
                                                       {"1.1_1", "1.11"},
                                                       {"1.+2", "\"1.+2\""},
                                                       {"-1e2", "-100.0"},
                                                       {"+1E-2", "0.01"},
                                                       {"1_0e1_0", "100000000000.0"},
                                                       {"e-2", "\"e-2\""},
                                                       {"01e2", "\"01e2\""},
                                                       {"TrUe", "true"},
                                                       {"falsE", "false"},
                                                       {"NULL", "null"},
                                                       {"true_false", "\"true_false\""},
                                                       {"a b", "\"a b\""},
                                                       {"a/-+.$*@", "\"a/-+.$*@\""},
                                                       {"[a, 1, [2.5]]", "[\"a\",1,[2.5]]"},
                                                       {"{x: 1, a: b, z: {}}", "{\"x\":1,\"a\":\"b\",\"z\":{}}"},
                                                       {"[]", "[]"},
                                                       {"10foo", "\"10foo\""},
                                                       {"a:b", "\"a:b\""},
                                                       {"yes", "\"yes\""}};
  for (const auto& [text, expected] : cases) {
    const std::string got = json(std::string("\"${oc.decode:'") + text + "'}\"");
    EXPECT_EQ(got, expected) << text;
  }
  EXPECT_EQ(json("${oc.decode:${oc.env:N}}"), "16");
  EXPECT_EQ(json("'${oc.decode:\" 5 \"}'"), "\" 5 \"");  // OmegaConf: blanks make it text
  EXPECT_EQ(json("'${oc.decode:\"true \"}'"), "\"true \"");
  EXPECT_EQ(json("'${oc.decode:\" \\${p.n} \"}'"), "\" 4 \"");
  EXPECT_EQ(json("'${oc.decode:\" [5] \"}'"), "[5]");
  EXPECT_EQ(json("${oc.decode:${oc.env:NONE,16}}"), "16");
  EXPECT_EQ(json("${oc.decode:${oc.env:NONE,null}}"), "null");
  EXPECT_EQ(json(R"("${oc.decode:'\\${p.n}'}")"), "4");  // YAML and the quotes take one backslash each
  EXPECT_TRUE(std::isinf(value("${oc.decode:'-inf'}").real_value));
}

TEST(Resolvers, EscapesAndQuotesOfArguments) {
  EXPECT_EQ(json(R"(${oc.env:NONE,hello\,\ world})"), R"("hello, world")");
  EXPECT_EQ(json(R"('${oc.env:NONE, \ a\ }')"), R"(" a ")");
  EXPECT_EQ(json(R"(${oc.env:NONE,\{\}\[\]\(\)\:\=\\})"), R"("{}[]():=\\")");
  EXPECT_EQ(json(R"(${oc.env:NONE,ab\cd})"), R"("ab\\cd")");
  EXPECT_EQ(json(R"(${oc.env:NONE,'it\'s'})"), R"("it's")");
  EXPECT_EQ(json(R"(${oc.env:NONE,'a\b'})"), R"("a\\b")");
  EXPECT_EQ(json(R"(${oc.env:NONE,'a\\'})"), R"("a\\")");
  EXPECT_EQ(json(R"(${oc.env:NONE,'\${p.n}'})"), R"("${p.n}")");
  EXPECT_EQ(json(R"(${oc.env:NONE,'n is ${p.n}'})"), R"("n is 4")");
  EXPECT_EQ(json(R"(${oc.env:NONE,n_${p.n}_${p.yes_}})"), R"("n_4_True")");
  EXPECT_EQ(json(R"(${oc.env:NONE,'${oc.env:NONE,'deep'}'})"), R"("deep")");
}

TEST(Resolvers, CreateMakesNodes) {
  EXPECT_EQ(json("'${oc.create:[1, \"2\", {a: ${p.n}}]}'"), R"([1,"2",{"a":4}])");
  EXPECT_EQ(json("'${oc.create:{a: 1, ''b'': null}}'"), R"({"a":1,"b":null})");
  EXPECT_EQ(json("${oc.create:${oc.env:TREE}}"), R"({"A":10,"b":20,"C":10})");
  EXPECT_EQ(json("${oc.create:${p.m}}"), R"({"x":1,"y":4})");
  const Yaml list = value("${oc.create:[1]}");
  EXPECT_EQ(list.items[0].where.line, 3);  // what is made stands where it is made
}

TEST(Resolvers, KeysAndValuesOfMappings) {
  EXPECT_EQ(json("${oc.dict.keys:p.m}"), R"(["x","y"])");
  EXPECT_EQ(json("'${oc.dict.values: p.m}'"), "[1,4]");
  EXPECT_EQ(json("{b: 1, c: \"${oc.dict.keys:a}\"}"), R"({"b":1,"c":["b","c"]})");
  EXPECT_EQ(json("{b: 1, c: \"${oc.dict.keys:.}\"}"), R"({"b":1,"c":["b","c"]})");
}

TEST(Resolvers, NamesMayBeInterpolated) { EXPECT_EQ(json("[\"oc\", \"${${.0}.select:p.n}\"]"), R"(["oc",4])"); }

void expect_fault(const std::string& scalar, const std::string& code, int column, const std::string& says) {
  const Diagnostic fault = fault_of(scalar);
  EXPECT_EQ(fault.code, code) << to_string(fault);
  EXPECT_EQ(fault.where.line, 3) << to_string(fault);
  EXPECT_EQ(fault.where.column, column) << to_string(fault);
  EXPECT_NE(to_string(fault).find(says), std::string::npos) << to_string(fault);
}

TEST(Resolvers, FaultsNameResolverAndPlace) {
  expect_fault("x ${oc.env:NONE}", "environment-variable", 6, "a: the environment variable 'NONE' is not set");
  expect_fault("${oc.envv:N}", "interpolation-unsupported", 4, "Did you mean 'oc.env'?");
  expect_fault("'${mul:2,3}'", "interpolation-unsupported", 5, "there is no resolver 'mul'");
  expect_fault("${oc.env:N,a,b}", "interpolation-argument", 4, "3 arguments are given");
  expect_fault("${oc.env:}", "interpolation-argument", 4, "0 arguments are given");
  expect_fault("${oc.env:[a]}", "interpolation-argument", 4, "a list that is no text");
  expect_fault("${oc.env:BYTES}", "interpolation-argument", 4, "not UTF-8");
  expect_fault("${oc.decode:${p.n}}", "interpolation-argument", 4, "no text");
  expect_fault("${oc.decode:'[1'}", "interpolation-argument", 4, "'[1' cannot be read");
  expect_fault("${oc.decode:'é'}", "interpolation-argument", 4, "'é' stands where");
  expect_fault("${oc.create:${p.nothing}}", "interpolation-argument", 4, "null");
  expect_fault("${oc.create:'[1'}", "interpolation-argument", 4, "no YAML");
  expect_fault("${oc.dict.keys:p.list}", "interpolation-argument", 4, "'p.list' is a list, not a mapping");
  expect_fault("${oc.dict.values:p.z}", "interpolation-not-found", 4, "'p.z' is not found");
  expect_fault("${oc.dict.keys:gap}", "interpolation-missing", 4, "must be given");
  expect_fault("{b: \"${oc.dict.values:a}\"}", "interpolation-container", 9, "the container it stands in");
  expect_fault("${oc.select:a.b}", "interpolation-self", 4, "refers to the value that it is to become");
  expect_fault("${oc.create:${oc.env:NONE,'[\"\\${a}\"]'}}", "interpolation-cycle", 34, "a -> a[0] -> a");
  expect_fault("${oc.env:N", "interpolation-unclosed", 4, "not closed");
  expect_fault("${oc.env:'N}", "interpolation-unclosed", 4, "not closed");
  expect_fault("${oc.env:N)}", "interpolation-syntax", 14, "')' stands where plain text is expected");
  expect_fault("'${oc.create:{a: 1, a: 2}}'", "duplicate-key", 24, "duplicate key 'a'");
  expect_fault("'${oc.create:{null: 1}}'", "null-key", 18, "null cannot be a key");
  expect_fault("${oc.env:NONE,a${p.list}}", "interpolation-type", 19, "a list cannot stand inside a text");
  expect_fault("${oc.decode:'99999999999999999999'}", "interpolation-argument", 4, "out of range");
}

TEST(Resolvers, WithoutAnEnvironmentNothingIsRead) {
  EXPECT_EQ(fault_of("${oc.env:HOME}", {}).code, "no-environment");
  EXPECT_EQ(fault_of("${oc.env:HOME,default}", {}).code, "no-environment");
}

TEST(Expressions, ComputeWithReferences) {
  EXPECT_EQ(json("${= 2 * p.n}"), "8");
  EXPECT_EQ(json("${=p.n/2}"), "2.0");
  EXPECT_EQ(json("${= p.list[1].mul - p[list].0 }"), "-3");
  EXPECT_EQ(json("${= 2 * ${p.n} + .p.n}"), "12");
  EXPECT_EQ(json("{b: 3, c: \"${= .b ** 2 + ..p.n}\"}"), R"({"b":3,"c":13})");
  EXPECT_EQ(json("x${= max(p.n, p.r * 2)}y"), "\"x8.0y\"");
  EXPECT_EQ(json("${= 1 + ${oc.decode:${oc.env:N}} }"), "17");
}

TEST(Expressions, MayStandUnquotedBetweenBraces) {
  Diagnostics faults;
  Yaml tree = parse_yaml("n: 4\na: {b: ${= max(n, 5)}, c: 1}\n", "a.yaml", faults);
  resolve_interpolations(tree, faults);
  ASSERT_EQ(faults.list.size(), 1u);
  EXPECT_EQ(faults.list[0].code, "unquoted-interpolation");
  EXPECT_EQ(to_canonical_json(tree), R"({"n":4,"a":{"b":5,"c":1}})");
}

TEST(Expressions, FaultsNameExpressionAndPlace) {
  expect_fault("${= p.n / 0}", "arithmetic-zero", 12, "a: '${= p.n / 0}': division by zero");
  expect_fault("'${= 1 + p.name}'", "arithmetic-operand", 13, "'p.name' is text, not a number");
  expect_fault("${= p.yes_ * 2}", "arithmetic-operand", 8, "a boolean");
  expect_fault("${= p.list * 2}", "arithmetic-operand", 8, "a list");
  expect_fault("${= p.nothing}", "arithmetic-operand", 8, "null");
  expect_fault("${= 2 * p.m.z}", "interpolation-not-found", 12, "there is no 'z'");
  expect_fault("${= sin(1)}", "arithmetic-function", 8, "there is no function 'sin'");
  expect_fault("${= 2 ** 64}", "arithmetic-overflow", 10, "out of range");
  expect_fault("${= 2 p.n}", "arithmetic-syntax", 10, "an operator or '}' is expected");
  expect_fault("${= 2 *}", "arithmetic-syntax", 11, "'}' stands where a number");
  expect_fault("${= (2 * 3", "interpolation-unclosed", 4, "not closed");
  expect_fault("x ${= 1 / 0} ${= 1}", "arithmetic-zero", 12, "'${= 1 / 0}'");
  expect_fault("${= a + 1}", "interpolation-self", 8, "'a' refers to the value");
  const std::string text = to_string(fault_of("${= p.n / 0}"));
  EXPECT_NE(text.find("\n      |            ^~~"), std::string::npos) << text;
}

TEST(Expressions, NestingIsBounded) {
  for (const char* piece : {"${", "${= (", "${= ${", "${oc.create:[", "${oc.env:${"}) {
    std::string text;
    for (int n = 0; n < 20000; ++n) text += piece;
    EXPECT_EQ(fault_of("'" + text + "'").code, "yaml-limit") << piece;
  }
}

TEST(Resolvers, GrowthIsBounded) {
  std::string document = "a0: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int n = 1; n < 40; ++n) {
    const std::string before = "${a" + std::to_string(n - 1) + "}";
    document += "a" + std::to_string(n) + ": '${oc.create:[" + before + "," + before + "]}'\n";
  }
  Diagnostics faults;
  Yaml tree = parse_yaml(document, "a.yaml", faults);
  resolve_interpolations(tree, faults);
  ASSERT_EQ(faults.list.size(), 1u);
  EXPECT_EQ(faults.list[0].code, "yaml-limit");
}

}  // namespace
}  // namespace kiln
