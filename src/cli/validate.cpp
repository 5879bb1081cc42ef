#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "graph/describe_graph.h"
#include "layers/layer_table.h"

namespace kiln {

namespace {

struct Options {
  std::string file;
  std::string format = "text";
};

void print_json(const CheckedGraph& graph, const Diagnostics& faults, std::ostream& out) {
  auto json = nlohmann::ordered_json::parse(to_json(faults));
  if (!faults.has_errors()) json["graph"] = nlohmann::ordered_json::parse(describe_json(graph));
  out << json.dump(2) << "\n";
}

void print_text(const CheckedGraph& graph, const Diagnostics& faults, const std::string& file, Context& context) {
  for (const Diagnostic& fault : faults.list) context.err << to_string(fault) << "\n";
  if (faults.has_errors()) return;
  context.out << describe(graph) << "\n" << file << ": valid\n";
}

int validate(const Options& options, Context& context) {
  Diagnostics faults;
  const GraphSpec spec = parse_graph_file(options.file, faults);
  const CheckedGraph graph = check_graph(spec, layer_table(), faults);
  if (options.format == "json")
    print_json(graph, faults, context.out);
  else
    print_text(graph, faults, options.file, context);
  return faults.has_errors() ? static_cast<int>(ErrorKind::configuration) : 0;
}

}  // namespace

Run declare_validate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("FILE", options->file, "the graph: a YAML file with model_inputs, model_layers and model_outputs")
      ->required()
      ->option_text(" ");
  add_format_option(app, options->format);
  return [options](Context& context) { return validate(*options, context); };
}

}  // namespace kiln
