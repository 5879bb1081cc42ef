#include "graph/graph_spec.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "graph/graph_document.h"

namespace kiln {
namespace {

struct Parsed {
  Diagnostics faults;
  GraphSpec graph;
};

Parsed parse(const std::string& text) {
  Parsed parsed;
  parsed.graph = parse_graph(parse_graph_document(text, "m.yaml", parsed.faults), parsed.faults);
  return parsed;
}

/// "code@line" of every fault, warnings with a leading 'w'.
std::vector<std::string> faults_of(const std::string& text) {
  std::vector<std::string> found;
  for (const Diagnostic& d : parse(text).faults.list) {
    found.push_back((d.severity == Severity::warning ? "w " : "") + d.code + "@" + std::to_string(d.where.line));
  }
  std::sort(found.begin(), found.end());
  return found;
}

using Faults = std::vector<std::string>;

TEST(ParseGraph, ReadsTheFourSections) {
  const Parsed parsed = parse(
      "model_params: {n: 3}\n"
      "model_inputs: {x: free text, y: }\n"
      "model_layers:\n"
      "  a: {type: T, config: {k: 1}, inputs: {p: x, q: [x, model_inputs.y]}, output: {0: u, port: v}}\n"
      "  b: {alias: a, inputs: {1: x, '0': u}}\n"
      "model_outputs: {energy: a.port, other: b}\n");
  EXPECT_TRUE(parsed.faults.list.empty());
  const GraphSpec& graph = parsed.graph;
  ASSERT_EQ(graph.inputs.size(), 2u);
  EXPECT_EQ(graph.inputs[0].name, "x");
  ASSERT_EQ(graph.layers.size(), 2u);
  const LayerSpec& a = graph.layers[0];
  EXPECT_EQ(a.type, "T");
  EXPECT_EQ(a.where.line, 4);
  ASSERT_EQ(a.inputs.size(), 2u);
  EXPECT_FALSE(a.inputs[0].is_list);
  EXPECT_TRUE(a.inputs[1].is_list);
  EXPECT_EQ(a.inputs[1].sources[1].text, "model_inputs.y");
  ASSERT_EQ(a.output_map.size(), 2u);
  EXPECT_EQ(a.output_map[0].key, "0");
  EXPECT_EQ(a.output_map[1].name, "v");
  EXPECT_EQ(graph.layers[1].alias, "a");
  EXPECT_EQ(graph.layers[1].inputs[0].port, "1");
  EXPECT_EQ(graph.outputs[0].source.text, "a.port");
}

TEST(ParseGraph, ModelInputsMayBeAListOfNames) {
  const Parsed parsed = parse("model_inputs: [x, y]\nmodel_layers: {}\nmodel_outputs: {o: x}\n");
  EXPECT_TRUE(parsed.faults.list.empty());
  EXPECT_EQ(parsed.graph.inputs[1].name, "y");
}

TEST(ParseGraph, NullConfigAndInputsAreEmpty) {
  const Parsed parsed = parse("model_layers:\n  a:\n    type: T\n    config:\n    inputs:\n");
  EXPECT_TRUE(parsed.faults.list.empty());
  EXPECT_TRUE(parsed.graph.layers[0].config.is_mapping());
}

TEST(ParseGraph, CompatTakesOnlyKlay) {
  EXPECT_TRUE(parse("compat: klay\nmodel_layers: {}\n").graph.compat_klay);
  EXPECT_EQ(faults_of("compat: other\nmodel_layers: {}\n"), Faults{"bad-value@1"});
}

TEST(ParseGraph, UnknownSectionsWarn) {
  const Parsed parsed = parse("model_layer: {}\nmodel_layers: {}\n");
  ASSERT_EQ(parsed.faults.list.size(), 1u);
  EXPECT_EQ(parsed.faults.list[0].code, "unknown-section");
  EXPECT_EQ(parsed.faults.list[0].severity, Severity::warning);
  EXPECT_NE(parsed.faults.list[0].hint.find("model_layers"), std::string::npos);
}

TEST(ParseGraph, ThePluralOfOutputIsAnErrorWithAHint) {
  const std::string text = "model_layers:\n  a: {type: T, outputs: {0: b}}\n";
  const Parsed parsed = parse(text);
  ASSERT_EQ(parsed.faults.list.size(), 1u);
  EXPECT_EQ(parsed.faults.list[0].code, "unknown-key");
  EXPECT_EQ(parsed.faults.list[0].where.line, 2);
  EXPECT_EQ(parsed.faults.list[0].where.column, 16);
  EXPECT_NE(parsed.faults.list[0].hint.find("'output'"), std::string::npos);
  EXPECT_FALSE(parse("compat: klay\n" + text).faults.has_errors());
}

TEST(ParseGraph, AnEmptyTextIsNoName) {
  for (const char* key : {"type", "alias"}) {
    const Parsed parsed = parse(std::string("model_layers:\n  a: {") + key + ": \"\"}\n");
    ASSERT_EQ(parsed.faults.list.size(), 1u) << key;
    EXPECT_EQ(parsed.faults.list[0].code, "wrong-kind") << key;
    EXPECT_EQ(parsed.faults.list[0].where.column, std::string(key) == "type" ? 13 : 14) << key;
  }
}

TEST(ParseGraph, AnAliasTakesNoTypeAndNoConfig) {
  EXPECT_EQ(faults_of("model_layers:\n  a: {type: T}\n  b:\n    alias: a\n    type: T\n    config: {}\n"),
            (Faults{"alias-with-type@5", "alias-with-type@6"}));
}

TEST(ParseGraph, NamesClashWithBothPlaces) {
  const Parsed parsed = parse(
      "model_inputs: {x: , y: }\n"
      "model_layers:\n"
      "  y: {type: T}\n"
      "  z: {type: T, output: {0: x, 1: w}}\n"
      "  w: {type: T}\n");
  ASSERT_EQ(parsed.faults.list.size(), 3u);
  for (const Diagnostic& d : parsed.faults.list) EXPECT_EQ(d.code, "name-clash");
  EXPECT_EQ(parsed.faults.list[0].where.line, 3);
  EXPECT_NE(parsed.faults.list[0].hint.find("m.yaml:1"), std::string::npos);
  EXPECT_EQ(parsed.faults.list[2].where.line, 4);
  EXPECT_NE(parsed.faults.list[2].hint.find("m.yaml:5"), std::string::npos);
}

TEST(ParseGraph, ReportsEveryFaultOfAFile) {
  EXPECT_EQ(faults_of("model_inputs: {a-b: , 2: }\n"                                              // 1: two bad names
                      "model_layers:\n"                                                           // 2
                      "  l.1: {type: T}\n"                                                        // 3: bad name
                      "  two: 3\n"                                                                // 4: no mapping
                      "  three: {config: {}}\n"                                                   // 5: no type
                      "  four: {type: 7, inputs: [x]}\n"                                          // 6: kinds
                      "  five: {type: T, inputs: {p: , -1: x, true: y, 0.5: z, 0: u, '0': v}}\n"  // 7
                      "  six: {type: T, output: {0: a b, true: c}}\n"                             // 8
                      "  seven: {alias: }\n"                                                      // 9
                      "model_outputs: {energy: 1, forces: }\n"),                                  // 10
            (Faults{"bad-name@1", "bad-name@1", "bad-name@3", "bad-name@8", "bad-port@7", "bad-port@7", "bad-port@7",
                    "bad-port@8", "duplicate-port@7", "missing-type@5", "wrong-kind@10", "wrong-kind@10",
                    "wrong-kind@4", "wrong-kind@6", "wrong-kind@6", "wrong-kind@7", "wrong-kind@9"}));
}

/// 0 and '0' are two keys only where ports and outputs are named.
TEST(ParseGraph, ANumberAndItsTextAreOneKeyElsewhere) {
  const std::string layer = "model_layers: {a: {type: T, config: CONFIG, inputs: {0: x, 1: x}}}\n";
  const auto faults = [&](const std::string& params, const std::string& config) {
    std::string text = layer;
    text.replace(text.find("CONFIG"), 6, config);
    return faults_of("model_params: " + params + "\nmodel_inputs: {x: }\n" + text + "model_outputs: {y: a}\n");
  };
  EXPECT_EQ(faults("{n: {0: 1, 1: 2}}", "{}"), Faults{});
  EXPECT_EQ(faults("{n: {0: 1, '0': 2}}", "{}"), Faults{"duplicate-key@1"});
  EXPECT_EQ(faults("{}", "{z: [{0: 1, '0': 2}]}"), Faults{"duplicate-key@3"});
}

TEST(ParseGraph, ASyntaxFaultIsToldOnce) {
  const Parsed parsed = parse("model_inputs: {x: [}\n");
  ASSERT_EQ(parsed.faults.list.size(), 1u);
  EXPECT_NE(parsed.faults.list[0].code, "wrong-kind");
}

TEST(ParseGraph, WrongKindsOfSections) {
  EXPECT_EQ(faults_of("[a]\n"), Faults{"wrong-kind@1"});
  EXPECT_EQ(faults_of("model_layers: [a]\nmodel_outputs:\nmodel_inputs: 3\nmodel_params: 1\n"),
            (Faults{"wrong-kind@1", "wrong-kind@2", "wrong-kind@3", "wrong-kind@4"}));
  EXPECT_EQ(faults_of("model_inputs: {x: }\n"), Faults{"missing-section@1"});
}

TEST(ParseGraph, DuplicateLayersAreReportedWithBothLines) {  // GL15
  const Parsed parsed = parse("model_layers:\n  a: {type: T}\n  b: {type: T}\n  a: {type: U}\n");
  ASSERT_EQ(parsed.faults.list.size(), 1u);
  const std::string text = to_string(parsed.faults.list[0]);
  EXPECT_NE(text.find(":4:"), std::string::npos);
  EXPECT_NE(text.find("2"), std::string::npos);
}

}  // namespace
TEST(GraphSpec, CompatSaysWhatItIsGiven) {
  for (const auto& [given, told] : {std::pair<const char*, const char*>{"[klay]", "not a list"}, {"", "not null"}}) {
    Diagnostics faults;
    parse_graph(parse_yaml(std::string("compat: ") + given + "\nmodel_inputs: {}\n", "m.yaml", faults), faults);
    ASSERT_FALSE(faults.list.empty());
    EXPECT_EQ(faults.list[0].what, std::string("'compat' takes only 'klay', ") + told);
    EXPECT_EQ(faults.list[0].where.line, 1);
  }
}

}  // namespace kiln
