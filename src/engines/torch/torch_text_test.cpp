#include "engines/torch/torch_text.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

#include "engines/native/test_models.h"
#include "engines/torch/awkward_names.h"
#include "kiln/error.h"

namespace kiln {
namespace {

using namespace test;

TorchProgram program_of(const std::string& yaml, Precision precision = Precision::f64) {
  const LoweredGraph graph = lowered(yaml);
  return make_torch_program(graph, init_weights(graph, 1), precision);
}

std::vector<std::string> lines_of(const TorchProgram& program) {
  std::vector<std::string> lines;
  std::istringstream source(program.source);
  for (std::string line; std::getline(source, line);) lines.push_back(line);
  return lines;
}

TEST(TorchText, EveryLineOfAnOperationKnowsItsLayer) {
  const TorchProgram program = program_of(mace_yaml(MaceOptions{}));
  const std::vector<std::string> lines = lines_of(program);
  ASSERT_EQ(lines.size(), program.layer_of_line.size());
  int with_layer = 0;
  for (std::size_t k = 0; k < lines.size(); ++k) {
    for (const char* layer : {"interaction1", "interaction2", "readout1", "embedding", "geometry"}) {
      if (lines[k].rfind(std::string("    ") + layer + "_", 0) != 0) continue;
      EXPECT_EQ(program.layer_of_line[k], layer) << lines[k];
      ++with_layer;
    }
  }
  EXPECT_GT(with_layer, 50);
}

/// One assignment per line, each variable assigned once in `fields`: the text reads like the graph.
TEST(TorchText, FieldsAssignsEachVariableOnce) {
  const TorchProgram program = program_of(mace_yaml(MaceOptions{}));
  bool inside = false;
  std::set<std::string> seen;
  for (const std::string& line : lines_of(program)) {
    if (line.rfind("def ", 0) == 0) inside = line.rfind("def fields", 0) == 0;
    const std::size_t equals = line.find(" = ");
    if (!inside || equals == std::string::npos || line.rfind("def ", 0) == 0) continue;
    EXPECT_TRUE(seen.insert(line.substr(4, equals - 4)).second) << line;
  }
  EXPECT_GT(seen.size(), 50u);
}

/// What plain `define` of libtorch 1.13 does not accept, and indexing whose derivative does not repeat to the bit.
TEST(TorchText, KeepsToPlainConstructs) {
  for (const Precision precision : {Precision::f64, Precision::f32}) {
    const std::string source = program_of(mace_yaml(MaceOptions{}), precision).source;
    for (const char* word : {"torch.nn", "torch.float", "torch.ops", "math.", "lambda", "f\"", "no_grad", "raise"}) {
      EXPECT_EQ(source.find(word), std::string::npos) << word;
    }
    EXPECT_FALSE(std::regex_search(source, std::regex("\\[[a-z_]*(sender|receiver|species|slot)[a-z_]*\\]")));
  }
}

TEST(TorchText, NamesOfWeightsStayTheirNames) {
  const LoweredGraph graph = lowered(mace_yaml(MaceOptions{}));
  const TorchProgram program = make_torch_program(graph, init_weights(graph, 1), Precision::f64);
  std::set<std::string> paths;
  std::size_t n_weights = 0;
  for (const ProgramTensor& tensor : program.tensors) {
    EXPECT_TRUE(paths.insert(tensor.path).second) << tensor.path;
    EXPECT_EQ(tensor.path, tensor.name);
    if (tensor.role == TensorRole::table) continue;
    EXPECT_EQ(tensor.name, graph.parameters[n_weights].name);
    EXPECT_EQ(tensor.role == TensorRole::trained, graph.parameters[n_weights++].trainable);
  }
  EXPECT_EQ(n_weights, graph.parameters.size());
}

TEST(TorchText, ReservedWordsAreChangedInPathsOnly) {
  const TorchProgram program = program_of(yaml_with_awkward_names());
  std::set<std::string> names, paths;
  for (const ProgramTensor& tensor : program.tensors) {
    names.insert(tensor.name);
    paths.insert(tensor.path);
  }
  EXPECT_EQ(names.count("class.linear.weight"), 1u);
  EXPECT_EQ(paths.count("class_.linear.weight"), 1u);
  EXPECT_EQ(paths.count("training_.basis.bessel_weights"), 1u);
  EXPECT_EQ(
      program.source.rfind("def forward(self, in_: Tensor, structure: Tensor, lambda_: Tensor, owned: Tensor)", 0), 0u);
}

TEST(TorchText, AliasesShareTheirWeights) {
  std::string yaml = mace_yaml(MaceOptions{});
  const std::size_t readout = yaml.find("  readout2:");
  yaml.replace(readout, yaml.find('\n', readout) - readout, "  readout2: {alias: readout1, inputs: {h: interaction2}}");
  yaml.replace(yaml.find("hidden_irreps_block: [{l: 0, mul: 5}, {l: 1, mul: 5}, ]"), 55,
               "hidden_irreps_block: [{l: 0, mul: 5}]");
  const TorchProgram program = program_of(yaml);
  int found = 0;
  for (const ProgramTensor& tensor : program.tensors) found += tensor.name.find("readout") == 0;
  EXPECT_EQ(found, 1);
  const std::string::difference_type uses = [&] {
    const std::regex use("self\\.readout1\\.linear\\.weight");
    return std::distance(std::sregex_iterator(program.source.begin(), program.source.end(), use),
                         std::sregex_iterator());
  }();
  EXPECT_EQ(uses, 2);
}

TEST(TorchText, TheSameGraphGivesTheSameText) {
  const TorchProgram a = program_of(mace_yaml(MaceOptions{})), b = program_of(mace_yaml(MaceOptions{}));
  EXPECT_EQ(a.source, b.source);
}

TEST(TorchText, MissingWeightsAreNamed) {
  const LoweredGraph graph = lowered(mace_yaml(MaceOptions{}));
  Weights weights = init_weights(graph, 1);
  weights.erase("embedding.linear.weight");
  try {
    make_torch_program(graph, weights, Precision::f64);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("embedding.linear.weight"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace kiln
