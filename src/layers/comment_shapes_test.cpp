#include "graph/describe_graph.h"
#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace kiln::testing;

std::string two_columns(const std::string& x, const std::string& layer) {
  return "model_inputs: {x: " + x + "}\nmodel_layers:\n  a: " + layer + "\nmodel_outputs: {y: a}\n";
}

const std::string kLinear = "{type: ArbitraryModule, config: {target: torch.nn.Linear, args: [16, 2]}, inputs: {0: x}}";
const std::string kFeatures =
    "{type: AtomwiseLinear, config: {irreps_in_block: 16x0e, irreps_out_block: 1x0e}, inputs: {h: x}}";

CheckedGraph read_back(const CheckedGraph& graph) {
  Diagnostics faults;
  CheckedGraph again = check_graph(parse_graph(parse_json_tree(graph.canonical_json), faults), layer_table(), faults);
  EXPECT_TRUE(faults.list.empty());
  return again;
}

TEST(CommentShapes, OneThatFitsIsADeclaredShape) {
  const std::string text =
      two_columns("\"(N, 16)\"", "{type: AtomwiseLinear, config: {irreps_out_block: 1x0e}, inputs: {h: x}}");
  const Checked checked = check(text);
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_EQ(checked.irreps("x"), "16x0e");
  EXPECT_EQ(faults_of(with(text, "\"(N, 16)\"", "")), Faults{"unknown-irreps@3"});
}

TEST(CommentShapes, OneThatDoesNotFitCountsForNothing) {
  for (const std::string& layer : {kLinear, kFeatures}) {
    for (const char* comment : {"\"(N, 17)\"", "\"Tensor (N, 17)\"", "\"(N, 16, 16, 17)\""}) {
      const Checked checked = check(two_columns(comment, layer)), unsaid = check(two_columns("", layer));
      EXPECT_EQ(faults_of(checked), Faults{"w bad-shape@1"}) << comment << layer;
      EXPECT_EQ(describe_json(checked.graph), describe_json(unsaid.graph));
      EXPECT_EQ(checked.graph.canonical_json, unsaid.graph.canonical_json);
    }
    EXPECT_EQ(faults_of(two_columns("{shape: [N, 16]}", layer)), Faults{});
  }
  EXPECT_EQ(faults_of(two_columns("{shape: [N, 17]}", kLinear)), Faults{"bad-shape@3"});
  EXPECT_EQ(faults_of(two_columns("{shape: [N, 17]}", kFeatures)), Faults{"wrong-width@3"});
}

TEST(CommentShapes, TheWarningShowsBothPlaces) {
  const Diagnostic warning = check(two_columns("\"(N, 17)\"", kLinear)).faults.list.at(0);
  EXPECT_EQ(warning.where.column, 19);
  EXPECT_EQ(warning.what,
            "model input 'x': the comment says (N, 17), but layer 'a': target 'torch.nn.Linear' takes tensors of 16 "
            "columns, not of shape (N, 17) (m.yaml:3:92)");
}

/// The contradiction may come layers later, and in what an alias reads.
TEST(CommentShapes, OfTensorsMadeFromTheInput) {
  const std::string relu = "{type: ArbitraryModule, config: {target: torch.relu}, inputs: {0: x}}";
  const std::string text = "model_inputs: {x: \"(N, 17)\", w: {shape: [N, 16]}}\nmodel_layers:\n  r: " + relu +
                           "\n  a: " + with(kLinear, "0: x", "0: w") + "\n  b: {alias: a, inputs: {0: r}}\n" +
                           "model_outputs: {y: a, z: b}\n";
  EXPECT_EQ(faults_of(text), Faults{"w bad-shape@1"});
  EXPECT_EQ(faults_of(with(text, "\"(N, 17)\"", "{shape: [N, 17]}")), Faults{"bad-shape@5"});
}

/// Only the ones at fault are forgotten; of two that contradict each other, the one that is read first counts.
TEST(CommentShapes, AreJudgedOneByOne) {
  const std::string sum = "{type: ArbitraryModule, config: {target: torch.add}, inputs: {0: x, 1: h}}";
  const std::string text = "model_inputs: {x: \"(5, 3)\", w: \"(5, 16)\"}\nmodel_layers:\n  b: " + sum +
                           "\n  h: " + with(kLinear, "0: x", "0: w") + "\nmodel_outputs: {y: b}\n";
  const Checked later = check(text);  // h is 2 columns wide whatever w is, as long as it is a matrix
  EXPECT_EQ(faults_of(later), Faults{"w bad-shape@1"});
  EXPECT_EQ(to_string(later.field("w").type.shape), "(5, 16)");
  EXPECT_EQ(to_string(later.field("x").type.shape), "(…)");
  const std::string pair =
      "model_inputs: {w: \"(5, 3)\", x: \"(5, 4)\"}\nmodel_layers:\n  b: " + with(sum, "1: h", "1: w") +
      "\nmodel_outputs: {y: b}\n";
  const Checked both = check(pair);
  EXPECT_EQ(faults_of(both), Faults{"w bad-shape@1"});
  EXPECT_EQ(to_string(both.field("x").type.shape), "(5, 4)");
  EXPECT_EQ(to_string(both.field("w").type.shape), "(…)");
}

TEST(CommentShapes, SeveralMayBeAtFault) {
  const std::string text =
      "model_inputs:\n  x: \"(N, 17)\"\n  y: \"(N, 16)\"\n  w: \"(N, 15)\"\nmodel_layers:\n  a: " + kLinear +
      "\n  b: " + with(kLinear, "0: x", "0: y") + "\n  c: " + with(kLinear, "0: x", "0: w") +
      "\nmodel_outputs: {a: a, b: b, c: c}\n";
  EXPECT_EQ(faults_of(text), Faults({"w bad-shape@2", "w bad-shape@4"}));
}

/// What is wrong anyway stays an error, and a comment that is not to blame stays.
TEST(CommentShapes, OtherErrorsStay) {
  const std::string text = two_columns("\"(N, 16)\"", kLinear);
  EXPECT_EQ(faults_of(with(text, "torch.nn.Linear", "torch.nn.Linaer")), Faults{"unknown-target@3"});
  const std::string wide = two_columns("\"(N, 17)\"", kLinear + "\n  b: {type: Nothing}");
  EXPECT_EQ(faults_of(wide), Faults({"unknown-layer@4", "w bad-shape@1"}));
  const std::string needed =
      "model_inputs: {x: \"(N, 16)\"}\nmodel_layers:\n  a: {type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, "
      "inputs: {h: x}}\n  b: {type: AtomwiseLinear, config: {irreps_in_block: 3x0e, irreps_out_block: 1x0e}, inputs: "
      "{h: a}}\nmodel_outputs: {y: b}\n";
  EXPECT_EQ(faults_of(needed), Faults{"block-mismatch@4"});
  const std::string twice = with(needed, "{h: a}}", "{h: x}}");  // both are told, and one is there for the comment
  const Checked named = check(twice);
  EXPECT_EQ(faults_of(named), Faults{"block-mismatch@4"});
  EXPECT_EQ(named.faults.list.at(0).hint,
            "leave 'irreps_in_block' out: it is inferred; 'x' has the shape (N, 16) from its comment at m.yaml:1:19");
}

TEST(CommentShapes, SurviveInCanonicalForm) {
  for (const char* x : {"\"Tensor (N, 16)\"", "\"(N, 17)\"", "{shape: [N, 16]}", "\"(16,)\"", "\"anything\""}) {
    for (const std::string& layer : {kLinear, kFeatures}) {
      const Checked checked = check(two_columns(x, layer));
      ASSERT_FALSE(checked.faults.has_errors()) << x;
      const CheckedGraph again = read_back(checked.graph);
      EXPECT_EQ(again.canonical_json, checked.graph.canonical_json);
      EXPECT_EQ(describe_json(again), describe_json(checked.graph));
      EXPECT_EQ(again.inputs[0].shape_in_comment, checked.graph.inputs[0].shape_in_comment) << x;
      EXPECT_EQ(to_string(again.inputs[0].shape), to_string(checked.graph.inputs[0].shape)) << x;
    }
  }
}

}  // namespace
}  // namespace kiln
