#include "graph/layer_declaration.h"

#include <algorithm>

#include "graph/yaml_forms.h"
#include "kiln/error.h"

namespace kiln {

const Config::Value& Config::value(const std::string& key) const {
  for (const auto& [name, value] : values) {
    if (name == key) return value;
  }
  throw Error(ErrorKind::internal, "config-key", "config has no value for '" + key + "'");
}

bool Config::has(const std::string& key) const {
  return std::any_of(values.begin(), values.end(), [&](const auto& entry) { return entry.first == key; });
}

bool Config::given(const std::string& key) const { return has(key) && value(key).given; }
bool Config::is_at_fault(const std::string& key) const {
  return std::find(at_fault.begin(), at_fault.end(), key) != at_fault.end();
}
int Config::integer(const std::string& key) const { return static_cast<int>(value(key).node.int_value); }
double Config::real(const std::string& key) const { return value(key).node.real_value; }
bool Config::boolean(const std::string& key) const { return value(key).node.bool_value; }
const std::string& Config::text(const std::string& key) const { return value(key).node.text; }
const Irreps& Config::irreps(const std::string& key) const { return value(key).irreps; }
RadialChoice Config::radial(const std::string& key) const { return value(key).radial; }
const Yaml& Config::node(const std::string& key) const { return value(key).node; }
SourcePos Config::where(const std::string& key) const { return given(key) ? value(key).node.where : layer_where; }

void Config::set_integer(const std::string& key, int number) {
  Value inferred;
  inferred.node = yaml_integer(number);
  values.emplace_back(key, inferred);
}

void Config::set_irreps(const std::string& key, const Irreps& irreps) {
  Value inferred;
  inferred.node = yaml_irreps(irreps);
  inferred.irreps = irreps;
  values.emplace_back(key, inferred);
}

Yaml yaml_irreps(const Irreps& irreps) {
  Yaml list = yaml_list();
  for (const IrrepBlock& block : irreps.blocks) {
    Yaml item = yaml_mapping();
    yaml_set(item, "l", yaml_integer(block.irrep.l));
    yaml_set(item, "mul", yaml_integer(block.mul));
    yaml_set(item, "p", yaml_text(block.irrep.parity > 0 ? "e" : "o"));
    list.items.push_back(item);
  }
  return list;
}

bool LayerDeclaration::passes_messages() const {
  return std::any_of(inputs.begin(), inputs.end(), [](const PortDeclaration& port) { return port.sender; });
}

namespace {
std::vector<std::string> names_of(const std::vector<PortDeclaration>& ports) {
  std::vector<std::string> names;
  for (const PortDeclaration& port : ports) names.push_back(port.name);
  return names;
}
}  // namespace

bool LayerDeclaration::reads_senders(int port) const {
  return port < static_cast<int>(inputs.size()) && inputs[port].sender;
}

std::vector<std::string> LayerDeclaration::input_names() const { return names_of(inputs); }
std::vector<std::string> LayerDeclaration::output_names() const { return names_of(outputs); }

std::string to_string(Category category) {
  switch (category) {
    case Category::embedding:
      return "embedding";
    case Category::convolution:
      return "convolution";
    case Category::linear:
      return "linear";
    case Category::readout:
      return "readout";
    case Category::physics:
      return "physics";
    case Category::autograd:
      return "autograd";
    case Category::arbitrary:
      return "arbitrary";
  }
  return "";
}

const LayerDeclaration* LayerTable::find(const std::string& name) const {
  for (int i = 0; i < size; ++i) {
    const LayerDeclaration& layer = *begin[i];
    const auto& synonyms = layer.synonyms;
    if (layer.name == name || std::find(synonyms.begin(), synonyms.end(), name) != synonyms.end()) return &layer;
  }
  return nullptr;
}

std::vector<std::string> LayerTable::names() const {
  std::vector<std::string> all;
  for (int i = 0; i < size; ++i) {
    all.push_back(begin[i]->name);
    all.insert(all.end(), begin[i]->synonyms.begin(), begin[i]->synonyms.end());
  }
  return all;
}

}  // namespace kiln
