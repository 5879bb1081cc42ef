#include "base/diagnostics.h"
#include "cli/command.h"
#include "graph/layer_table_text.h"
#include "layers/layer_table.h"

namespace kiln {

namespace {

struct Options {
  std::string name;
  std::string format = "text";
};

const LayerDeclaration& layer_named(const std::string& name) {
  const LayerTable table = layer_table();
  if (const LayerDeclaration* layer = table.find(name)) return *layer;
  const std::string guess = did_you_mean(name, table.names());
  throw Error(ErrorKind::usage, "unknown-layer", "there is no layer '" + name + "'",
              guess.empty() ? "'kiln layers' lists what there is" : guess);
}

std::string one_layer(const std::string& name, bool as_json) {
  const LayerDeclaration* layer = &layer_named(name);
  return as_json ? describe_layers_json({&layer, 1}) + "\n" : describe_layer(*layer);
}

std::string all_layers(bool as_json) {
  return as_json ? describe_layers_json(layer_table()) + "\n" : describe_layers(layer_table());
}

int print_layers(const Options& options, Context& context) {
  const bool as_json = options.format == "json";
  context.out << (options.name.empty() ? all_layers(as_json) : one_layer(options.name, as_json));
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
