#include <gtest/gtest.h>

#include "graph/checked_graph.h"
#include "graph/describe_graph.h"
#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

TEST(CheckGraph, InfersTypesHopsAndCutoffs) {
  const Checked checked = check(kOneLayer);
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_EQ(checked.irreps("elements"), "2x0e");
  EXPECT_EQ(checked.irreps("geometry.edge_sh"), "1x0e + 1x1o");
  EXPECT_EQ(checked.irreps("radial"), "8x0e");
  EXPECT_EQ(checked.irreps("conv"), "8x0e");
  EXPECT_EQ(checked.field("total").type.level, Level::system);
  EXPECT_EQ(checked.field("gradients.forces").type.meaning, Meaning::forces);
  ASSERT_EQ(checked.graph.edge_sets.size(), 1u);
  EXPECT_EQ(checked.graph.edge_sets[0].cutoff, 4.0);
  EXPECT_EQ(checked.graph.geometry[0].positions, "coords");
  EXPECT_EQ(checked.graph.geometry[0].shift, "shift");
  EXPECT_EQ(checked.graph.n_hops, 1);
  EXPECT_EQ(checked.graph.influence_distance, 4.0);
  EXPECT_EQ(checked.graph.global_layer, "");
}

TEST(CheckGraph, HopsCountConvolutionsOnTheWay) {
  const Checked checked = check(kStaged);
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_EQ(checked.graph.n_hops, 2);
  EXPECT_EQ(checked.graph.influence_distance, 8.0);
  const Checked early = check(with(kStaged, "h: conv2}", "h: conv1}"));
  EXPECT_EQ(early.graph.n_hops, 1);
  EXPECT_EQ(faults_of(early), Faults({"w dangling-layer@19", "w unused-input@4", "w unused-input@6"}));
}

/// Faults in five layers at once; what reads the faulty ones says nothing.
TEST(CheckGraph, ReportsAllFaultsAndNoConsequences) {
  std::string text = with(kOneLayer, "num_elems: 2", "num_elem: 2");
  text = with(text, "lmax: 1}, inputs: {pos", "lmax: 1}, inputs: {poss");
  text = with(text, "irreps_out_block: \"8x0e\"", "irreps_out_block: \"8y0e\"");
  text = with(text, "ScalarReadout", "ScalerReadout");
  text = with(text, "index: contributions", "index: contribution");
  EXPECT_EQ(faults_of(text), Faults({"unknown-layer@16", "unknown-port@8", "unknown-reference@17",
                                     "unknown-config-key@7", "bad-config-value@10"}));
}

TEST(CheckGraph, AFaultyLayerDoesNotHideThoseBehindIt) {
  std::string text = with(kOneLayer, "r_max: 4.0", "r_max: -4.0");
  text = with(text, "correlation: 2", "correlation: 0");
  text = with(text, "{type: ScalarReadout, inputs", "{type: ScalarReadout, config: {hidden: -1}, inputs");
  EXPECT_EQ(faults_of(text), Faults({"bad-config-value@9", "bad-config-value@13", "bad-config-value@16"}));
}

TEST(CheckGraph, LayersTooLargeForAnyMachineAreRefused) {
  EXPECT_EQ(faults_of(with(kOneLayer, "irreps_out_block: \"8x0e\"", "irreps_out_block: \"100000x0e\"")),
            Faults{"bad-config-value@10"});
  const std::string wide = with(kOneLayer, "hidden_irreps_block: \"8x0e\"", "hidden_irreps_block: \"4096x0e\"");
  EXPECT_EQ(faults_of(wide), Faults{});
  const Checked wider = check(with(wide, "irreps_out_block: \"8x0e\"", "irreps_out_block: \"4096x0e\""));
  EXPECT_EQ(faults_of(wider), Faults{"too-large@11"});
  EXPECT_EQ(faults_of(with(kOneLayer, "ScalarReadout, inputs", "ScalarReadout, config: {hidden: 1000000}, inputs")),
            Faults{});
  std::string copies = "4096x0e";
  for (int k = 1; k < 100; ++k) copies += " + 4096x0e";
  std::string beyond_an_int = with(kOneLayer, "  conv:\n",
                                   "  second: {type: AtomwiseLinear, config: {irreps_out_block: \"" + copies +
                                       "\"}, inputs: {h: embedding}}\n  conv:\n");
  beyond_an_int = with(with(beyond_an_int, "8x0e\"}, inputs: {h: elements", copies + "\"}, inputs: {h: elements"),
                       "node_feats: embedding", "node_feats: second");
  const Checked widest = check(beyond_an_int);
  ASSERT_EQ(faults_of(widest), Faults({"too-large@11", "too-large@12"}));
  EXPECT_NE(widest.faults.list[0].what.find("'second' would have 167772160000 weights"), std::string::npos);
}

TEST(CheckGraph, UnusedThingsWarn) {
  std::string text = with(kOneLayer, "model_layers:\n",
                          "model_layers:\n  spare: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: "
                          "species}}\n  second: {alias: spare, inputs: {x: species}}\n");
  text = with(text, "contributions: \"Tensor (N,)\"", "contributions: \"Tensor (N,)\",\n  unused: nothing");
  EXPECT_EQ(faults_of(text), Faults({"w dangling-layer@8", "w dangling-alias@9", "w unused-input@6"}));
}

TEST(CheckGraph, AStressUsesTheCell) {
  const std::string with_cell = with(kOneLayer, "model_inputs: {", "model_inputs: { cell: {role: cell},");
  EXPECT_EQ(faults_of(with_cell), Faults{"w unused-input@1"});
  EXPECT_EQ(faults_of(with(with_cell, "  forces: gradients.forces\n", "  stress: gradients.stress\n")), Faults{});
}

TEST(CheckGraph, OnlySmallLettersMakeAnEnergy) {
  std::string text = with(with(kOneLayer, "energy: total\n", "Energy: total\n"), "  forces: gradients.forces\n", "");
  const Checked checked = check(text);
  ASSERT_EQ(faults_of(checked).front(), "w not-an-energy@20");
  EXPECT_EQ(checked.faults.list[0].hint, "rename it to energy");
  EXPECT_LT(lower_graph(checked.graph).energy_field, 0);
  text = with(text, "Energy: total\n", "Energy: total\n  energy: total\n");  // another name for the same
  EXPECT_EQ(faults_of(text), Faults{"w dangling-layer@18"});
}

TEST(CheckGraph, AnEnergyPerAtomWarns) {
  const Checked checked =
      check(with(with(kOneLayer, "energy: total\n", "energy: readout\n"), "energy: total}", "energy: readout}"));
  EXPECT_EQ(faults_of(checked), Faults({"w atom-energy@20", "w dangling-layer@17", "w unused-input@5"}));
  const LoweredGraph graph = lower_graph(checked.graph);
  EXPECT_EQ(graph.fields[graph.energy_field].level, Level::system);
  EXPECT_EQ(graph.fields[graph.atom_energy_field].level, Level::atom);
  EXPECT_EQ(graph.outputs[0].field, graph.atom_energy_field);
}

TEST(CheckGraph, DerivativesOfSomethingElseAreErrors) {
  const std::string constant =
      with(kOneLayer, "readout: {type: ScalarReadout, inputs: {h: conv}}",
           "readout: {type: PerSpeciesEnergy, config: {energies: [1, 2]}, inputs: {species: species}}");
  EXPECT_EQ(faults_of(constant)[0], "no-dependence@18");
  EXPECT_EQ(faults_of(with(kOneLayer, "energy: total}", "energy: readout}")), Faults{"another-energy@18"});
  EXPECT_EQ(
      faults_of(with(kOneLayer, "ScalarReadout, inputs: {h: conv}", "ScalarReadout, inputs: {h: gradients.forces}"))[0]
          .substr(0, 5),
      "cycle");
  const std::string second = with(kOneLayer, "model_outputs:",
                                  "  bad: {type: AtomwiseLinear, config: {irreps_out_block: 1x1o}, inputs: {h: "
                                  "gradients.forces}}\nmodel_outputs:\n  b: bad");
  EXPECT_EQ(faults_of(second), Faults{"derivative-as-input@19"});
}

TEST(CheckGraph, AutogradForcesIsKlaysName) {
  const std::string text = with(with(kOneLayer, "{type: Derivatives, config: {of: energy}, inputs: {energy: total}}",
                                     "{type: AutogradForces, inputs: {energy: total, pos: coords}}"),
                                "gradients.forces", "gradients");
  EXPECT_EQ(faults_of(text), Faults{});
  const LoweredGraph graph = lowered(text);
  EXPECT_EQ(graph.outputs[1].field, -1);
  EXPECT_EQ(graph.outputs[1].derivative, Meaning::forces);
}

TEST(CheckGraph, SpeciesAreCountedOnce) {
  const std::string text = with(kOneLayer, "src: readout,", "src: [readout, base],");
  const std::string base =
      "  base: {type: PerSpeciesEnergy, config: {energies: [1, 2, 3]}, inputs: {species: species}}\n";
  const Checked checked = check(with(text, "  total:", base + "  total:"));
  ASSERT_EQ(faults_of(checked), Faults{"species-count@17"});
  EXPECT_NE(checked.faults.list[0].what.find("has 3 species, but layer 'elements' ("), std::string::npos);
  EXPECT_NE(checked.faults.list[0].what.find(") reads the same input as 2"), std::string::npos);
  EXPECT_EQ(faults_of(with(text, "  total:", with(base, "[1, 2, 3]", "[1, 2]") + "  total:")), Faults{});
}

TEST(CheckGraph, BlocksMayBeLeftOutButNotDisagree) {
  const std::string given =
      with(kOneLayer, "irreps_out_block: \"8x0e\"", "irreps_in_block: [{l: 0, mul: 3}], irreps_out_block: \"8x0e\"");
  EXPECT_EQ(faults_of(given), Faults{"block-mismatch@10"});
  EXPECT_EQ(faults_of(with(given, "mul: 3", "mul: 2")), Faults{});
  EXPECT_EQ(faults_of(with(kOneLayer, "lmax: 1, correlation",
                           "input_block: 9x0e, num_radial_basis: 7, num_elements: 3, lmax: 1, correlation")),
            Faults({"value-mismatch@13", "block-mismatch@13", "value-mismatch@13"}));
}

TEST(CheckGraph, ZeroBlocksWarn) {
  EXPECT_EQ(faults_of(with(kOneLayer, "\"8x0e\"}, inputs: {h: elements", "\"8x0e + 2x1o\"}, inputs: {h: elements")),
            Faults{"w zero-block@10"});
}

TEST(CheckGraph, WrongInputsAreNamed) {
  EXPECT_EQ(faults_of(with(kOneLayer, "pos: coords, edge_index: edge_index", "pos: edge_index, edge_index: coords")),
            Faults({"wrong-input@8", "wrong-input@8"}));
  const Checked free =
      check(with(with(kOneLayer, "coords: \"Tensor (N,3)\"", "xyz: \"Tensor (N,3)\""), "pos: coords", "pos: xyz"));
  EXPECT_EQ(faults_of(free), Faults{"wrong-input@8"});
  EXPECT_NE(free.faults.list[0].hint.find("role: positions"), std::string::npos);
  EXPECT_EQ(faults_of(with(kOneLayer, "h: conv}", "h: geometry.edge_sh}")), Faults{"wrong-input@16"});
}

TEST(CheckGraph, PositionsAreNoFeatures) {
  EXPECT_EQ(faults_of(with(kOneLayer, "h: elements}", "h: coords}")), Faults{"positions-as-features@10"});
}

TEST(CheckGraph, DerivativesAreByThePositionsOfTheEdges) {
  const std::string text = with(kOneLayer, "inputs: {energy: total}", "inputs: {energy: total, pos: coords}");
  EXPECT_EQ(faults_of(text), Faults{});
  EXPECT_EQ(faults_of(with(with(text, "pos: coords}}\nmodel", "pos: others}}\nmodel"),
                           "  contributions:", "  others: {role: positions},\n  contributions:")),
            Faults{"another-positions@19"});
}

TEST(CheckGraph, AliasesShareTheirShapes) {
  const std::string text =
      with(with(kOneLayer, "  readout:", "  again: {alias: embedding, inputs: {h: conv}}\n  readout:"),
           "h: conv}}\n  total", "h: again}}\n  total");
  const Checked checked = check(text);
  EXPECT_EQ(faults_of(checked), Faults{"block-mismatch@16"});
  EXPECT_NE(checked.faults.list[0].hint.find("share their weights"), std::string::npos);
}

/// Layers may stand in any order; those that could stand where they are keep the order of the file.
TEST(CheckGraph, LayersAreOrderedByWhatTheyRead) {
  const std::string linear = "{type: AtomwiseLinear, config: {irreps_out_block: 4x0e}, inputs: {h: ";
  const Checked checked = check("model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n  d: " + linear +
                                "c}}\n  b: " + linear + "a}}\n  e: " + linear + "x}}\n  c: " + linear +
                                "b}}\n  a: " + linear + "x}}\nmodel_outputs: {y: d, z: e}\n");
  EXPECT_EQ(faults_of(checked), Faults{});
  std::string order;
  for (const CheckedLayer& layer : checked.graph.layers) order += layer.name;
  EXPECT_EQ(order, "eabcd");
}

/// The one-layer graph with this input and this way to read it; line 2 is the input, line 7 the reader.
std::string reading(const std::string& name, const std::string& value, const char* atomic_numbers) {
  std::string text = with(kOneLayer, "species: \"Tensor (N,)\"", name + ": " + value);
  text = with(text, "num_elems: 2", std::string("num_elems: 2, input_is_atomic_number: ") + atomic_numbers);
  return with(text, "x: species", "x: " + name);
}

TEST(CheckGraph, AtomicNumbersCountFromOne) {
  const std::string text = reading("atomic_numbers", "\"Tensor (N,)\"", "true");
  EXPECT_EQ(faults_of(text), Faults{});
  const LoweredGraph graph = lowered(text);
  EXPECT_EQ(std::get<OneHot>(operations<OneHot>(graph).at(0)->op).first, 1);
  EXPECT_EQ(graph.n_species, 2);
}

/// What a name says of the role is no more than a guess; `role:` is binding.
TEST(CheckGraph, TheReaderOfSpeciesSaysHowTheyAreGiven) {
  for (const auto& [name, atomic_numbers, is] :
       {std::tuple("atomic_numbers", "false", Meaning::species), std::tuple("species", "true", Meaning::atomic_numbers),
        std::tuple("z", "true", Meaning::atomic_numbers)}) {
    const Checked checked = check(reading(name, "\"Tensor (N,)\"", atomic_numbers));
    EXPECT_EQ(faults_of(checked), Faults{"w other-role@7"}) << name;
    EXPECT_EQ(checked.field(name).type.meaning, is);
    EXPECT_EQ(checked.graph.inputs.at(0).meaning, is);
    const LoweredGraph graph = lower_graph(checked.graph);
    EXPECT_EQ(graph.model_input_meanings.at(0), is);
    EXPECT_EQ(std::get<OneHot>(operations<OneHot>(graph).at(0)->op).first, is == Meaning::species ? 0 : 1);
    Diagnostics faults;
    const CheckedGraph again =
        check_graph(parse_graph(parse_json_tree(checked.graph.canonical_json), faults), layer_table(), faults);
    EXPECT_TRUE(faults.list.empty());
    EXPECT_EQ(again.canonical_json, checked.graph.canonical_json);
    EXPECT_EQ(to_string(lower_graph(again)), to_string(graph));
  }
  EXPECT_EQ(faults_of(reading("atomic_numbers", "{role: atomic_numbers}", "false")), Faults{"wrong-input@7"});
  EXPECT_EQ(faults_of(reading("atomic_numbers", "{role: species}", "false")), Faults{});
  EXPECT_EQ(faults_of(reading("species", "{role: species}", "true")), Faults{"wrong-input@7"});
}

/// The first reader; others must agree with it.
TEST(CheckGraph, ReadersOfSpeciesAgree) {
  const std::string text = reading("atomic_numbers", "", "false");
  const auto second = [&](const char* is_atomic_number) {
    return with(text, "  geometry: ",
                std::string("  others: {type: OneHotAtomEncoding, config: {num_elems: 2, "
                            "input_is_atomic_number: ") +
                    is_atomic_number + "}, inputs: {x: atomic_numbers}}\n  geometry: ");
  };
  EXPECT_EQ(faults_of(second("false")), Faults({"w other-role@7", "w dangling-layer@8"}));
  const Checked disputed = check(second("true"));
  EXPECT_EQ(faults_of(disputed), Faults{"disputed-role@8"});
  const Diagnostic& fault = disputed.faults.list.at(0);
  EXPECT_EQ(fault.what,
            "layer 'others': input 'x' is read as atomic_numbers, but layer 'elements' reads the same model input as "
            "species");
  EXPECT_EQ(fault.hint.find("role"), std::string::npos) << "a role would only turn the fault around";
  const std::string by_name = reading("atomic_numbers", "", "true");
  EXPECT_EQ(faults_of(with(by_name, "  geometry: ",
                           "  others: {type: OneHotAtomEncoding, config: {num_elems: 2}, inputs: {x: atomic_numbers}}\n"
                           "  geometry: ")),
            Faults{"disputed-role@8"});
}

TEST(CheckGraph, AFreeInputTakesTheTypeOfItsFirstReader) {
  const std::string text =
      "model_inputs: {x: }\n"
      "model_layers:\n"
      "  a: {type: AtomwiseLinear, config: {irreps_in_block: 2x0e + 1x1o, irreps_out_block: 3x0e}, inputs: {h: x}}\n"
      "model_outputs: {y: a}\n";
  const Checked checked = check(text);
  EXPECT_EQ(faults_of(checked), Faults{});
  EXPECT_EQ(checked.irreps("x"), "2x0e + 1x1o");
  EXPECT_EQ(faults_of(with(text, "{x: }", "{x: {shape: [N, 5]}}")), Faults{});
  EXPECT_EQ(faults_of(with(text, "{x: }", "{x: {shape: [N, 6]}}")), Faults{"wrong-width@3"});
  EXPECT_EQ(faults_of(with(text, "irreps_in_block: 2x0e + 1x1o, ", "")), Faults{"unknown-irreps@3"});
}

TEST(CheckGraph, ALibraryHasLayersOnly) {
  const std::string text =
      "model_layers:\n  a: {type: AtomwiseLinear, config: {irreps_out_block: 3x0e}}\n  b: {alias: a}\n";
  EXPECT_EQ(faults_of(text), Faults{});
  EXPECT_EQ(faults_of(with(text, "{irreps_out", "{k: 1, irreps_out")), Faults{"unknown-config-key@2"});
  EXPECT_EQ(faults_of(with(text, "alias: a", "alias: c")), Faults{"bad-alias@3"});
  EXPECT_EQ(faults_of(with(text, "alias: a", "alias: a, inputs: {x: a}")),
            Faults({"unknown-port@3", "missing-input@3"}));
}

TEST(CheckGraph, CanonicalJsonIsAFixedPoint) {
  for (const std::string& text : {kOneLayer, kStaged}) {
    const Checked first = check(text);
    ASSERT_FALSE(first.faults.has_errors());
    const CheckedGraph second = read_back(first.graph);
    EXPECT_EQ(describe_json(second), describe_json(first.graph));
    EXPECT_EQ(to_string(lower_graph(second)), to_string(lower_graph(first.graph)));
  }
}

TEST(CheckGraph, Description) {
  const std::string text = describe(check(kOneLayer).graph);
  EXPECT_NE(text.find("species        species    atom integer"), std::string::npos) << text;
  EXPECT_NE(text.find("influence distance 4 Å"), std::string::npos) << text;
  const Yaml json = parse_json_tree(describe_json(check(kStaged).graph));
  EXPECT_EQ(json.find("hops")->int_value, 2);
  EXPECT_EQ(json.find("layers")->items.size(), 10u);
  EXPECT_EQ(json.find("edge_sets")->items.at(0).find("parts")->items.at(0).text, "edge_index0");
  const std::string staged = describe(check(kStaged).graph);
  EXPECT_NE(staged.find("edge_index1 (holds edge_index0)"), std::string::npos) << staged;
  const std::string mapped = describe(check("model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n  a: {type: "
                                            "ArbitraryModule, config: {target: torch.relu}, inputs: {0: x}, output: "
                                            "{0: q}}\nmodel_outputs: {y: q}\n")
                                          .graph);
  EXPECT_EQ(mapped.find("(whole)"), std::string::npos) << mapped;
}

TEST(Examples, AreValidWithoutWarnings) {
  for (const char* file : {"examples/silicon/model.yaml", "examples/ethanol/model.yaml", "bench/r1.yaml"}) {
    Diagnostics faults;
    const GraphSpec spec = parse_graph_file(std::string(KILN_SOURCE_DIR) + "/" + file, faults);
    const CheckedGraph graph = check_graph(spec, layer_table(), faults);
    EXPECT_TRUE(faults.list.empty()) << file;
    EXPECT_GE(lower_graph(graph).energy_field, 0) << file;
  }
}

}  // namespace
}  // namespace kiln
