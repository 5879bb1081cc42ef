#include "base/yaml.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace kiln {
namespace {

Yaml read(const std::string& content) {
  Diagnostics faults;
  const Yaml tree = parse_yaml(content, "a.yaml", faults);
  for (const Diagnostic& fault : faults.list) ADD_FAILURE() << to_string(fault);
  return tree;
}

/// The value of `a` in "a: …".
Yaml value(const std::string& scalar) { return *read("a: " + scalar + "\n").find("a"); }

Diagnostics faults_of(const std::string& content) {
  Diagnostics faults;
  parse_yaml(content, "a.yaml", faults);
  return faults;
}

/// The one fault, and that it is one.
Diagnostic fault_of(const std::string& content) {
  const Diagnostics faults = faults_of(content);
  EXPECT_EQ(faults.list.size(), 1u) << content;
  return faults.list.empty() ? Diagnostic{} : faults.list.front();
}

void expect_fault(const std::string& content, const std::string& code, int line, int column) {
  const Diagnostic fault = fault_of(content);
  EXPECT_EQ(fault.code, code) << content;
  EXPECT_EQ(fault.where.line, line) << content << to_string(fault);
  EXPECT_EQ(fault.where.column, column) << content << to_string(fault);
  EXPECT_EQ(fault.where.file, "a.yaml");
  EXPECT_EQ(fault.severity, Severity::error);
}

TEST(YamlTree, KeepsOrderKindsAndPositions) {
  const Yaml tree = read("b: {x: 1, y: [two, 3.5]}\na:\n  - ~\n  - \"q\"\n");
  ASSERT_TRUE(tree.is_mapping());
  EXPECT_EQ(tree.entries[0].first.text, "b");
  EXPECT_EQ(tree.entries[1].first.text, "a");
  const Yaml& y = *tree.find("b")->find("y");
  EXPECT_EQ(y.items[0].text, "two");
  EXPECT_EQ(y.items[1].real_value, 3.5);
  EXPECT_EQ(y.items[1].where.line, 1);
  EXPECT_EQ(y.items[1].where.column, 20);
  EXPECT_EQ(y.items[1].where.length, 3);
  EXPECT_EQ(y.items[1].where.excerpt, "b: {x: 1, y: [two, 3.5]}");
  const Yaml& a = *tree.find("a");
  EXPECT_TRUE(a.items[0].is_null());
  EXPECT_TRUE(a.items[1].quoted);
  EXPECT_EQ(a.items[1].where.line, 4);
  EXPECT_EQ(a.items[1].where.length, 3);
  EXPECT_EQ(tree.find("c"), nullptr);
}

TEST(YamlTree, ColumnsCountCharacters) {
  const Yaml tree = read("{äöü: x, 日本: [y]}\n");
  EXPECT_EQ(tree.entries[1].first.where.column, 10);
  EXPECT_EQ(tree.entries[1].second.items[0].where.column, 15);
}

TEST(YamlTree, ByteOrderMarkAndCarriageReturnsAreNoMatter) {
  const Yaml tree = read(
      "\xEF\xBB\xBF"
      "a: 1\r\nb: x\r\n\r\nc: |\r\n  t\r\n");
  EXPECT_EQ(tree.find("a")->int_value, 1);
  EXPECT_EQ(tree.find("b")->text, "x");
  EXPECT_EQ(tree.find("c")->text, "t\n");
  EXPECT_EQ(tree.entries[0].first.where.column, 1);
  EXPECT_EQ(tree.find("c")->where.line, 4);
}

TEST(YamlTree, EmptyFilesAreNull) {
  for (const char* content : {"", "\n\n", "# only a comment\n", "---\n", "--- ~\n..."})
    EXPECT_TRUE(read(content).is_null()) << content;
}

TEST(YamlScalars, IntegersOfYaml11) {
  const std::pair<const char*, std::int64_t> cases[] = {{"0", 0},
                                                        {"-7", -7},
                                                        {"+7", 7},
                                                        {"012", 10},
                                                        {"-012", -10},
                                                        {"1_000", 1000},
                                                        {"0x1F", 31},
                                                        {"0b101", 5},
                                                        {"1:30", 90},
                                                        {"-1:30:5", -5405},
                                                        {"9223372036854775807", INT64_MAX},
                                                        {"-9223372036854775808", INT64_MIN},
                                                        {"00", 0},
                                                        {"1_", 1}};
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(value(text).kind, Yaml::Kind::integer) << text;
    EXPECT_EQ(value(text).int_value, expected) << text;
    EXPECT_EQ(value(text).real_value, static_cast<double>(expected)) << text;
    EXPECT_EQ(value(text).text, text);
  }
}

TEST(YamlScalars, RealsOfYaml11AndExponentsOfOmegaConf) {
  const std::pair<const char*, double> cases[] = {
      {"1e-3", 1e-3},     {"1.5", 1.5},      {"-1.", -1.0},   {".5", 0.5},        {"._5", 0.5},
      {"1E5", 1e5},       {"+1.5e+3", 1500}, {"1.5e3", 1500}, {"1_0.2_5", 10.25}, {"1:30.5", 90.5},
      {"-1:30.5", -90.5}, {"012.5", 12.5},   {"09.", 9},      {"1e-400", 0}};
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(value(text).kind, Yaml::Kind::real) << text;
    EXPECT_EQ(value(text).real_value, expected) << text;
  }
  EXPECT_EQ(value(".inf").real_value, std::numeric_limits<double>::infinity());
  EXPECT_EQ(value("-.INF").real_value, -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(value(".NaN").real_value));
}

TEST(YamlScalars, BooleansAndNulls) {
  for (const char* text : {"yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"}) {
    EXPECT_EQ(value(text).kind, Yaml::Kind::boolean) << text;
    EXPECT_TRUE(value(text).bool_value) << text;
  }
  for (const char* text : {"no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"}) {
    EXPECT_EQ(value(text).kind, Yaml::Kind::boolean) << text;
    EXPECT_FALSE(value(text).bool_value) << text;
  }
  for (const char* text : {"", "~", "null", "Null", "NULL"}) EXPECT_TRUE(value(text).is_null()) << text;
}

TEST(YamlScalars, EverythingElseIsText) {
  for (const char* text : {"0o17",  "2024-05-01", "2024-05-01 10:00:00",
                           "08",    "1:60",       "1:5:99",
                           "0x",    "0b2",        "1e",
                           "e5",    "-.5",        ".5e3",
                           "y",     "n",          "nULL",
                           "tRUE",  "inf",        "nan",
                           "+.nan", "1.2.3",      "1,5",
                           "_1",    "0x_",        "--1",
                           "???",   "=",          "1 2"}) {
    EXPECT_EQ(value(text).kind, Yaml::Kind::text) << text;
    EXPECT_EQ(value(text).text, text);
    EXPECT_FALSE(value(text).quoted) << text;
  }
  for (const char* text : {"'1'", "\"true\"", "'~'", "\"\"", "'1e-3'"}) {
    EXPECT_EQ(value(text).kind, Yaml::Kind::text) << text;
    EXPECT_TRUE(value(text).quoted) << text;
  }
}

TEST(YamlScalars, OutOfRangeNumbersAreFaults) {
  expect_fault("a: 9223372036854775808\n", "number-range", 1, 4);
  expect_fault("a: -9223372036854775809\n", "number-range", 1, 4);
  expect_fault("a: 1e999\n", "number-range", 1, 4);
  expect_fault("a: 99999999999999999999:59\n", "number-range", 1, 4);
}

TEST(YamlTags, CoreTagsAreHonored) {
  EXPECT_EQ(value("!!int \"8\"").int_value, 8);
  EXPECT_EQ(value("!!int '8'").kind, Yaml::Kind::integer);
  EXPECT_EQ(value("!!float 3").kind, Yaml::Kind::real);
  EXPECT_EQ(value("!!float 3").real_value, 3.0);
  EXPECT_EQ(value("!!str 3").kind, Yaml::Kind::text);
  EXPECT_EQ(value("!!str").kind, Yaml::Kind::text);
  EXPECT_EQ(value("!!bool yes").bool_value, true);
  EXPECT_TRUE(value("!!null ''").is_null());
  EXPECT_EQ(value("!!seq [1]").items.size(), 1u);
  EXPECT_EQ(value("!!map {b: 1}").entries.size(), 1u);
  EXPECT_EQ(value("!<tag:yaml.org,2002:int> 8").int_value, 8);
}

TEST(YamlTags, OthersAreRefused) {
  expect_fault("a: !!python/object:os.system x\n", "foreign-tag", 1, 4);
  expect_fault("a: !!binary aGk=\n", "foreign-tag", 1, 4);
  expect_fault("a: !!set {x}\n", "foreign-tag", 1, 4);
  expect_fault("a: !mine [1]\n", "foreign-tag", 1, 4);
  expect_fault("a: !!seq 1\n", "foreign-tag", 1, 4);
  expect_fault("a: !!map [1]\n", "foreign-tag", 1, 4);
  expect_fault("a: !!timestamp 2024-05-01\n", "foreign-tag", 1, 4);
  expect_fault("a: !!int x\n", "bad-tag", 1, 4);
  expect_fault("a: !!int 1.5\n", "bad-tag", 1, 4);
  expect_fault("a: !!bool 1\n", "bad-tag", 1, 4);
  EXPECT_NE(fault_of("a: !!python/name:os.system\n").what.find("!!python/name:os.system"), std::string::npos);
}

TEST(YamlKeys, DuplicatesNameBothPlaces) {
  const std::string content = "model_layers:\n  a: {type: X}\n  b: 1\n  a: {type: Y}\n";
  expect_fault(content, "duplicate-key", 4, 3);
  EXPECT_NE(fault_of(content).what.find("line 2, column 3"), std::string::npos);
  expect_fault("{x: 1, 'x': 2}", "duplicate-key", 1, 8);
  expect_fault("{'0': 1, 1: 2, '0': 3}", "duplicate-key", 1, 16);
}

TEST(YamlKeys, EqualValuesAreDuplicatesToo) {
  const Diagnostic fault = fault_of("1: a\ntrue: b\n");
  EXPECT_EQ(fault.code, "duplicate-key");
  EXPECT_EQ(fault.where.line, 2);
  EXPECT_NE(fault.what.find("'1' (at line 1, column 1) and 'true'"), std::string::npos);
  expect_fault("{1: a, 1.0: b}", "duplicate-key", 1, 8);
  expect_fault("{no: a, 0: b}", "duplicate-key", 1, 9);
  expect_fault("{8: a, 010: b}", "duplicate-key", 1, 8);
  const Yaml tree = read("{1: a, 2: b, false: c, '3': d, 4.5: e}");
  EXPECT_EQ(tree.entries[0].first.kind, Yaml::Kind::integer);
  EXPECT_EQ(tree.entries[2].first.kind, Yaml::Kind::boolean);
  EXPECT_EQ(tree.find("false")->text, "c");
  EXPECT_EQ(tree.find("4.5")->text, "e");
}

/// To OmegaConf a number and a text are two keys; who asks for both says whether they mean the same.
TEST(YamlKeys, ANumberIsNotItsText) {
  const std::string text = "a: &a {0: p, '0': q}\nb: {<<: *a, '0': r}\n";
  expect_fault(text, "duplicate-key", 1, 14);
  Diagnostics faults;
  const Yaml tree = parse_yaml(text, "a.yaml", faults, TwinKeys::kept);
  EXPECT_TRUE(faults.list.empty());
  for (const auto& [name, texts] : {std::pair{"a", std::pair{"p", "q"}}, {"b", {"p", "r"}}}) {
    ASSERT_EQ(tree.find(name)->entries.size(), 2u);
    EXPECT_EQ(tree.find(name)->entries[0].second.text, texts.first);
    EXPECT_EQ(tree.find(name)->entries[1].second.text, texts.second);
  }
}

TEST(YamlKeys, OddOnesAreRefused) {
  expect_fault("~: 1\n", "null-key", 1, 1);
  expect_fault("{null: 1}\n", "null-key", 1, 2);
  expect_fault("? [a, b]\n: 1\n", "bad-key", 1, 3);
}

TEST(YamlAliases, AreCopies) {
  const Yaml tree = read("a: &x {k: [1, &y 2]}\nb: *x\nc: *y\n");
  EXPECT_EQ(tree.find("b")->find("k")->items[1].int_value, 2);
  EXPECT_EQ(tree.find("c")->int_value, 2);
  EXPECT_EQ(read("a: &x 1\nb: &x 2\nc: *x\n").find("c")->int_value, 2);
}

TEST(YamlAliases, BadOnesAreFaults) {
  expect_fault("a: &x [1, *x]\n", "yaml-alias", 1, 11);
  expect_fault("a: *nowhere\n", "yaml-syntax", 1, 4);
}

TEST(YamlAliases, FaultsInAnchorsAreReportedOnce) {
  expect_fault("a: &x {k: 1, k: 2}\nb: *x\nc: [*x, *x]\n", "duplicate-key", 1, 14);
}

TEST(YamlAliases, BillionLaughsAreOneFault) {
  std::string content = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int n = 1; n < 12; ++n) {
    const std::string before = "*a" + std::to_string(n - 1);
    content += "a" + std::to_string(n) + ": &a" + std::to_string(n) + " [" + before;
    for (int k = 0; k < 9; ++k) content += ", " + before;
    content += "]\n";
  }
  EXPECT_EQ(fault_of(content).code, "yaml-limit");
}

TEST(YamlLimits, LongLinesAreReadInLinearTime) {
  std::string list = "ä: [1";
  for (int i = 1; i < 100000; ++i) list += ",1";
  const Yaml tree = read(list + "]");
  EXPECT_EQ(tree.entries[0].second.items.back().where.column, 5 + 2 * 99999);
  EXPECT_EQ(tree.entries[0].second.items[0].where.excerpt.size(), 200u);
}

TEST(YamlLimits, DepthAndSize) {
  EXPECT_EQ(fault_of(std::string(100000, '[')).code, "yaml-limit");
  EXPECT_EQ(fault_of(std::string(257, '[') + std::string(257, ']')).code, "yaml-limit");
  read(std::string(256, '[') + std::string(256, ']'));
  EXPECT_EQ(fault_of("a: " + std::string(17u << 20, 'x')).code, "yaml-limit");
  std::string list = "[";
  for (int i = 0; i < 1000001; ++i) list += "1,";
  EXPECT_EQ(fault_of(list + "]").code, "yaml-limit");
  std::string nested = "a0: &a0 x\n";  // aliases deepen what they stand in
  for (int n = 1; n < 300; ++n)
    nested += "a" + std::to_string(n) + ": &a" + std::to_string(n) + " [*a" + std::to_string(n - 1) + "]\n";
  EXPECT_EQ(fault_of(nested).code, "yaml-limit");
}

TEST(YamlMergeKeys, OwnEntriesWinAndEarlierSourcesToo) {
  const Yaml tree =
      read("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz: {<<: [*x, *y], c: 5, d: 6}\nw:\n  <<: *x\n  a: 9\n");
  const Yaml& z = *tree.find("z");
  ASSERT_EQ(z.entries.size(), 4u);
  EXPECT_EQ(z.find("a")->int_value, 1);
  EXPECT_EQ(z.find("b")->int_value, 2);
  EXPECT_EQ(z.find("c")->int_value, 5);
  EXPECT_EQ(z.find("d")->int_value, 6);
  EXPECT_EQ(tree.find("w")->find("a")->int_value, 9);
  EXPECT_EQ(tree.find("w")->find("b")->int_value, 2);
  EXPECT_EQ(read("'<<': 1").find("<<")->int_value, 1);
  expect_fault("a: {<<: 1}\n", "bad-merge", 1, 9);
  expect_fault("a: {<<: [[{b: 1}]]}\n", "bad-merge", 1, 10);
}

TEST(YamlScalars, EscapesGiveWholeCharacters) {
  Diagnostics faults;
  const Yaml tree = parse_yaml(R"(a: "\N\_\x85é\x01\L")", "a.yaml", faults);
  EXPECT_TRUE(faults.list.empty());
  EXPECT_EQ(tree.find("a")->text, "\xC2\x85\xC2\xA0\xC2\x85\xC3\xA9\x01\xE2\x80\xA8");
}

TEST(YamlSyntax, FaultsHavePlaceAndHint) {
  expect_fault("a: 1\nb: [1, 2\nc: 3\n", "yaml-syntax", 3, 2);
  expect_fault("a: {b: 1\n", "yaml-syntax", 2, 1);
  expect_fault("a: b: c\n", "yaml-syntax", 1, 5);
  expect_fault("a: \"open\n", "yaml-syntax", 1, 4);
  expect_fault("a: &x 'open '' it\n\n", "yaml-syntax", 1, 7);
  expect_fault("a: 1\n]\n", "yaml-syntax", 2, 1);
  expect_fault("]\n", "yaml-syntax", 1, 1);
  expect_fault("a: {b: @c}\n", "yaml-syntax", 1, 8);
  expect_fault("a: {b: \?\?\?, c: 1}\n", "yaml-syntax", 1, 8);
  EXPECT_NE(fault_of("[\?\?\?]\n").hint.find("must be given needs quotes"), std::string::npos);
  const Diagnostic tab = fault_of("a:\n\tb: 1\n");
  EXPECT_EQ(tab.where.line, 2);
  EXPECT_NE(tab.hint.find("tab"), std::string::npos);
}

TEST(YamlSyntax, OneDocumentOnly) {
  expect_fault("a: 1\n---\nb: 2\n", "several-documents", 2, 1);
  EXPECT_EQ(read("---\na: 1\n...\n").find("a")->int_value, 1);
}

TEST(YamlSyntax, BadBytesAreRefused) {
  expect_fault("a: \xFF\n", "bad-character", 1, 4);
  expect_fault("a: x\nb: \x01\n", "bad-character", 2, 4);
  expect_fault(std::string("a\0: 1", 5), "bad-character", 1, 2);
  expect_fault("a: \xC0\x80\n", "bad-character", 1, 4);      // overlong
  expect_fault("a: \xED\xA0\x80\n", "bad-character", 1, 4);  // surrogate
}

TEST(YamlSyntax, EveryPrefixIsReadOrRefused) {
  const std::string content =
      "a: &x {k: [1, \"t\", '${b}'], <<: {c: !!int 8}}\nb: |\n  text\nd: *x\n? e\n: [${f.g}, h]\n";
  for (std::size_t n = 0; n <= content.size(); ++n) faults_of(content.substr(0, n));
}

Diagnostics read_with_warning(const std::string& content, Yaml& tree) {
  Diagnostics faults;
  tree = parse_yaml(content, "a.yaml", faults);
  EXPECT_FALSE(faults.has_errors()) << content << (faults.list.empty() ? "" : to_string(faults.list.front()));
  return faults;
}

TEST(Yaml, AMissingBlankBehindAColonIsTold) {
  Yaml tree;
  const Diagnostics faults = read_with_warning(
      "a: {num_elems:2, l: 0}\nb: {'x:y', z: , aten::relu: , b: 1}\nc: &c {u:v}\nd: *c\nhttp://x:\n", tree);
  ASSERT_EQ(faults.list.size(), 2u);
  EXPECT_EQ(tree.find("a")->entries[0].first.text, "num_elems:2");  // plain YAML, as odd as it looks
  EXPECT_EQ(faults.list[0].code, "missing-blank");
  EXPECT_EQ(faults.list[0].where.column, 5);
  EXPECT_EQ(faults.list[0].hint, "Write a blank behind the colon: num_elems: 2");
  EXPECT_EQ(faults.list[1].where.line, 3);
}

TEST(YamlInterpolations, UnquotedInFlowMappingsAreReadWithAWarning) {
  Yaml tree;
  const Diagnostics faults = read_with_warning(
      "a:\n  config: {mul: ${p.n[0].x}, l: 0}  # ${comment}\n  b: [${x}, ${oc.env:A, \"b, c\"}, '${y}']\nc: ${z}\nd: "
      "{'é': ${w}, e: 5}\n",
      tree);
  ASSERT_EQ(faults.list.size(), 3u);
  EXPECT_EQ(faults.list[0].code, "unquoted-interpolation");
  EXPECT_EQ(faults.list[0].where.line, 2);
  EXPECT_EQ(faults.list[0].where.column, 17);
  EXPECT_EQ(faults.list[2].where.column, 10);
  const Yaml& a = *tree.find("a");
  EXPECT_EQ(a.find("config")->find("mul")->text, "${p.n[0].x}");
  EXPECT_EQ(a.find("config")->find("l")->where.column, 33);
  ASSERT_EQ(a.find("b")->items.size(), 3u);
  EXPECT_EQ(a.find("b")->items[1].text, "${oc.env:A, \"b, c\"}");
  EXPECT_EQ(a.find("b")->items[2].text, "${y}");
  EXPECT_EQ(tree.find("d")->find("e")->int_value, 5);
}

TEST(YamlInterpolations, ManyOfThemAreReadQuickly) {
  std::string content;
  for (int i = 0; i < 2000; ++i) content += "a" + std::to_string(i) + ": {mul: ${n.x}, l: 0}\n";
  Yaml tree;
  EXPECT_GE(read_with_warning(content, tree).list.size(), 20u);
  EXPECT_EQ(tree.find("a1999")->find("mul")->text, "${n.x}");
}

TEST(YamlInterpolations, UnclosedInFlowMappingsAreFaults) {
  const Diagnostic fault = fault_of("a: {b: ${x, c: 1}\n");
  EXPECT_EQ(fault.code, "yaml-syntax");
  EXPECT_NE(to_string(fault).find("closed"), std::string::npos) << to_string(fault);
}

TEST(YamlJson, CanonicalTextReadsBack) {
  const std::string json =
      R"({"b":[1,-2,2.0,1e-10,1e+16,0.1],"a":{"t":"ä\"\\\n","x":true,"y":null,"z":{},"w":[]},"9":"8"})";
  EXPECT_EQ(to_canonical_json(parse_json_tree(json)), json);
  EXPECT_EQ(to_canonical_json(read("x: 4.0\n2: 012\ntrue: [~, 'no', no]\n")),
            R"({"x":4.0,"2":10,"true":[null,"no",false]})");
  EXPECT_EQ(parse_json_tree("[3]").items[0].int_value, 3);
  EXPECT_EQ(parse_json_tree("[3.0]").items[0].kind, Yaml::Kind::real);
}

TEST(YamlJson, BadTextIsRefused) {
  for (const std::string content :
       {"", "{", "{\"a\":1,\"a\":2}", "[1e999]", "[18446744073709551615]", "[NaN]", "\"\xFF\"", "[1] 2"}) {
    EXPECT_THROW(parse_json_tree(content), Error) << content;
  }
  EXPECT_THROW(parse_json_tree(std::string(1000000, '[')), Error);
  EXPECT_THROW(to_canonical_json(yaml_real(std::numeric_limits<double>::infinity())), Error);
}

TEST(YamlTree, TreesMadeByTheProgram) {
  Yaml tree = yaml_mapping();
  yaml_set(tree, "a", yaml_integer(1));
  yaml_set(tree, "b", yaml_text("x"));
  yaml_set(tree, "a", yaml_real(4.0));
  yaml_set(tree, "c", yaml_boolean(true));
  EXPECT_EQ(to_canonical_json(tree), R"({"a":4.0,"b":"x","c":true})");
}

TEST(Yaml, EscapesInDoubleQuotesAreYamls) {
  Diagnostics faults;
  parse_yaml("a: [1, \"\\${x}\"]\n", "m.yaml", faults);
  ASSERT_EQ(faults.list.size(), 1U);
  EXPECT_EQ(faults.list[0].code, "yaml-syntax");
  EXPECT_NE(faults.list[0].hint.find("\"\\\\${a}\", or use single quotes"), std::string::npos) << faults.list[0].hint;
}

}  // namespace
}  // namespace kiln
