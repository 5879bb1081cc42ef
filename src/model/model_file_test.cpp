#include "model/model_file.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "base/files.h"
#include "kernels/symmetric_basis.h"
#include "kiln/potential.h"
#include "model/test_model.h"

namespace kiln {
namespace {

using test::error_of;
using test::ErrorOf;
using test::small_model;

const std::string& small_bytes() {
  static const std::string bytes = write_model(small_model());
  return bytes;
}

void expect_same(const Weights& a, const Weights& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, array] : a) {
    EXPECT_EQ(array.shape, b.at(name).shape) << name;
    EXPECT_EQ(array.data, b.at(name).data) << name;
  }
}

TEST(ModelFile, RoundTripKeepsEverything) {
  const Model model = small_model();
  const Model read = read_model(small_bytes(), "small.kiln");
  expect_same(read.weights, model.weights);
  EXPECT_EQ(read.atomic_numbers, (std::vector<int>{1, 2}));
  EXPECT_EQ(read.precision, Precision::f64);
  EXPECT_EQ(read.source_yaml, model.source_yaml);
  EXPECT_EQ(read.references, model.references);
  EXPECT_EQ(read.provenance, model.provenance);
  EXPECT_EQ(read.architecture, "graph");
  ASSERT_EQ(read.self_tests.size(), 2u);
  EXPECT_TRUE(read.self_tests[1].structure.periodic[2]);
  EXPECT_EQ(to_string(lower_graph(checked_graph_of(read))), to_string(lower_graph(checked_graph_of(model))));
}

TEST(ModelFile, WritingWhatWasReadGivesTheSameBytes) {
  EXPECT_EQ(write_model(read_model(small_bytes(), "small.kiln")), small_bytes());
}

TEST(ModelFile, Float32WeightsAreRoundedOnce) {
  const Model model = small_model(Precision::f32);
  const std::string bytes = write_model(model);
  const Model read = read_model(bytes, "f32.kiln");
  bool any_rounded = false;
  for (const auto& [name, array] : read.weights)
    for (std::size_t i = 0; i < array.data.size(); ++i) {
      const double want = model.weights.at(name).data[i];
      EXPECT_TRUE(std::abs(array.data[i] - want) <= 6e-8 * std::abs(want));
      any_rounded = any_rounded || array.data[i] != want;
    }
  EXPECT_TRUE(any_rounded);
  EXPECT_EQ(write_model(read), bytes);
  EXPECT_EQ(run_self_test(read), 0.0);
}

TEST(ModelFile, HoldsTheChecksumOfItselfWithZerosInItsPlace) {
  std::string bytes = small_bytes();
  const std::string key = "{\\\"checksum\\\":\\\"";
  const std::size_t digits = bytes.find(key) + key.size();
  const std::string checksum = bytes.substr(digits, 64);
  bytes.replace(digits, 64, 64, '0');
  EXPECT_EQ(sha256(bytes), checksum);
}

TEST(ModelFile, IsSafetensorsWithReadableMetadata) {
  const TensorFile file = read_safetensors(small_bytes(), "small.kiln");
  const auto json = nlohmann::json::parse(file.metadata.at("kiln"));
  EXPECT_EQ(json.at("format_version"), 1);
  EXPECT_EQ(json.at("species").at(1).at("symbol"), "He");
  EXPECT_EQ(json.at("influence_distance"), 6.0);
  EXPECT_EQ(json.at("conservative"), true);
  EXPECT_EQ(json.at("tolerances").at("native").at("float64"), 1e-10);
  EXPECT_EQ(file.tensors.at("selftest/0/forces").shape[1], 3);
  EXPECT_EQ(file.tensors.at("embedding.linear.weight").shape, (std::vector<std::int64_t>{10}));
}

TEST(ModelFile, StoresTheContractionBasesOfItsWeights) {
  const TensorFile file = read_safetensors(small_bytes(), "small.kiln");
  const SymmetricBasis basis = symmetric_basis(2, 1, -1, 3);
  const Array stored = to_array(file.tensors.at("basis/interaction1.product.contraction1.nu3"));
  EXPECT_EQ(stored.data, flatten(basis));
  EXPECT_EQ(file.tensors.at("interaction1.product.contraction1.nu3").shape[1], basis.n_paths);
}

TEST(ModelFile, RefusesEveryTruncation) {
  const std::string& bytes = small_bytes();
  std::vector<std::size_t> lengths = {0, 1, 7, 8, 9, 100, bytes.size() - 1};
  for (std::size_t length = 211; length < bytes.size(); length += 1009) lengths.push_back(length);
  for (const std::size_t length : lengths) {
    const ErrorOf error = error_of([&] { open_sealed(bytes.substr(0, length), "cut.kiln"); });
    EXPECT_EQ(error.first, ErrorKind::data) << length;
  }
}

TEST(ModelFile, RefusesWhatIsAppended) {
  EXPECT_EQ(error_of([&] { open_sealed(small_bytes() + "x", "long.kiln"); }),
            ErrorOf(ErrorKind::data, "damaged-model"));
}

TEST(ModelFile, RefusesEveryFlippedBit) {
  const std::string& bytes = small_bytes();
  const std::size_t checksum = bytes.find("checksum");
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < 16; ++i) places.push_back(i);                        // the header's length
  for (std::size_t i = checksum - 4; i < checksum + 90; ++i) places.push_back(i);  // the checksum itself
  std::mt19937 random(1);
  for (int i = 0; i < 40; ++i) places.push_back(random() % bytes.size());
  for (const std::size_t place : places)
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[place] = static_cast<char>(flipped[place] ^ (1 << bit));
      EXPECT_EQ(error_of([&] { open_sealed(flipped, "flipped.kiln"); }).first, ErrorKind::data)
          << place << ", bit " << bit;
    }
}

TEST(ModelFile, RefusesWhatIsNoModel) {
  const auto refuse = [](const std::string& bytes) { return error_of([&] { read_model(bytes, "other"); }); };
  EXPECT_EQ(refuse(""), ErrorOf(ErrorKind::data, "not-a-model"));
  EXPECT_EQ(refuse("PK\x03\x04 a zip archive"), ErrorOf(ErrorKind::data, "not-a-model"));
  EXPECT_EQ(refuse(write_safetensors({{{"format", "pt"}}, {{"w", {TensorDType::u8, {3}, {'a', 'b', 'c'}}}}})),
            ErrorOf(ErrorKind::data, "not-a-model"));
}

/// The small model's file with a change in metadata or tensors, sealed again.
template <class Change>
std::string resealed(const Change& change) {
  TensorFile file = read_safetensors(small_bytes(), "small.kiln");
  auto json = nlohmann::ordered_json::parse(file.metadata.at("kiln"));
  change(json, file);
  file.metadata["kiln"] = json.dump();
  return seal(file);
}

/// What reading the file with changed metadata complains of.
template <class Change>
Diagnostic metadata_fault(const Change& change) {
  const std::string bytes = resealed([&](auto& json, TensorFile&) { change(json); });
  try {
    read_model(bytes, "changed.kiln");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    return error.diagnostics().at(0);
  }
  return {};
}

TEST(ModelFile, RefusesANewerVersionAndNamesBoth) {
  const std::string bytes = resealed([](auto& json, TensorFile&) { json["format_version"] = 7; });
  try {
    read_model(bytes, "new.kiln");
    FAIL() << "a newer version was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_NE(std::string(error.what()).find("version 7"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("up to 1"), std::string::npos) << error.what();
  }
}

TEST(ModelFile, RefusesCode) {
  const std::string bytes = resealed([](auto& json, TensorFile&) {
    json["contains_code"] = true;
    json["allow"] = {"readout"};
  });
  EXPECT_EQ(error_of([&] { read_model(bytes, "code.kiln"); }), ErrorOf(ErrorKind::data, "contains-code"));
  const std::string unsaid = resealed([](auto& json, TensorFile&) { json["contains_code"] = true; });
  EXPECT_EQ(error_of([&] { read_model(unsaid, "code.kiln"); }), ErrorOf(ErrorKind::data, "bad-metadata"));
  const std::string hidden = resealed([](auto&, TensorFile& file) {
    file.tensors["code/readout.pt"] = {TensorDType::u8, {1}, {0}};
  });
  EXPECT_EQ(error_of([&] { read_model(hidden, "code.kiln"); }), ErrorOf(ErrorKind::data, "contains-code"));
}

/// Consent for one layer opens no other.
TEST(ModelFile, RefusesCopiesThatAreNone) {
  const auto said = [](const std::string& layer, const std::string& written) {
    const std::string bytes = resealed([&](auto& json, TensorFile&) {
      json["contains_code"] = true;
      json["allow"] = {layer};
      json["copies"] = {{layer, written}};
    });
    return error_of([&] { read_model(bytes, "code.kiln"); });
  };
  for (const auto& [layer, written] : {std::pair<const char*, const char*>{"a_1", "a"},
                                       {"b_1__a", "b__a"},
                                       {"b_1__c_22__a_0", "b__c__a"},
                                       {"a_1_0", "a_1"},
                                       {"a__0", "a_"}})
    EXPECT_EQ(said(layer, written), ErrorOf(ErrorKind::data, "contains-code")) << layer;
  for (const auto& [layer, written] : {std::pair<const char*, const char*>{"bad", "good"},
                                       {"a_1", ""},
                                       {"a_1", "a_2"},
                                       {"a_1", "b"},
                                       {"a_", "a"},
                                       {"a_1b", "a"},
                                       {"a1", "a"},
                                       {"a", "a_1"}})
    EXPECT_EQ(said(layer, written), ErrorOf(ErrorKind::data, "bad-metadata")) << layer;
  const std::string of_layer = resealed([](auto& json, TensorFile&) {
    const std::string layer = json["graph"]["model_layers"].begin().key();  // one of its own
    json["contains_code"] = true;
    json["allow"] = {layer + "_1"};
    json["copies"] = {{layer + "_1", layer}};
  });
  EXPECT_EQ(error_of([&] { read_model(of_layer, "code.kiln"); }), ErrorOf(ErrorKind::data, "bad-metadata"));
}

TEST(ModelFile, RefusesMetadataWithHoles) {
  for (const char* key : {"graph", "species", "dtype", "architecture", "contains_code", "allow", "provenance", "units",
                          "references", "source_yaml", "written_by"}) {
    const Diagnostic fault = metadata_fault([&](auto& json) { json.erase(key); });
    EXPECT_EQ(fault.code, "bad-metadata") << key;
    EXPECT_EQ(fault.where.file, "changed.kiln");
    EXPECT_NE(fault.what.find("the metadata have no '" + std::string(key)), std::string::npos) << fault.what;
  }
  EXPECT_EQ(metadata_fault([&](auto& json) { json.erase("format_version"); }).code, "no-format-version");
}

TEST(ModelFile, NamesTheMetadataThatAreOfAWrongType) {
  const auto expect_fault = [](const char* key, const nlohmann::ordered_json& value, const std::string& says) {
    const Diagnostic fault = metadata_fault([&](auto& json) { json[key] = value; });
    EXPECT_NE(fault.what.find(says), std::string::npos) << fault.what;
  };
  expect_fault("species", 3, "'species'");
  expect_fault("species", {{{"symbol", 1}, {"atomic_number", 1}}}, "'species/0/symbol'");
  expect_fault("species", {{{"symbol", "H"}, {"atomic_number", 1.5}}}, "'species/0/atomic_number'");
  expect_fault("architecture", {{"name", "graph"}, {"version", "one"}}, "'architecture/version'");
  expect_fault("provenance", {{"data a/b.xyz", 3}}, "'provenance/data a/b.xyz'");
  expect_fault("dtype", "float16", "'float16'");
}

TEST(ModelFile, RefusesSpeciesThatAreNotWhatTheirNumberSays) {
  const auto fault_of = [](const char* symbol, int number) {
    return metadata_fault([&](auto& json) { json["species"][1] = {{"symbol", symbol}, {"atomic_number", number}}; });
  };
  EXPECT_EQ(fault_of("Qq", 2).what, "species 'Qq' is no element");
  EXPECT_EQ(fault_of("Si", 2).what, "species 'Si' has atomic number 14, the metadata say 2");
  EXPECT_EQ(fault_of("Qq", 2).code, "bad-species");
}

TEST(ModelFile, RefusesForeignUnits) {
  const Diagnostic fault = metadata_fault([](auto& json) { json["units"]["energy"] = "hartree"; });
  EXPECT_EQ(fault.code, "foreign-units");
  EXPECT_EQ(fault.what, "'units/energy' in the metadata is 'hartree'");
}

TEST(ModelFile, ProvenanceMayNamePaths) {
  Model model = small_model();
  model.provenance = {{"data a/b~c.xyz", "abc"}};
  EXPECT_EQ(read_model(write_model(model), "paths.kiln").provenance, model.provenance);
}

TEST(ModelFile, RefusesTensorsThatDoNotFit) {
  using Json = nlohmann::ordered_json;
  const auto refuse = [](const auto& change) {
    const std::string bytes = resealed([&](Json&, TensorFile& file) { change(file.tensors); });
    return error_of([&] { read_model(bytes, "tensors.kiln"); });
  };
  using Tensors = std::map<std::string, Tensor>;
  const std::string weight = "embedding.linear.weight", basis = "basis/interaction1.product.contraction0.nu2";
  EXPECT_EQ(refuse([&](Tensors& t) { t.erase(weight); }), ErrorOf(ErrorKind::data, "missing-tensor"));
  EXPECT_EQ(refuse([&](Tensors& t) { t[weight].shape = {5, 2}; }), ErrorOf(ErrorKind::data, "wrong-shape"));
  EXPECT_EQ(refuse([&](Tensors& t) { t[weight] = to_tensor(to_array(t[weight]), TensorDType::f32); }),
            ErrorOf(ErrorKind::data, "wrong-dtype"));
  EXPECT_EQ(refuse([&](Tensors& t) { t["stray.weight"] = t[weight]; }), ErrorOf(ErrorKind::data, "unknown-tensor"));
  EXPECT_EQ(refuse([&](Tensors& t) { t.erase("selftest/0/atomic_numbers"); }),
            ErrorOf(ErrorKind::data, "no-self-test"));
  EXPECT_EQ(refuse([&](Tensors& t) {
              Array turned = to_array(t[basis]);
              turned.data[0] += 1e-11;
              t[basis] = to_tensor(turned, TensorDType::f64);
            }),
            ErrorOf(ErrorKind::data, "basis-mismatch"));
}

TEST(ModelFile, CheckpointsAreModelsWithMore) {
  const std::string bytes = resealed([](auto&, TensorFile& file) {
    file.metadata["trainer"] = "{\"epoch\": 3}";
    for (const char* name : {"optimizer/m", "random/shuffle", "trainer/best"})
      file.tensors[name] = {TensorDType::u8, {5}, {'s', 't', 'a', 't', 'e'}};
  });
  expect_same(read_model(bytes, "checkpoint.kiln").weights, small_model().weights);
  EXPECT_EQ(open_sealed(bytes, "checkpoint.kiln").metadata.at("trainer"), "{\"epoch\": 3}");
}

TEST(ModelFile, SelfTestFindsAChangedWeight) {
  Model model = read_model(small_bytes(), "small.kiln");
  EXPECT_EQ(run_self_test(model), 0.0);
  model.weights.at("readout1.linear.weight").data[0] += 1e-6;
  EXPECT_EQ(error_of([&] { run_self_test(model); }), ErrorOf(ErrorKind::numerical, "self-test-failed"));
}

TEST(ModelFile, SelfTestOfAResealedFileFailsOnLoad) {
  const std::string bytes = resealed([](auto&, TensorFile& file) {
    Tensor& weight = file.tensors.at("readout1.linear.weight");
    Array array = to_array(weight);
    array.data[0] *= 1.0 + 1e-6;
    weight = to_tensor(array, TensorDType::f64);
  });
  EXPECT_EQ(error_of([&] { Potential::from_bytes(bytes, "resealed.kiln"); }),
            ErrorOf(ErrorKind::numerical, "self-test-failed"));
}

TEST(ModelFile, SelfTestSaysHowFarOffItIs) {
  Model model = read_model(small_bytes(), "small.kiln");
  model.self_tests[0].forces[4] += 3e-8 * (1.0 + std::abs(model.self_tests[0].forces[4]));
  try {
    run_self_test(model);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("is 3.0e-08, the tolerance 1.0e-10"), std::string::npos) << error.what();
  }
}

TEST(ModelFile, SelfTestDoesNotPassNaN) {
  Model model = read_model(small_bytes(), "small.kiln");
  model.self_tests[0].forces[4] = NAN;
  EXPECT_EQ(error_of([&] { run_self_test(model); }), ErrorOf(ErrorKind::numerical, "self-test-failed"));
}

}  // namespace
}  // namespace kiln
