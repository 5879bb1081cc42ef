#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engines/torch/awkward_names.h"
#include "engines/torch/library/test_engines.h"
#include "golden.h"
#include "kernels/symmetric_basis.h"

namespace kiln {
namespace {

using namespace test;
using nlohmann::json;

/// The model of mace_yaml with a cell and all derivatives as outputs.
std::string yaml_with_derivatives(const MaceOptions& options) {
  std::string yaml = mace_yaml(options);
  const auto insert_before = [&](const std::string& mark, const std::string& text) {
    yaml.insert(yaml.find(mark), text);
  };
  insert_before("}\nmodel_layers", ", cell: ''");
  insert_before("model_outputs", "  slopes: {type: Derivatives, inputs: {energy: total}}\n");
  insert_before("energy: total}\n", "");
  yaml.replace(yaml.rfind("energy: total"), 13,
               "energy: total, forces: slopes.forces, virial: slopes.virial, stress: slopes.stress, "
               "atom_virials: slopes.atom_virials");
  return yaml;
}

/// What a `.pt` gets for a structure: rows of positions, index pairs, Cartesian shifts.
std::vector<NamedArray> script_inputs(const Structure& structure, const AtomGraph& graph) {
  const std::int64_t n = structure.n_atoms(), n_edges = graph.edges[0].n_edges();
  NamedArray species{"species", {n}, {}, {}}, coords{"coords", {n, 3}, {}, {}},
      index{"edge_index", {2, n_edges}, {}, {}}, shift{"shift", {n_edges, 3}, {}, {}},
      contributions{"contributions", {n}, {}, std::vector<std::int64_t>(n, 0)},
      cell{"cell", {3, 3}, {structure.cell.begin(), structure.cell.end()}, {}};
  species.integers.assign(graph.species.begin(), graph.species.end());
  for (const auto& r : structure.positions) coords.reals.insert(coords.reals.end(), r.begin(), r.end());
  for (int i = 0; i < graph.edges[0].n_receivers(); ++i) {
    index.integers.insert(index.integers.end(), graph.edges[0].first[i + 1] - graph.edges[0].first[i], i);
  }
  for (std::int64_t e = 0; e < n_edges; ++e) {
    const std::int64_t i = index.integers[e], j = graph.edges[0].neighbor[e];
    for (int x = 0; x < 3; ++x) {
      shift.reals.push_back(graph.edges[0].vectors[3 * e + x] -
                            (structure.positions[j][x] - structure.positions[i][x]));
    }
  }
  index.integers.insert(index.integers.end(), graph.edges[0].neighbor.begin(), graph.edges[0].neighbor.end());
  return {species, coords, index, shift, contributions, cell};
}

double determinant(const std::array<double, 9>& m) {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
}

class TorchScript : public testing::Test {
 protected:
  MaceOptions options;
  Structure structure = random_crystal(2, 2);

  void prepare(Precision precision = Precision::f64) {
    graph = lowered(yaml_with_derivatives(options));
    weights = init_weights(graph, 3);
    atoms = atom_graph(structure, graph, 2);
    program = make_torch_program(graph, weights, precision);
    text = python_module(graph, precision);
    inputs = script_inputs(structure, atoms);
    expected = evaluate(*torch_library().make_engine(program), atoms);
  }
  /// The engine's numbers under the names of the outputs.
  std::vector<NamedArray> outputs() const {
    const std::int64_t n = structure.n_atoms();
    std::vector<double> stress = virials_from_edges(atoms, expected);
    for (double& s : stress) s /= -std::abs(determinant(structure.cell));
    return {{"energy", {1}, expected.energies, {}},
            {"forces", {n, 3}, forces_from_edges(atoms, expected), {}},
            {"virial", {3, 3}, virials_from_edges(atoms, expected), {}},
            {"stress", {3, 3}, stress, {}},
            {"atom_virials", {n, 3, 3}, atom_virials_from_edges(atoms, expected), {}}};
  }

  LoweredGraph graph;
  Weights weights;
  AtomGraph atoms;
  TorchProgram program;
  std::string text;  ///< as a Python module
  std::vector<NamedArray> inputs;
  EngineOutput expected;
};

TEST_F(TorchScript, ForwardGivesTheEnginesDerivatives) {
  for (const char* radial : {"exact", "{tabulated: {knots: 40}}"}) {
    options.radial = radial;
    prepare();
    const std::vector<NamedArray> got = torch_library().run(program, inputs), want = outputs();
    ASSERT_EQ(got.size(), want.size());
    for (std::size_t k = 0; k < want.size(); ++k) {
      EXPECT_EQ(got[k].name, want[k].name);
      EXPECT_EQ(got[k].shape, want[k].shape) << want[k].name;
      EXPECT_TRUE(largest_difference(got[k].reals, want[k].reals) <= 1e-11 * (1.0 + largest(want[k].reals)))
          << want[k].name;
    }
  }
}

TEST_F(TorchScript, GhostsDoNotCountInEvaluationMode) {
  prepare();
  inputs[4].integers = {0, 1, 0, 0, 1, 1, 0, 1};
  double sum = 0.0;
  for (std::size_t i = 0; i < 8; ++i) sum += inputs[4].integers[i] == 0 ? expected.atom_energies[i] : 0.0;
  const std::vector<NamedArray> got = torch_library().run(program, inputs);
  EXPECT_TRUE(std::abs(got[0].reals[0] - sum) <= 1e-12 * (1.0 + std::abs(sum)));
}

TEST_F(TorchScript, StressNeedsACell) {
  std::string yaml = yaml_with_derivatives(options);
  yaml.erase(yaml.find(", cell: ''"), 10);
  graph = lowered(yaml);
  atoms = atom_graph(structure, graph, 2);
  program = make_torch_program(graph, init_weights(graph, 3), Precision::f64);
  inputs = script_inputs(structure, atoms);
  inputs.pop_back();
  std::vector<std::string> names;
  for (const NamedArray& output : torch_library().run(program, inputs)) names.push_back(output.name);
  EXPECT_EQ(names, (std::vector<std::string>{"energy", "forces", "virial", "atom_virials"}));
}

TEST_F(TorchScript, AwkwardNames) {
  graph = lowered(yaml_with_awkward_names());
  weights = init_weights(graph, 3);
  atoms = atom_graph(random_crystal(2, 2, 1, false), graph, 2);
  program = make_torch_program(graph, weights, Precision::f64);
  expected = evaluate(*torch_library().make_engine(program), atoms);
  std::vector<NamedArray> all = script_inputs(random_crystal(2, 2, 1, false), atoms);
  const std::vector<NamedArray> got = torch_library().run(program, {all[0], all[1], all[2], all[4]});
  EXPECT_TRUE(std::abs(got[0].reals[0] - expected.energies[0]) <= 1e-12);
  EXPECT_EQ(got[1].name, "a \"quoted\" name");
  EXPECT_TRUE(largest_difference(got[1].reals, expected.atom_energies) <= 1e-12);
}

json as_json(const std::vector<NamedArray>& arrays) {
  json object = json::object();
  for (const NamedArray& array : arrays) {
    object[array.name] = {{"shape", array.shape}};
    if (array.integers.empty()) {
      object[array.name]["data"] = array.reals;
    } else {
      object[array.name]["data"] = array.integers;
    }
  }
  return object;
}

/// nlohmann::json sorts keys, so order is given apart.
json in_order(const std::vector<NamedArray>& arrays) {
  const json sorted = as_json(arrays);
  json list = json::array();
  for (const NamedArray& array : arrays) list.push_back({array.name, sorted[array.name]});
  return list;
}

/// Writes the `.pt` and what to expect, and runs the script with Debian's Python.
int run_in_python(TorchProgram program, const std::string& text, const std::vector<NamedArray>& inputs,
                  const std::vector<NamedArray>& outputs, double tolerance, const std::string& name) {
  program.extra_files = {{"model.yaml", "the source"}};
  json parameters = json::array();
  for (const ProgramTensor& tensor : program.tensors) {
    if (tensor.role == TensorRole::trained || tensor.role == TensorRole::fixed) parameters.push_back(tensor.path);
  }
  const std::string stem = (std::filesystem::temp_directory_path() / (name + std::to_string(getpid()))).string();
  std::ofstream(stem + ".pt", std::ios::binary) << torch_library().save_torchscript(program);
  std::ofstream(stem + ".json") << json{{"inputs", in_order(inputs)},
                                        {"outputs", in_order(outputs)},
                                        {"parameters", parameters},
                                        {"source", text},
                                        {"tolerance", tolerance}};
  const std::string script = std::string(KILN_SOURCE_DIR) + "/tests/python/torchscript_check.py";
  const int status = std::system(("/usr/bin/python3 " + script + " " + stem + ".pt " + stem + ".json").c_str());
  std::filesystem::remove(stem + ".pt");
  std::filesystem::remove(stem + ".json");
  return status;
}

TEST_F(TorchScript, RunsInPython) {
  prepare();
  EXPECT_EQ(run_in_python(program, text, inputs, outputs(), 1e-10, "kiln_f64_"), 0);
}

TEST_F(TorchScript, RunsInPythonTabulatedAndInSinglePrecision) {
  options.radial = "{tabulated: {knots: 40}}";
  prepare(Precision::f32);
  EXPECT_EQ(run_in_python(program, text, inputs, outputs(), 1e-5, "kiln_f32_"), 0);
}

/// KLay's layer on KLay's inputs, which come in as free model inputs here.
std::string golden_yaml(const json& c) {
  const json& config = c.at("config");
  const json& radial = c.at("radial").at("config");
  json layer = {{"lmax", config.at("lmax")},
                {"correlation", config.at("correlation")},
                {"num_elements", config.at("num_elements")},
                {"avg_num_neighbors", config.at("avg_num_neighbors")},
                {"use_sc", config.at("use_sc")},
                {"hidden_irreps_block", config.at("hidden_irreps_block")},
                {"input_block", config.at("input_block")},
                {"num_radial_basis", config.at("num_radial_basis")},
                {"node_attr_block", config.at("num_elements").dump() + "x0e"}};
  const std::string n_attributes = config.at("num_elements").dump();
  const json width = golden::shape(c.at("inputs").at("node_feats"))[1];
  return "model_inputs: {coords: '', edge_index: '', shift: '', feats: {role: free, shape: [N, " + width.dump() +
         "]}, attrs: {role: free, shape: [N, " + n_attributes +
         "]}}\nmodel_layers:\n"
         "  geometry: {type: SphericalHarmonicEdgeAttrs, config: {lmax: 1}, inputs: {pos: model_inputs.coords, "
         "edge_index: model_inputs.edge_index, shift: model_inputs.shift}}\n"
         "  radial: {type: RadialBasisEdgeEncoding, config: " +
         radial.dump() +
         ", inputs: {edge_lengths: geometry.edge_lengths}}\n"
         "  mace: {type: MACE_layer, config: " +
         layer.dump() +
         ", inputs: {vectors: geometry.edge_vec, node_feats: "
         "model_inputs.feats, node_attrs: model_inputs.attrs, edge_feats: radial, edge_index: "
         "model_inputs.edge_index}}\n"
         "model_outputs: {h: mace, basis: radial, vectors: geometry.edge_vec, lengths: geometry.edge_lengths}\n";
}

/// KLay's contraction weights [elements, paths, K] in the symmetrized basis.
std::vector<double> projected(const std::vector<double>& klay, const SymmetricBasis& basis, std::size_t n_elements) {
  const std::size_t channels = klay.size() / (n_elements * basis.n_unsymmetrized);
  std::vector<double> weights(n_elements * basis.n_paths * channels, 0.0);
  for (std::size_t z = 0; z < n_elements; ++z) {
    for (int k = 0; k < basis.n_unsymmetrized; ++k) {
      for (int q = 0; q < basis.n_paths; ++q) {
        for (std::size_t u = 0; u < channels; ++u) {
          weights[(z * basis.n_paths + q) * channels + u] +=
              basis.projection[k * basis.n_paths + q] * klay[(z * basis.n_unsymmetrized + k) * channels + u];
        }
      }
    }
  }
  return weights;
}

Weights imported_weights(const LoweredGraph& graph, const json& c, const json& shared) {
  Weights weights = init_weights(graph, 1);
  for (const json* source : {&shared, &c.at("weights")}) {
    for (const auto& [name, array] : source->items()) {
      if (weights.count("mace." + name) > 0) weights["mace." + name].data = golden::numbers(array);
    }
  }
  weights["radial.basis.bessel_weights"].data =
      golden::numbers(c.at("radial").at("weights").at("basis.bessel_weights"));
  const json& config = c.at("config");
  const int correlation = config.at("correlation");
  for (std::size_t k = 0; k < config.at("hidden_irreps_block").size(); ++k) {
    const int l = config.at("hidden_irreps_block")[k].at("l");
    for (int nu = 1; nu <= correlation; ++nu) {
      const std::string klay =
          "product.symmetric_contractions.contractions." + std::to_string(k) +
          (nu == correlation ? ".weights_max" : ".weights." + std::to_string(correlation - 1 - nu));
      const SymmetricBasis basis = symmetric_basis(config.at("lmax"), l, l % 2 == 0 ? 1 : -1, nu);
      weights["mace.product.contraction" + std::to_string(k) + ".nu" + std::to_string(nu)].data =
          projected(golden::numbers(c.at("weights").at(klay)), basis, config.at("num_elements"));
    }
  }
  return weights;
}

NamedArray golden_input(const json& array, bool integer = false) {
  const std::vector<int> shape = golden::shape(array);
  NamedArray input{"", {shape.begin(), shape.end()}, {}, {}};
  if (integer) {
    for (const double x : golden::numbers(array)) input.integers.push_back(static_cast<std::int64_t>(x));
  } else {
    input.reals = golden::numbers(array);
  }
  return input;
}

/// The radial basis as one more model input: the network stands alone, and edge features come in from outside.
LoweredGraph with_given_basis(const LoweredGraph& lowered_graph) {
  LoweredGraph graph = with_networks(lowered_graph);
  const int basis = static_cast<int>(graph.fields.size()) - 1;
  const auto makes_it = [&](const Operation& operation) { return operation.output == basis; };
  graph.operations.erase(std::find_if(graph.operations.begin(), graph.operations.end(), makes_it));
  graph.inputs.push_back({basis, Meaning::plain, "given_basis"});
  graph.model_inputs.push_back("given_basis");
  graph.model_input_meanings.push_back(Meaning::plain);
  return graph;
}

TEST(TorchGolden, MaceLayerEqualsKlay) {
  const json file = golden::read("mace_layer");
  for (const json& c : file.at("cases")) {
    const json& in = c.at("inputs");
    const LoweredGraph graph = lowered(golden_yaml(c));
    const Weights weights = imported_weights(graph, c, file.at("shared_weights"));
    std::vector<NamedArray> inputs = {golden_input(in.at("positions")), golden_input(in.at("edge_index"), true),
                                      golden_input(in.at("shift")), golden_input(in.at("node_feats")),
                                      golden_input(in.at("node_attrs"))};
    const std::vector<double> want[] = {golden::numbers(c.at("outputs").at("node_feats")),
                                        golden::numbers(in.at("edge_feats")), golden::numbers(in.at("vectors")),
                                        golden::numbers(in.at("edge_lengths"))};
    const auto compare = [&](const LoweredGraph& g) {
      const std::vector<NamedArray> out = torch_library().run(make_torch_program(g, weights, Precision::f64), inputs);
      for (std::size_t k = 0; k < 4; ++k)
        EXPECT_TRUE(golden::relative_difference(out[k].reals, want[k]) <= 1e-12) << c.at("name") << " " << k;
    };
    compare(graph);
    inputs.push_back(golden_input(in.at("edge_feats")));
    compare(with_given_basis(graph));
  }
}

TEST(TorchGolden, HarmonicsEqualE3nn) {
  for (const json& c : golden::read("harmonics").at("cases")) {
    const LoweredGraph graph = lowered(
        "model_inputs: {coords: '', edge_index: '', shift: ''}\nmodel_layers:\n  geometry: {type: "
        "SphericalHarmonicEdgeAttrs, config: " +
        c.at("config").dump() +
        ", inputs: {pos: model_inputs.coords, edge_index: model_inputs.edge_index, shift: model_inputs.shift}}\n"
        "model_outputs: {sh: geometry.edge_sh}\n");
    const NamedArray vectors = golden_input(c.at("inputs").at("vectors"));  // as shifts of an atom's images
    const std::vector<NamedArray> out =
        torch_library().run(make_torch_program(graph, {}, Precision::f64),
                            {{"", {1, 3}, {0, 0, 0}, {}},
                             {"", {2, vectors.shape[0]}, {}, std::vector<std::int64_t>(2 * vectors.shape[0], 0)},
                             vectors});
    EXPECT_TRUE(golden::relative_difference(out[0].reals, golden::numbers(c.at("outputs").at("values"))) <= 1e-12)
        << c.at("config");
  }
}

}  // namespace
}  // namespace kiln
