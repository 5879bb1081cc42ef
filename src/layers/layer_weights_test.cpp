// freeze, init, seed of a layer.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "layers/testing_graphs.h"

namespace kiln {
namespace {

using namespace testing;

/// kOneLayer with more keys on its MACE layer (line 11 begins it; the keys stand in line 12).
std::string conv(const std::string& keys) {
  return with(kOneLayer, "    type: MACE_layer\n", "    type: MACE_layer\n    " + keys + "\n");
}

std::vector<std::string> frozen_in(const LoweredGraph& graph) {
  std::vector<std::string> names;
  for (const ParameterSpec& p : graph.parameters) {
    EXPECT_TRUE(!p.frozen || !p.trainable);
    if (p.frozen) names.push_back(p.name);
  }
  return names;
}

TEST(Freeze, AllOrSomeOfALayer) {
  const LoweredGraph plain = lowered(kOneLayer);
  EXPECT_TRUE(frozen_in(plain).empty());
  EXPECT_TRUE(frozen_in(lowered(conv("freeze: false"))).empty());
  std::vector<std::string> all;
  for (const ParameterSpec& p : plain.parameters) {
    if (p.name.rfind("conv.", 0) == 0) all.push_back(p.name);
  }
  EXPECT_EQ(frozen_in(lowered(conv("freeze: true"))), all);
  EXPECT_EQ(frozen_in(lowered(conv("freeze: [product.linear.weight]"))),
            std::vector<std::string>{"conv.product.linear.weight"});
  EXPECT_EQ(frozen_in(lowered(conv("freeze: [\"product.contraction{k}.nu{nu}\"]"))),
            (std::vector<std::string>{"conv.product.contraction0.nu1", "conv.product.contraction0.nu2"}));
  for (const char* name : {"product.contraction0.nu2", "\"product.contraction{k}.nu2\""})
    EXPECT_EQ(frozen_in(lowered(conv(std::string("freeze: [") + name + "]"))),
              std::vector<std::string>{"conv.product.contraction0.nu2"});
  EXPECT_EQ(frozen_in(lowered(conv("freeze: [\"product.contraction0.nu{nu}\"]"))),
            (std::vector<std::string>{"conv.product.contraction0.nu1", "conv.product.contraction0.nu2"}));
}

TEST(Freeze, AnAliasOfAFrozenLayerIsFrozenWithIt) {
  const std::string text = with(with(kOneLayer, "inputs: {h: elements}}", "freeze: true, inputs: {h: elements}}"),
                                "  conv:", "  twin: {alias: embedding, inputs: {h: elements}}\n  conv:");
  const LoweredGraph graph = lowered(with(text, "node_feats: embedding", "node_feats: twin"));
  EXPECT_EQ(frozen_in(graph), std::vector<std::string>{"embedding.linear.weight"});
}

TEST(Init, ValuesAndDistributions) {
  const auto weights = [](const std::string& init) {
    const std::string text = conv("init: {\"interaction.conv_tp_weights.layer{k}.weight\": " + init + "}");
    return init_weights(lowered(text), 1).at("conv.interaction.conv_tp_weights.layer1.weight").data;  // 64 x 64
  };
  const auto moments = [](const std::vector<double>& data) {
    double mean = 0.0, square = 0.0;
    for (double x : data)
      mean += x / static_cast<double>(data.size()), square += x * x / static_cast<double>(data.size());
    return std::make_pair(mean, square);
  };
  for (double x : weights("zeros")) EXPECT_EQ(x, 0.0);
  for (double x : weights("ones")) EXPECT_EQ(x, 1.0);
  for (double x : weights("{constant: -2.5}")) EXPECT_EQ(x, -2.5);
  const auto normal = moments(weights("{normal: 0.1}"));  // 4096 draws: deviations of mean and square 0.0016, 2 %
  EXPECT_TRUE(std::abs(normal.first) <= 0.007) << normal.first;
  EXPECT_TRUE(std::abs(normal.second / 0.01 - 1.0) <= 0.1) << normal.second;
  const std::vector<double> uniform = weights("{uniform: 3}");
  EXPECT_TRUE(std::abs(moments(uniform).second / 3.0 - 1.0) <= 0.1);  // 3^2 / 3
  EXPECT_TRUE(std::all_of(uniform.begin(), uniform.end(), [](double x) { return x >= -3.0 && x < 3.0; }));
}

TEST(Init, OfTheParametersNamedOnly) {
  const Weights plain = init_weights(lowered(kOneLayer), 1);
  for (const auto& [name, array] : init_weights(lowered(conv("init: {product.linear.weight: zeros}")), 1)) {
    EXPECT_EQ(array.data == plain.at(name).data, name != "conv.product.linear.weight") << name;
  }
}

/// Contractions are given as they are stored: in the symmetrized basis. The later of two entries holds.
TEST(Init, ContractionsAndTheLaterEntry) {
  const LoweredGraph graph =
      lowered(conv("init: {\"product.contraction{k}.nu{nu}\": zeros, product.contraction0.nu1: {constant: 0.5}}"));
  const Weights weights = init_weights(graph, 1);
  for (double x : weights.at("conv.product.contraction0.nu1").data) EXPECT_EQ(x, 0.5);
  for (double x : weights.at("conv.product.contraction0.nu2").data) EXPECT_EQ(x, 0.0);
}

TEST(Seed, OfALayerTakesThePlaceOfTheRuns) {
  const LoweredGraph own = lowered(conv("seed: 7"));
  const Weights at_1 = init_weights(own, 1), at_2 = init_weights(own, 2), at_7 = init_weights(lowered(kOneLayer), 7);
  for (const auto& [name, array] : at_1) {
    const bool is_conv = name.rfind("conv.", 0) == 0, is_drawn = name != "radial.basis.bessel_weights";
    EXPECT_EQ(array.data == at_2.at(name).data, is_conv || !is_drawn) << name;
    EXPECT_EQ(array.data == at_7.at(name).data, is_conv || !is_drawn) << name;
  }
}

TEST(LayerWeights, AreInTheCanonicalDocument) {
  const std::string keys =
      "freeze: [product.linear.weight, interaction.linear.weight]\n    seed: 3\n"
      "    init: {product.linear.weight: ones, interaction.linear.weight: {normal: 0.25}}";
  for (const std::string& text : {conv(keys), conv("freeze: true")}) {
    const Checked first = check(text);
    ASSERT_EQ(faults_of(first), Faults{});
    Diagnostics faults;
    const GraphSpec spec = parse_graph(parse_json_tree(first.graph.canonical_json), faults);
    const CheckedGraph second = check_graph(spec, layer_table(), faults);
    EXPECT_TRUE(faults.list.empty());
    EXPECT_EQ(second.canonical_json, first.graph.canonical_json);
    EXPECT_EQ(frozen_in(lower_graph(second)), frozen_in(lower_graph(first.graph)));
    const Weights a = init_weights(lower_graph(first.graph), 1), b = init_weights(lower_graph(second), 1);
    for (const auto& [name, array] : a) EXPECT_EQ(array.data, b.at(name).data) << name;
  }
}

TEST(LayerWeights, UnknownParametersAreErrors) {
  const Checked checked = check(conv("freeze: [product.liner.weight]"));
  ASSERT_EQ(faults_of(checked), Faults{"unknown-parameter@13"});
  EXPECT_EQ(checked.faults.list[0].hint, "Did you mean 'product.linear.weight'?");
  EXPECT_EQ(faults_of(conv("init: {PARAMETER: zeros}")), Faults{"unknown-parameter@13"});
  EXPECT_EQ(faults_of(conv("freeze: [product.contraction0.nu3]")), Faults{"unknown-parameter@13"});  // correlation 2
  EXPECT_EQ(faults_of(conv("freeze: [product.contraction.nu1]")), Faults{"unknown-parameter@13"});
  const auto elements = [](const std::string& keys) {
    return faults_of(with(kOneLayer, "inputs: {x: species}", keys + ", inputs: {x: species}"));
  };
  EXPECT_EQ(elements("freeze: [w]"), Faults{"unknown-parameter@7"});
  EXPECT_EQ(elements("freeze: true"), Faults{"w no-weights@7"});
  EXPECT_EQ(elements("seed: 1"), Faults{"w no-weights@7"});
}

TEST(LayerWeights, AQuotedSeedIsANumberAsInConfigs) {
  const Weights quoted = init_weights(lowered(conv("seed: '7'")), 0), plain = init_weights(lowered(conv("seed: 7")), 0);
  EXPECT_EQ(quoted.at("conv.product.linear.weight").data, plain.at("conv.product.linear.weight").data);
}

TEST(LayerWeights, AQuotedStartIsANumberAsInConfigs) {
  const Weights weights = init_weights(lowered(conv("init: {product.linear.weight: {constant: '0.5'}}")), 0);
  for (double x : weights.at("conv.product.linear.weight").data) EXPECT_EQ(x, 0.5);
}

TEST(LayerWeights, WrongForms) {
  for (const char* keys : {"freeze: 1", "freeze: linear.weight", "freeze: [3]", "init: zeros", "seed: -1", "seed: 1.5",
                           "seed: a", "freeze: ", "init: [a]"}) {
    EXPECT_EQ(faults_of(conv(keys)), Faults{"wrong-kind@13"}) << keys;
  }
  for (const char* init : {"zero", "3", "{normal: -1}", "{normal: a}", "{uniform: 1, normal: 1}", "{gamma: 1}", "",
                           "{constant: .nan}", "{constant: .inf}"}) {
    EXPECT_EQ(faults_of(conv("init: {product.linear.weight: " + std::string(init) + "}")), Faults{"bad-init@13"})
        << init;
  }
}

TEST(LayerWeights, SayWhatIsWrongWithAStart) {
  const auto told = [](const std::string& init) {
    const Diagnostic fault = check(conv("init: {product.linear.weight: " + init + "}")).faults.list.at(0);
    return fault.what.substr(fault.what.find("weight': ") + 9) + "; " + fault.hint;
  };
  const std::string forms =
      "; a parameter starts as zeros, ones, {constant: value}, {normal: standard deviation} or {uniform: bound}, such "
      "as "
      "init: {PARAMETER: zeros}";
  EXPECT_EQ(told("{normal: -1}"), "the standard deviation of 'normal' must be at least 0, not '-1'" + forms);
  EXPECT_EQ(told("{uniform: -0.5}"), "the bound of 'uniform' must be at least 0, not '-0.5'" + forms);
  EXPECT_EQ(told("{uniform: [1, -1]}"), "the bound of 'uniform' must be a number, not a list" + forms);
  EXPECT_EQ(told("{normal: }"), "the standard deviation of 'normal' must be a number, not null" + forms);
  EXPECT_EQ(told("{constant: .nan}"), "the value of 'constant' must be finite, not '.nan'" + forms);
  EXPECT_EQ(told("{normale: 1}"), "there is no way to start named 'normale'; Did you mean 'normal'?");
  EXPECT_EQ(told("{normal: 1, uniform: 1}"), "one way to start is needed, not 2" + forms);
  EXPECT_EQ(told("0.5"), "a number alone does not say how; write {constant: 0.5}");
  EXPECT_EQ(told("zeros()"), "cannot start as 'zeros()'" + forms);
  const Faults direct = faults_of(conv("init: {normal: 0.5}"));
  EXPECT_EQ(direct, Faults{"bad-init@13"});
}

/// Whatever else is wrong with the graph, or with the call.
TEST(LayerWeights, NamesInModulesAreToldWithAllOtherFaults) {
  const auto faults = [](const std::string& inputs, const std::string& target, const std::string& weights) {
    return faults_of(
        "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n  a: {type: ArbitraryModule, config: {target: " + target +
        "}, inputs: " + inputs + ", " + weights + "}\nmodel_outputs: {y: nosuch}\n");
  };
  const std::string linear = "torch.nn.Linear, args: [4, 4]", wrong = "init: {wieght: zeros}, freeze: [bias, b]";
  const std::string output = "unknown-reference@4", name = "unknown-parameter@3";
  EXPECT_EQ(faults("{0: x}", linear, wrong), (Faults{output, name, name}));
  EXPECT_EQ(faults("{0: y}", linear, wrong), (Faults{"unknown-reference@3", output, name, name}));
  EXPECT_EQ(faults("{0: x, q: x}", linear, wrong), (Faults{output, "bad-argument@3", name, name}));
  EXPECT_EQ(faults("{0: x}", "torch.nn.Linear, args: [4]", wrong), (Faults{output, "missing-argument@3", name, name}));
  EXPECT_EQ(faults("{0: x}", "torch.nn.LayerNorm", wrong).size(), 2u);  // what it has is not known
  EXPECT_EQ(faults("{0: x}", "torch.relu", "freeze: [weight]"), (Faults{output, name}));
  EXPECT_EQ(faults("{0: x}", linear, "init: {weight: zeros}, freeze: [bias]"), Faults{output});
}

TEST(LayerWeights, OfCodeThatIsNotLookedAtAreNotKnown) {
  Diagnostics faults;
  GraphSpec spec = parse_graph(
      parse_yaml(
          "model_inputs: {x: {shape: [N, 4]}}\nmodel_layers:\n  a: {type: ArbitraryModule, config: {target: b.pt}, "
          "inputs: {0: x}, init: {w: zeros}}\nmodel_outputs: {y: a}\n",
          "m.yaml", faults),
      faults);
  spec.foreign["a"].not_read = "there is no libtorch";
  Checked checked;
  checked.graph = check_graph(spec, layer_table(), checked.faults);
  EXPECT_EQ(faults_of(checked), Faults{"w not-checked@3"});
}

TEST(LayerWeights, AreThoseOfTheOwner) {
  const std::string text = with(kOneLayer, "  conv:",
                                "  twin: {alias: embedding, freeze: true, inputs: {h: elements}}\n"
                                "  conv:");
  const Checked checked = check(text);
  ASSERT_EQ(faults_of(checked)[0], "alias-with-weights@11");
  EXPECT_NE(checked.faults.list[0].hint.find("'embedding' at m.yaml:10:3"), std::string::npos);
}

/// Two ways of giving one value are one too many.
TEST(LayerWeights, WhatConfigGivesHasNoInit) {
  const std::string base = with(with(kOneLayer, "src: readout,", "src: [readout, base],"), "  total:",
                                "  base: {type: PerSpeciesEnergy, init: {energies: zeros}, config: {energies: [1, 2]}, "
                                "inputs: {species: species}}\n  total:");
  EXPECT_EQ(faults_of(base), Faults{"init-of-config@17"});
  EXPECT_EQ(frozen_in(lowered(with(base, "init: {energies: zeros}", "freeze: [energies]"))),
            std::vector<std::string>{"base.energies"});
  const std::string radial = with(kOneLayer, "{r_max: 4.0}", "{r_max: 4.0}, init: {basis.bessel_weights: ones}");
  EXPECT_EQ(init_weights(lowered(radial), 0).at("radial.basis.bessel_weights").data, std::vector<double>(8, 1.0));
}

/// Torch draws the parameters of a module one after the other; an `init` of one must not move the others.
TEST(Init, OfAParameterOfATorchModuleLeavesTheOthers) {
  const auto weights = [](const std::string& keys) {
    return init_weights(lowered("model_inputs: {q: {shape: [N, 4]}, k: {shape: [N, 6]}}\nmodel_layers:\n"
                                "  a: {type: ArbitraryModule, config: {target: torch.nn.Bilinear, args: [4, 6, 3]}, "
                                "inputs: {0: q, 1: k}" +
                                keys + "}\nmodel_outputs: {y: a}\n"),
                        5);
  };
  const Weights plain = weights("");
  for (const char* how : {"zeros", "{normal: 0.5}", "{uniform: 2}"}) {
    const std::string init = std::string(", init: {weight: ") + how + "}";
    const Weights changed = weights(init);
    EXPECT_NE(changed.at("a.weight").data, plain.at("a.weight").data) << how;
    EXPECT_EQ(changed.at("a.bias").data, plain.at("a.bias").data) << how;
  }
  EXPECT_EQ(weights(", init: {bias: ones}").at("a.weight").data, plain.at("a.weight").data);
}

/// Parameters of a torch module follow from its arguments.
TEST(LayerWeights, OfArbitraryModules) {
  const std::string text =
      "model_inputs: {x: {shape: [N, 4]}}\n"
      "model_layers:\n"
      "  a: {type: ArbitraryModule, config: {target: torch.nn.Linear, args: [4, 4]}, inputs: {0: x}, "
      "freeze: [bias], init: {weight: {constant: 2}}}\n"
      "model_outputs: {y: a}\n";
  const LoweredGraph graph = lowered(text);
  EXPECT_EQ(frozen_in(graph), std::vector<std::string>{"a.bias"});
  EXPECT_EQ(init_weights(graph, 1).at("a.weight").data, std::vector<double>(16, 2.0));
  const Checked wrong = check(with(text, "[bias]", "[biass]"));
  ASSERT_EQ(faults_of(wrong), Faults{"unknown-parameter@3"});
  EXPECT_EQ(wrong.faults.list[0].hint, "Did you mean 'bias'?");
  EXPECT_EQ(faults_of(with(text, "args: [4, 4]", "args: [4, 4], kwargs: {bias: false}")),
            Faults{"unknown-parameter@3"});
}

}  // namespace
}  // namespace kiln
