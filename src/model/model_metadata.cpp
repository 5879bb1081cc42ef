#include "model/model_metadata.h"

#include "base/elements.h"
#include "kiln/version.h"
#include "model/self_tests.h"

namespace kiln {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::pair<const char*, Precision> kDTypes[] = {{"float64", Precision::f64}, {"float32", Precision::f32}};

const char* dtype_name(Precision precision) { return precision == Precision::f64 ? "float64" : "float32"; }

Json species_json(const Model& model) {
  Json species = Json::array();
  for (const int z : model.atomic_numbers) species.push_back({{"symbol", element_symbol(z)}, {"atomic_number", z}});
  return species;
}

Json outputs_json(const CheckedGraph& graph) {
  Json outputs = Json::array();
  for (const CheckedOutput& output : graph.outputs) {
    const FieldType& type = graph.fields[output.field].type;
    outputs.push_back({{"name", output.name},
                       {"level", to_string(type.level)},
                       {"irreps", to_string(type.irreps)},
                       {"unit", type.unit},
                       {"conservative", true}});
  }
  return outputs;
}

Json edge_sets_json(const CheckedGraph& graph) {
  Json sets = Json::array();
  for (const EdgeSet& set : graph.edge_sets) sets.push_back({{"name", set.name}, {"cutoff", set.cutoff}});
  return sets;
}

Json tolerances_json() {
  Json by_dtype;
  for (const auto& [name, precision] : kDTypes) by_dtype[name] = self_test_tolerance(precision);
  return {{"native", by_dtype}, {"torch", by_dtype}};
}

Json pairs_json(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Json json = Json::object();
  for (const auto& [key, value] : pairs) json[key] = value;
  return json;
}

Precision precision_of(const Json& dtype) {
  for (const auto& [name, precision] : kDTypes)
    if (dtype.get<std::string>() == name) return precision;
  throw Error(ErrorKind::data, "unknown-dtype", "dtype is '" + dtype.get<std::string>() + "'",
              "a model has float64 or float32");
}

Model read(const Json& metadata) {
  Model model;
  model.graph_json = metadata.at("graph").dump();
  model.architecture = metadata.at("architecture").at("name").get<std::string>();
  model.architecture_version = metadata.at("architecture").at("version").get<int>();
  for (const Json& species : metadata.at("species"))
    model.atomic_numbers.push_back(species.at("atomic_number").get<int>());
  model.precision = precision_of(metadata.at("dtype"));
  model.references = metadata.at("references").get<std::vector<std::string>>();
  model.source_yaml = metadata.at("source_yaml").get<std::string>();
  for (const auto& [key, value] : metadata.at("provenance").items())
    model.provenance.emplace_back(key, value.get<std::string>());
  return model;
}

}  // namespace

Json model_metadata(const Model& model, const CheckedGraph& graph) {
  Json json;
  json["format_version"] = kModelFormatVersion;
  json["written_by"] = {{"kiln", version()}, {"commit", commit()}};
  json["architecture"] = {{"name", model.architecture}, {"version", model.architecture_version}};
  json["species"] = species_json(model);
  json["units"] = {{"length", "Å"}, {"energy", "eV"}, {"force", "eV/Å"}, {"stress", "eV/Å^3"}};
  json["edge_sets"] = edge_sets_json(graph);
  json["influence_distance"] = graph.influence_distance;
  json["outputs"] = outputs_json(graph);
  json["conservative"] = true;
  json["dtype"] = dtype_name(model.precision);
  json["devices"] = Json::array({"cpu"});
  json["references"] = model.references;
  json["tolerances"] = tolerances_json();
  json["allow"] = Json::array();
  json["contains_code"] = false;
  json["graph"] = Json::parse(model.graph_json);
  json["provenance"] = pairs_json(model.provenance);
  json["source_yaml"] = model.source_yaml;
  return json;
}

Model model_from_metadata(const Json& metadata, const std::string& name) {
  try {
    if (metadata.at("contains_code").get<bool>() || !metadata.at("allow").empty())
      throw Error(ErrorKind::data, "contains-code", "'" + name + "' contains foreign code, which is not run here",
                  "only models made of Kiln's own layers load in this version");
    return read(metadata);
  } catch (const Json::exception& wrong) {
    throw Error(ErrorKind::data, "bad-metadata",
                "the metadata of '" + name + "' are not those of a model: " + wrong.what());
  }
}

}  // namespace kiln
