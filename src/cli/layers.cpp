#include <nlohmann/json.hpp>

#include "base/diagnostics.h"
#include "cli/command.h"
#include "cli/json_line.h"
#include "cli/model_door.h"
#include "graph/category_table.h"
#include "graph/layer_page.h"
#include "graph/layer_table_text.h"
#include "graph/text_table.h"
#include "layers/layer_table.h"
#include "operators/torch_target.h"

namespace kiln {

namespace {

struct Options {
  std::vector<std::string> allow;
  std::string name;
  std::string category;
  bool arbitrary = false;
  std::string pages;
  std::string format = "text";
};

const LayerDeclaration& layer_named(const LayerTable& table, const std::string& name) {
  if (const LayerDeclaration* layer = table.find(name)) return *layer;
  const std::string guess = did_you_mean(name, table.names());
  throw Error(ErrorKind::usage, "unknown-layer", "there is no layer '" + name + "'",
              guess.empty() ? "'kiln layers' lists what there is; of a plugin, with --allow plugin:PATH" : guess);
}

std::string one_layer(const LayerTable& table, const std::string& name, bool as_json) {
  const LayerDeclaration* layer = &layer_named(table, name);
  return as_json ? describe_layers_json({&layer, 1}) + "\n" : describe_layer(*layer);
}

std::string list_of(const LayerTable& table, bool as_json) {
  return as_json ? describe_layers_json(table) + "\n" : describe_layers(table);
}

std::string layers_of_category(const LayerTable& table, const std::string& name, bool as_json) {
  for (const CategoryEntry& entry : category_table()) {
    if (to_string(entry.category) != name) continue;
    const std::vector<const LayerDeclaration*> layers = layers_of(table, entry.category);
    return list_of({layers.data(), static_cast<int>(layers.size())}, as_json);
  }
  return "";
}

/// What an ArbitraryModule may name.
std::string list_of_targets(bool as_json) {
  nlohmann::ordered_json json = {{"targets", nlohmann::ordered_json::array()}};
  std::vector<std::vector<std::string>> rows = {{"target", "kind", "signature"}};
  for (const TargetEntry& target : known_targets()) {
    json["targets"].push_back({{"name", target.name}, {"kind", target.kind}, {"signature", target.signature}});
    rows.push_back({target.name, target.kind, target.signature});
  }
  return as_json ? json_line(json, 2) : text_table(rows);
}

int print_layers(const Options& options, Context& context) {
  const ModelDoor door(context, options.allow);
  const LayerTable table = table_of(door.host().layers);
  if (!options.pages.empty()) return write_layer_pages(table, options.pages), 0;
  const bool as_json = options.format == "json";
  context.out << (options.arbitrary           ? list_of_targets(as_json)
                  : !options.name.empty()     ? one_layer(table, options.name, as_json)
                  : !options.category.empty() ? layers_of_category(table, options.category, as_json)
                                              : list_of(table, as_json));
  return 0;
}

/// Of Kiln's layers, without synonyms.
std::vector<std::string> own_names() {
  std::vector<std::string> names;
  const LayerTable table = layer_table();
  for (int i = 0; i < table.size; ++i) names.push_back(table.begin[i]->name);
  return names;
}

}  // namespace

Run declare_layers(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("NAME", options->name, "a layer's type: show its config, inputs and outputs (default: list all)")
      ->option_text(" ")
      ->check(offered(own_names()));
  app.add_option("--type,--category", options->category, "list the layers of this category only ('kiln types')")
      ->transform(CLI::IsMember(category_names(), CLI::ignore_case))
      ->excludes("NAME")
      ->option_text("CATEGORY");
  app.add_option("--pages", options->pages, "write the manual's pages of the layers into this folder")->group("");
  app.add_flag("--arbitrary", options->arbitrary,
               "list the torch functions and modules that ArbitraryModule knows without Python")
      ->excludes("NAME")
      ->excludes("--type");
  add_allow_option(app, options->allow);
  add_format_option(app, options->format);
  return [options](Context& context) { return print_layers(*options, context); };
}

}  // namespace kiln
