#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/diagnostics.h"
#include "cli/command.h"
#include "layers/layer_table.h"

namespace kiln {

namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string name;
  std::string format = "text";
};

const char* name_of(Category category) {
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
  }
  return "";
}

const char* name_of(ConfigType type) {
  switch (type) {
    case ConfigType::integer:
      return "integer";
    case ConfigType::real:
      return "real";
    case ConfigType::boolean:
      return "boolean";
    case ConfigType::text:
      return "text";
    case ConfigType::irreps:
      return "irreps";
    case ConfigType::list:
      return "list";
    case ConfigType::mapping:
      return "mapping";
    case ConfigType::radial:
      return "radial";
  }
  return "";
}

Json ports_json(const std::vector<PortDeclaration>& ports) {
  Json list = Json::array();
  for (const PortDeclaration& port : ports)
    list.push_back({{"name", port.name}, {"optional", port.optional}, {"list", port.list}, {"doc", port.doc}});
  return list;
}

Json config_json(const std::vector<ConfigEntry>& config) {
  Json list = Json::array();
  for (const ConfigEntry& entry : config) {
    Json json = {{"name", entry.name}, {"type", name_of(entry.type)}, {"required", entry.required}};
    if (!entry.default_value.empty()) json["default"] = entry.default_value;
    if (entry.minimum > -1e300) json["minimum"] = entry.minimum;
    if (entry.maximum < 1e300) json["maximum"] = entry.maximum;
    if (!entry.allowed.empty()) json["allowed"] = entry.allowed;
    json["doc"] = entry.doc;
    list.push_back(json);
  }
  return list;
}

Json layer_json(const LayerDeclaration& layer) {
  return {{"name", layer.name},
          {"synonyms", layer.synonyms},
          {"category", name_of(layer.category)},
          {"doc", layer.doc},
          {"formula", layer.formula},
          {"config", config_json(layer.config)},
          {"inputs", ports_json(layer.inputs)},
          {"outputs", ports_json(layer.outputs)}};
}

std::string config_line(const ConfigEntry& entry) {
  std::string kind = name_of(entry.type);
  if (!entry.allowed.empty()) kind = fmt::format("{}", fmt::join(entry.allowed, "|"));
  const std::string start = entry.required                ? "required"
                            : entry.default_value.empty() ? "optional"
                                                          : "default " + entry.default_value;
  return fmt::format("    {:<22} {:<10} {:<18} {}\n", entry.name, kind, start, entry.doc);
}

std::string port_line(const PortDeclaration& port) {
  const std::string kind = std::string(port.optional ? "optional" : "") + (port.list ? " one or a list" : "");
  return fmt::format("    {:<22} {:<18} {}\n", port.name, kind, port.doc);
}

std::string layer_text(const LayerDeclaration& layer) {
  std::string text = fmt::format("{} ({}): {}\n", layer.name, name_of(layer.category), layer.doc);
  if (!layer.synonyms.empty()) text += fmt::format("  also called {}\n", fmt::join(layer.synonyms, ", "));
  if (!layer.formula.empty()) text += "  " + layer.formula + "\n";
  text += layer.config.empty() ? "  config: none\n" : "  config\n";
  for (const ConfigEntry& entry : layer.config) text += config_line(entry);
  text += "  inputs\n";
  for (const PortDeclaration& port : layer.inputs) text += port_line(port);
  text += "  outputs\n";
  for (const PortDeclaration& port : layer.outputs) text += port_line(port);
  return text;
}

std::vector<const LayerDeclaration*> chosen_layers(const LayerTable& table, const std::string& name) {
  if (name.empty()) return {table.begin, table.begin + table.size};
  const LayerDeclaration* layer = table.find(name);
  if (!layer)
    throw Error(ErrorKind::usage, "unknown-layer", "there is no layer '" + name + "'",
                did_you_mean(name, table.names()));
  return {layer};
}

int print_layers(const Options& options, Context& context) {
  const auto layers = chosen_layers(layer_table(), options.name);
  if (options.format == "json") {
    Json list = Json::array();
    for (const LayerDeclaration* layer : layers) list.push_back(layer_json(*layer));
    context.out << Json{{"layers", list}}.dump(2) << "\n";
  } else if (!options.name.empty()) {
    context.out << layer_text(*layers.front());
  } else {
    for (const LayerDeclaration* layer : layers)
      context.out << fmt::format("{:<28} {:<12} {}\n", layer->name, name_of(layer->category), layer->doc);
  }
  return 0;
}

}  // namespace

Run declare_layers(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("NAME", options->name, "a layer's type: show its config, inputs and outputs (default: list all)")
      ->option_text(" ");
  add_format_option(app, options->format);
  return [options](Context& context) { return print_layers(*options, context); };
}

}  // namespace kiln
