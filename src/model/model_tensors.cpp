#include <cmath>
#include <cstring>
#include <set>

#include "base/numbers.h"
#include "base/text.h"
#include "model/contraction_basis.h"
#include "model/foreign_code.h"
#include "model/model_file.h"
#include "model/model_metadata.h"
#include "model/self_tests.h"
#include "model/upgrade.h"

namespace kiln {

namespace {

constexpr double kBasisTolerance = 1e-12;
const std::string kBasisPrefix = "basis/";
const std::string kSelfTestPrefix = "selftest/";
const std::string kCodePrefix = "code/";
const std::string kCodeEnding = ".pt";
const char* const kForeignPrefixes[] = {"optimizer/", "random/", "trainer/"};  // a checkpoint's

TensorDType storage_of(Precision precision) {
  return precision == Precision::f64 ? TensorDType::f64 : TensorDType::f32;
}

[[noreturn]] void fail(const std::string& code, const std::string& name, const std::string& what) {
  throw Error(ErrorKind::data, code, SourcePos::whole_file(name), what);
}

const Tensor& tensor(const TensorFile& file, const std::string& key, const std::string& name) {
  const auto found = file.tensors.find(key);
  if (found == file.tensors.end()) fail("missing-tensor", name, "tensor '" + key + "' is missing");
  return found->second;
}

Array shaped(const TensorFile& file, const std::string& key, const std::vector<std::int64_t>& shape, TensorDType dtype,
             const std::string& name) {
  const Tensor& found = tensor(file, key, name);
  if (found.shape != shape)
    fail("wrong-shape", name,
         "tensor '" + key + "' has shape " + list_text(found.shape) + ", the graph needs " + list_text(shape));
  if (found.dtype != dtype) fail("wrong-dtype", name, "tensor '" + key + "' is not in the precision of the model");
  return to_array(found);
}

// --- weights ---

/// Rounds as the file will: what is computed from them is then what a reader computes.
Weights rounded(const Weights& weights, Precision precision) {
  Weights out;
  for (const auto& [key, array] : weights) out[key] = to_array(to_tensor(array, storage_of(precision)));
  return out;
}

void require_weights_of(const LoweredGraph& graph, const Weights& weights) {
  for (const ParameterSpec& parameter : graph.parameters) {
    const auto found = weights.find(parameter.name);
    if (found == weights.end() || found->second.shape != parameter.shape)
      throw Error(ErrorKind::internal, "weights-mismatch", "weight '" + parameter.name + "' does not fit the graph");
  }
}

Weights read_weights(const TensorFile& file, const LoweredGraph& graph, Precision precision, const std::string& name) {
  Weights weights;
  for (const ParameterSpec& parameter : graph.parameters)
    weights[parameter.name] = shaped(file, parameter.name, parameter.shape, storage_of(precision), name);
  return weights;
}

// --- bases ---

void compare_bases(const TensorFile& file, const LoweredGraph& graph, const std::string& name) {
  for (const auto& [weight, want] : contraction_bases(graph)) {
    const Array got = shaped(file, kBasisPrefix + weight, want.shape, TensorDType::f64, name);
    for (std::size_t i = 0; i < got.data.size(); ++i)
      if (!(std::abs(got.data[i] - want.data[i]) <= kBasisTolerance))
        fail("basis-mismatch", name,
             "the contraction basis of '" + weight + "' is not the one this Kiln builds: its weights would be misread");
  }
}

// --- self-test ---

Tensor reals(const std::vector<std::int64_t>& shape, std::vector<double> values) {
  return to_tensor({shape, std::move(values)}, TensorDType::f64);
}

Tensor integers(const std::vector<int>& values) {
  const std::vector<std::int64_t> wide(values.begin(), values.end());
  Tensor out{TensorDType::i64, {static_cast<std::int64_t>(wide.size())}, {}};
  out.bytes.resize(wide.size() * sizeof(std::int64_t));
  if (!wide.empty()) std::memcpy(out.bytes.data(), wide.data(), out.bytes.size());
  return out;
}

std::string self_test_key(std::size_t test, const char* what) {
  return kSelfTestPrefix + std::to_string(test) + "/" + what;
}

void put_self_test(const SelfTest& test, std::size_t index, TensorFile& file) {
  const Structure& structure = test.structure;
  const auto n = static_cast<std::int64_t>(structure.n_atoms());
  std::vector<double> positions;
  for (const auto& position : structure.positions) positions.insert(positions.end(), position.begin(), position.end());
  const auto put = [&](const char* what, Tensor value) { file.tensors[self_test_key(index, what)] = std::move(value); };
  put("atomic_numbers", integers(structure.atomic_numbers));
  put("positions", reals({n, 3}, std::move(positions)));
  put("cell", reals({3, 3}, {structure.cell.begin(), structure.cell.end()}));
  put("periodic", integers({structure.periodic[0], structure.periodic[1], structure.periodic[2]}));
  put("energy", reals({1}, {test.energy}));
  put("forces", reals({n, 3}, test.forces));
  put("virial", reals({3, 3}, test.virial));
}

SelfTest get_self_test(const TensorFile& file, std::size_t index, const std::string& name) {
  const Array numbers = to_array(tensor(file, self_test_key(index, "atomic_numbers"), name));
  const std::int64_t n = numbers.size();
  const auto get = [&](const char* what, std::vector<std::int64_t> shape, TensorDType dtype = TensorDType::f64) {
    return shaped(file, self_test_key(index, what), shape, dtype, name).data;
  };
  SelfTest test;
  test.structure.atomic_numbers.assign(numbers.data.begin(), numbers.data.end());
  const std::vector<double> positions = get("positions", {n, 3});
  for (std::int64_t i = 0; i < n; ++i)
    test.structure.positions.push_back({positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]});
  const std::vector<double> cell = get("cell", {3, 3});
  std::copy(cell.begin(), cell.end(), test.structure.cell.begin());
  const std::vector<double> periodic = get("periodic", {3}, TensorDType::i64);
  for (int k = 0; k < 3; ++k) test.structure.periodic[k] = periodic[k] != 0.0;
  test.energy = get("energy", {1})[0];
  test.forces = get("forces", {n, 3});
  test.virial = get("virial", {3, 3});
  return test;
}

std::vector<SelfTest> get_self_tests(const TensorFile& file, const std::string& name) {
  std::vector<SelfTest> tests;
  while (file.tensors.count(self_test_key(tests.size(), "atomic_numbers")))
    tests.push_back(get_self_test(file, tests.size(), name));
  if (tests.empty()) fail("no-self-test", name, "there is no self-test");
  return tests;
}

// --- code ---

void put_code(const Model& model, TensorFile& file) {
  for (const auto& [layer, module] : model.foreign) {
    Tensor bytes{TensorDType::u8, {static_cast<std::int64_t>(module.bytes.size())}, {}};
    bytes.bytes.assign(module.bytes.begin(), module.bytes.end());
    file.tensors[kCodePrefix + layer + kCodeEnding] = std::move(bytes);
  }
}

/// Of an ArbitraryModule; "" where the graph has no such layer.
std::string target_of(const nlohmann::json& graph, const std::string& layer) {
  const auto place = nlohmann::json::json_pointer("/model_layers") / layer / "config" / "target";
  return graph.contains(place) && graph.at(place).is_string() ? graph.at(place).get<std::string>() : "";
}

/// Looked into only where the host allows the layer; model_from_metadata has refused all others.
/// @param announced  layers with code, as the metadata says
void get_code(const TensorFile& file, const std::set<std::string>& announced, const ModelHost& host,
              const std::string& name, Model& model) {
  const auto graph = nlohmann::json::parse(model.graph_json);
  for (const auto& [key, value] : file.tensors) {
    if (!starts_with(key, kCodePrefix)) continue;
    const std::string layer = key.substr(kCodePrefix.size(), key.size() - kCodePrefix.size() - kCodeEnding.size());
    if (announced.count(layer) == 0 || !allows_code(host.allow, layer, model.copies) || !host.inspect)
      fail("contains-code", name, "the code of layer '" + layer + "' is not announced in the metadata");
    const std::string target = target_of(graph, layer);
    try {
      model.foreign[layer] = value.bytes.empty() ? inspect_operator(target, host).value_or(ForeignModule{})
                                                 : inspect_code({value.bytes.begin(), value.bytes.end()}, target, host);
    } catch (const std::runtime_error& error) {
      fail("bad-code", name, "the code of layer '" + layer + "' cannot be read: " + error.what());
    }
  }
}

// --- whole ---

/// Neither a basis, a self-test, code nor a part of a checkpoint.
bool is_weight(const std::string& key) {
  bool other = starts_with(key, kBasisPrefix) || starts_with(key, kSelfTestPrefix) || starts_with(key, kCodePrefix);
  for (const char* prefix : kForeignPrefixes) other = other || starts_with(key, prefix);
  return !other;
}

void refuse_unknown_tensors(const TensorFile& file, const Model& model, const std::string& name) {
  for (const auto& entry : file.tensors) {
    const std::string& key = entry.first;
    if (is_weight(key) && model.weights.count(key) == 0)
      fail("unknown-tensor", name, "tensor '" + key + "' belongs to no layer of the graph");
  }
}

ModelDocument take_apart(const TensorFile& file, const std::string& name) {
  const auto metadata = file.metadata.find("kiln");
  if (metadata == file.metadata.end())
    fail("not-a-model", name, "this safetensors file was not written by Kiln: it has no metadata 'kiln'");
  auto json = nlohmann::ordered_json::parse(metadata->second, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) fail("bad-metadata", name, "the metadata 'kiln' are not a JSON object");
  return {std::move(json), file.tensors};
}

void take_tensors(const TensorFile& file, const std::string& name, Model& model) {
  const PotentialGraph graph = potential_graph(model);
  model.weights = read_weights(file, graph.lowered, model.precision, name);
  compare_bases(file, graph.lowered, name);
  model.self_tests = get_self_tests(file, name);
  refuse_unknown_tensors(file, model, name);
}

}  // namespace

TensorFile model_to_tensors(const Model& given, const ModelHost& host) {
  Model model = given;
  model.weights = rounded(given.weights, given.precision);
  const PotentialGraph graph = potential_graph(model);
  require_weights_of(graph.lowered, model.weights);
  if (model.self_tests.empty())
    for (Structure& structure :
         self_test_structures(model.atomic_numbers, graph.cutoffs.empty() ? 0.0 : graph.cutoffs[0]))
      model.self_tests.push_back({std::move(structure), 0.0, {}, {}});
  model.self_tests = evaluate_self_tests(model, graph, host);

  TensorFile file;
  file.metadata["kiln"] = model_metadata(model, graph.checked).dump();
  for (const ParameterSpec& parameter : graph.lowered.parameters)
    file.tensors[parameter.name] = to_tensor(model.weights.at(parameter.name), storage_of(model.precision));
  for (const auto& [weight, basis] : contraction_bases(graph.lowered))
    file.tensors[kBasisPrefix + weight] = to_tensor(basis, TensorDType::f64);
  put_code(model, file);
  for (std::size_t i = 0; i < model.self_tests.size(); ++i) put_self_test(model.self_tests[i], i, file);
  return file;
}

std::map<std::string, Tensor> model_weights(const std::string& bytes, const std::string& name) {
  ModelDocument document = upgrade(take_apart(open_sealed(bytes, name), name), upgrades(), name);
  std::map<std::string, Tensor> weights;
  for (auto& [key, value] : document.tensors)
    if (is_weight(key)) weights[key] = std::move(value);
  return weights;
}

Model model_from_tensors(const TensorFile& file, const std::string& name, const ModelHost& host) {
  const ModelDocument document = upgrade(take_apart(file, name), upgrades(), name);
  const TensorFile upgraded{{}, document.tensors};
  Model model = model_from_metadata(document.metadata, name, host.allow, host.layers);
  get_code(upgraded, document.metadata.at("allow").get<std::set<std::string>>(), host, name, model);
  with_other_plugins_told(model, [&] { take_tensors(upgraded, name, model); });
  return model;
}

}  // namespace kiln
