// Layers that add several fields: what is told of these, and of what reads the sum.
#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

/// Of what level their sum is; and which irreps where one of the fields says so.
TEST(SumsAtFault, OfReadersOfASumAtFault) {
  const auto faults = [](const std::string& type, const std::string& sources, const std::string& reader) {
    return faults_of(
        with(kOneLayer, "model_outputs:\n",
             "  s: {type: " + type + sources + "}}\n  r: {type: " + reader + "}}\nmodel_outputs:\n  s: s\n  r: r\n"));
  };
  const std::string linear = "AtomwiseLinear, config: {irreps_in_block: 8x0e, irreps_out_block: 2x0e}, inputs: {h: s",
                    radial = "RadialBasisEdgeEncoding, config: {r_max: 4}, inputs: {edge_lengths: s";
  const std::string sum = "AtomwiseSum, inputs: {src: ", scale = "ScaleShift, inputs: {h: ";
  EXPECT_EQ(faults(sum, "none", linear), (Faults{"unknown-reference@19", "wrong-input@20"}));
  EXPECT_EQ(faults(sum, "geometry.1", linear), (Faults{"wrong-input@19", "wrong-input@20"}));
  EXPECT_EQ(faults(sum, "[embedding, readout]", linear), (Faults{"unequal-fields@19", "wrong-input@20"}));
  EXPECT_EQ(faults(scale, "none", linear), Faults{"unknown-reference@19"});
  EXPECT_EQ(faults(scale, "none", radial), (Faults{"unknown-reference@19", "wrong-input@20"}));
  EXPECT_EQ(faults(scale, "[none, elements]", linear), (Faults{"unknown-reference@19", "block-mismatch@20"}));
  EXPECT_EQ(faults(scale, "[none, embedding]", linear), Faults{"unknown-reference@19"});
  const std::string call = "ArbitraryModule, config: {target: torch.nn.Linear, args: [5, 2]}, inputs: {0: s";
  EXPECT_EQ(faults(sum, "none", call), Faults{"unknown-reference@19"});
  EXPECT_EQ(faults(sum, "[none, elements]", call), (Faults{"unknown-reference@19", "bad-shape@20"}));
}

/// All of them, each where it stands.
TEST(SumsAtFault, OfTheFieldsOfASum) {
  const std::string at_fault =
      with(kOneLayer, "src: readout,", "src: [readout, elements, geometry.1, conv, gradients.2],");
  std::vector<int> columns;
  for (const Diagnostic& fault : check(at_fault).faults.list)
    if (fault.where.line == 17) columns.push_back(fault.where.column);
  EXPECT_EQ(columns, (std::vector<int>{85, 67, 57}));  // the circle, geometry.1, the sum
  const Checked unequal = check(with(kOneLayer, "src: readout,", "src: [readout, elements, conv, readout],"));
  ASSERT_EQ(unequal.faults.list.size(), 1u);
  EXPECT_EQ(unequal.faults.list[0].what,
            "layer 'total': fields to be added must have the same irreps, not 1x0e, 2x0e and 8x0e");
}

/// What is wrong with one field is wrong once.
TEST(SumsAtFault, OfAFieldThatIsAddedTwice) {
  EXPECT_EQ(faults_of("model_inputs: {x: }\nmodel_layers:\n  a: {type: AtomwiseSum, inputs: {src: [x, x, x]}}\n"
                      "model_outputs: {y: a}\n"),
            Faults{"unknown-irreps@3"});
}

/// Of an alias, too.
TEST(SumsAtFault, OfTheFieldsOfAnAliasOfASum) {
  const std::string alias =
      "  again: {alias: total, inputs: {src: [readout, geometry.1]}}\nmodel_outputs:\n  r: again\n";
  const Checked checked = check(with(kOneLayer, "model_outputs:\n", alias));
  ASSERT_EQ(faults_of(checked), Faults{"wrong-input@19"});
  EXPECT_EQ(checked.faults.list[0].where.column, 49);
}

TEST(SumsAtFault, OfWhatIsNoScalar) {
  const auto faults = [](const std::string& reader) {
    return faults_of(with(kOneLayer, "model_outputs:\n",
                          "  v: {type: AtomwiseLinear, config: {irreps_out_block: 2x1o}, inputs: {h: elements}}\n"
                          "  s: {type: ScaleShift, inputs: {h: v}}\n  r: {type: " +
                              reader + "}}\nmodel_outputs:\n  r: r\n"));
  };
  EXPECT_EQ(faults("AtomwiseLinear, config: {irreps_in_block: 9x0e, irreps_out_block: 2x0e}, inputs: {h: s"),
            (Faults{"w zero-block@19", "no-scalars@20"}));
  EXPECT_EQ(faults("RadialBasisEdgeEncoding, config: {r_max: 4}, inputs: {edge_lengths: s"),
            (Faults{"w zero-block@19", "no-scalars@20", "wrong-input@21"}));
}

}  // namespace
}  // namespace kiln
