#include "model/model_metadata.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/elements.h"
#include "base/text.h"
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

Json units_json() { return {{"length", "Å"}, {"energy", "eV"}, {"force", "eV/Å"}, {"stress", "eV/Å^3"}}; }

Json pairs_json(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Json json = Json::object();
  for (const auto& [key, value] : pairs) json[key] = value;
  return json;
}

/// Reads the metadata entry by entry, so that a fault names the entry.
struct MetadataReader {
  const Json& metadata;
  const std::string& file;

  [[noreturn]] void fail(const std::string& code, const std::string& what, const std::string& hint = "") const {
    throw Error(ErrorKind::data, code, SourcePos::whole_file(file), what, hint);
  }

  /// @param path  such as "architecture/name"
  const Json& at(const std::string& path) const {
    const Json::json_pointer pointer("/" + path);
    if (!metadata.contains(pointer)) fail("bad-metadata", "the metadata have no '" + path + "'");
    return metadata.at(pointer);
  }

  template <class Value>
  Value get(const std::string& path) const {
    try {
      return at(path).get<Value>();
    } catch (const Json::exception&) {
      fail("bad-metadata", "'" + path + "' in the metadata is not of the right type");
    }
  }

  int natural(const std::string& path) const {
    const Json& value = at(path);
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kMost)
      fail("bad-metadata", "'" + path + "' in the metadata is " + value.dump() + ", not a natural number");
    return value.get<int>();
  }

  static constexpr std::uint64_t kMost = 1'000'000'000;
};

Precision precision_of(const MetadataReader& read) {
  const auto dtype = read.get<std::string>("dtype");
  for (const auto& [name, precision] : kDTypes)
    if (dtype == name) return precision;
  read.fail("unknown-dtype", "dtype is '" + dtype + "'", "a model has float64 or float32");
}

std::vector<int> species_of(const MetadataReader& read) {
  std::vector<int> numbers;
  const std::size_t n = read.get<std::vector<Json>>("species").size();
  for (std::size_t s = 0; s < n; ++s) {
    const std::string entry = "species/" + std::to_string(s);
    const auto symbol = read.get<std::string>(entry + "/symbol");
    const int z = read.natural(entry + "/atomic_number");
    const int known = atomic_number_of(symbol);
    if (known == 0) read.fail("bad-species", "species '" + symbol + "' is no element");
    if (known != z)
      read.fail("bad-species", "species '" + symbol + "' has atomic number " + std::to_string(known) +
                                   ", the metadata say " + std::to_string(z));
    numbers.push_back(z);
  }
  return numbers;
}

std::vector<std::pair<std::string, std::string>> pairs_of(const MetadataReader& read, const std::string& path) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const Json& entries = read.at(path);
  if (!entries.is_object()) read.fail("bad-metadata", "'" + path + "' in the metadata is not of the right type");
  for (const auto& [key, value] : entries.items()) {
    if (!value.is_string()) read.fail("bad-metadata", "'" + path + "/" + key + "' in the metadata is not text");
    pairs.emplace_back(key, value.get<std::string>());
  }
  return pairs;
}

/// Is the layer's name the other one with numbers of copies in it: `b_1__a_0` of `b__a`?
bool has_numbers_only_more(const std::string& layer, const std::string& written) {
  std::set<std::size_t> ends = {0};  // of what may have been read of the layer's name
  const auto skip_numbers = [&] {
    for (const std::size_t end : std::set<std::size_t>(ends)) {
      std::size_t at = end;
      while (at < layer.size() && layer[at] == '_') {
        const std::size_t next = std::min(layer.find_first_not_of("0123456789", at + 1), layer.size());
        if (next == at + 1) break;
        ends.insert(at = next);
      }
    }
  };
  for (const char letter : written) {
    skip_numbers();
    std::set<std::size_t> next;
    for (const std::size_t end : ends)
      if (end < layer.size() && layer[end] == letter) next.insert(end + 1);
    ends = std::move(next);
  }
  skip_numbers();
  return ends.count(layer.size()) != 0;
}

/// Of copies with code: the name without its number. It must be no layer's, or consent for that would be one for these.
std::map<std::string, std::string> copies_of(const MetadataReader& read) {
  std::map<std::string, std::string> copies;
  if (!read.metadata.contains("copies")) return copies;
  const Json& layers = read.at("graph/model_layers");
  for (const auto& [layer, written] : pairs_of(read, "copies")) {
    if (written.empty() || layers.contains(written) || !has_numbers_only_more(layer, written))
      read.fail("bad-metadata", "'copies' in the metadata says that '" + layer + "' is a copy of '" + written + "'");
    copies[layer] = written;
  }
  return copies;
}

/// Foreign code is named layer by layer, and so is the consent.
void refuse_code(const MetadataReader& read, const std::map<std::string, std::string>& copies, const Allowance& allow) {
  const auto layers = read.get<std::vector<std::string>>("allow");
  if (read.get<bool>("contains_code") == layers.empty())
    read.fail("bad-metadata", "'contains_code' and 'allow' in the metadata do not agree");
  std::set<std::string> refused;
  for (const std::string& layer : layers) {
    const std::string name = written_name(copies, layer);
    const auto part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '/'; };
    if (!std::all_of(layer.begin(), layer.end(), part) || !std::all_of(name.begin(), name.end(), part))
      read.fail("bad-metadata", "'allow' in the metadata holds what is no name of a layer");
    if (!allows_code(allow, layer, copies)) refused.insert(name);
  }
  std::string options;
  for (const std::string& name : refused) options += " --allow code:" + name;
  if (!refused.empty())
    read.fail("contains-code", "it contains foreign code, of the layers " + joined({refused.begin(), refused.end()}),
              "if you trust where the file comes from, add" + options);
}

void put_code_layers(const Model& model, Json& json) {
  json["allow"] = Json::array();
  for (const auto& [layer, module] : model.foreign) {
    json["allow"].push_back(layer);
    const std::string written = written_name(model.copies, layer);
    if (written != layer) json["copies"][layer] = written;
  }
  json["contains_code"] = !model.foreign.empty();
}

/// Types of layers that plugins bring, each with the name of the plugin's file, and with its SHA-256.
void put_plugins(const CheckedGraph& graph, Json& json) {
  for (const CheckedLayer& layer : graph.layers) {
    if (layer.declaration->plugin.empty()) continue;
    json["plugins"][layer.declaration->name] = layer.declaration->plugin;
    json["plugins_sha256"][layer.declaration->name] = layer.declaration->plugin_sha256;
  }
}

/// The file's name for a plugin is a hint only: what counts is that somebody allowed one with the layer.
void require_plugins(const MetadataReader& read, const LayerTable& table) {
  if (!read.metadata.contains("plugins")) return;
  for (const auto& [layer, plugin] : pairs_of(read, "plugins")) {
    if (table.find(layer) != nullptr) continue;
    read.fail("needs-plugin", "it has a layer of the type '" + layer + "', of the plugin '" + plugin + "'",
              "if you trust the plugin, add --allow plugin:PATH with the path to it");
  }
}

void require_units(const MetadataReader& read) {
  const Json units = units_json();
  for (const auto& [quantity, unit] : units.items()) {
    const auto given = read.get<std::string>("units/" + quantity);
    if (given != unit.get<std::string>())
      read.fail("foreign-units", "'units/" + quantity + "' in the metadata is '" + given + "'",
                "the models of this version are in " + unit.get<std::string>());
  }
}

}  // namespace

Json model_metadata(const Model& model, const CheckedGraph& graph) {
  Json json;
  json["format_version"] = kModelFormatVersion;
  json["written_by"] = {{"kiln", version()}, {"commit", commit()}};
  json["architecture"] = {{"name", model.architecture}, {"version", model.architecture_version}};
  json["species"] = species_json(model);
  json["units"] = units_json();
  json["edge_sets"] = edge_sets_json(graph);
  json["influence_distance"] = graph.influence_distance;
  json["outputs"] = outputs_json(graph);
  json["conservative"] = true;
  json["dtype"] = dtype_name(model.precision);
  json["devices"] = Json::array({"cpu"});
  json["references"] = model.references;
  json["tolerances"] = tolerances_json();
  put_code_layers(model, json);
  put_plugins(graph, json);
  json["graph"] = Json::parse(model.graph_json);
  json["provenance"] = pairs_json(model.provenance);
  json["source_yaml"] = model.source_yaml;
  return json;
}

Model model_from_metadata(const Json& metadata, const std::string& name, const Allowance& allow, const Layers& layers) {
  const MetadataReader read{metadata, name};
  const std::map<std::string, std::string> copies = copies_of(read);
  refuse_code(read, copies, allow);
  require_plugins(read, table_of(layers));
  require_units(read);
  Model model;
  model.layers = layers;
  model.copies = copies;
  model.graph_json = read.at("graph").dump();
  model.architecture = read.get<std::string>("architecture/name");
  model.architecture_version = read.natural("architecture/version");
  model.atomic_numbers = species_of(read);
  model.precision = precision_of(read);
  model.references = read.get<std::vector<std::string>>("references");
  model.source_yaml = read.get<std::string>("source_yaml");
  model.provenance = pairs_of(read, "provenance");
  if (metadata.contains("plugins_sha256"))
    for (const auto& [layer, sha256] : pairs_of(read, "plugins_sha256")) model.plugin_sha256[layer] = sha256;
  for (const char* entry : {"written_by/kiln", "written_by/commit"}) read.get<std::string>(entry);  // `kiln info` shows
  return model;
}

}  // namespace kiln
