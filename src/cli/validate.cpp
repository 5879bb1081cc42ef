#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/files.h"
#include "base/source_text.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/json_line.h"
#include "cli/model_door.h"
#include "cli/output_file.h"
#include "cli/picture_file.h"
#include "cli/report_error.h"
#include "engines/torch/row_function_check.h"
#include "engines/torch/torch_text.h"
#include "graph/describe_graph.h"
#include "model/foreign_code.h"
#include "operators/torch_target.h"

namespace kiln {

namespace {

struct Options {
  std::vector<std::string> allow;
  std::string file;
  std::string picture;
  bool allow_dangling = false;
  std::string format = "text";
};

/// What is printed of a graph without errors.
struct Description {
  std::string text, json;
};

Description description_of(const GraphSpec& spec, const CheckedGraph& graph) {
  if (is_library(spec)) return {describe_library(spec), describe_library_json(spec)};
  return {describe(graph), describe_json(graph)};
}

void print_json(const Description& graph, const Diagnostics& faults, const Options& options, std::ostream& out) {
  auto json = nlohmann::ordered_json::parse(to_json(faults));
  if (!faults.has_errors()) json["graph"] = nlohmann::ordered_json::parse(graph.json);
  if (!faults.has_errors() && !options.picture.empty()) json["picture"] = options.picture;
  out << json_line(json, 2);
}

void print_text(const Description& graph, const Diagnostics& faults, const Options& options, Context& context) {
  for (const Diagnostic& fault : faults.list) context.err << to_string(fault) << "\n";
  if (faults.has_errors()) return;
  context.out << graph.text << "\n" << options.file << ": valid\n";
  if (!options.picture.empty()) context.out << "written: " << options.picture << "\n";
}

void forget_dangling(Diagnostics& faults) {
  const auto dangling = [](const Diagnostic& fault) {
    return fault.code == "dangling-layer" || fault.code == "dangling-alias";
  };
  faults.list.erase(std::remove_if(faults.list.begin(), faults.list.end(), dangling), faults.list.end());
}

/// The expressions of plugins' functions: where libtorch is not at hand, nothing runs them.
void check_functions(const LoweredGraph& lowered, ModelDoor& door, Diagnostics& faults) {
  if (!has_row_functions(lowered)) return;
  try {
    check_row_functions(lowered, door.torch(), faults);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::resources) throw;
    faults.warning("not-checked", {}, "the functions of plugins are not tried: " + error.diagnostics().front().what);
  }
}

bool is_unchecked(const Diagnostic& fault) {
  return fault.code == "not-checked" && fault.severity == Severity::warning;
}

bool calls_library_operator(const CheckedLayer& layer) {
  return layer.declaration->name == "ArbitraryModule" && names_library_operator(layer.config.text("target"));
}

/// Where torch names no layer, at the one that calls what only torch knows; of several, all are named.
void tell_failure(const CheckedGraph& graph, const TorchFailure& failure, Diagnostics& faults) {
  std::vector<const CheckedLayer*> layers;
  for (const CheckedLayer& layer : graph.layers)
    if (failure.layer.empty() ? calls_library_operator(layer) : layer.name == failure.layer) layers.push_back(&layer);
  std::vector<std::string> names;
  for (const CheckedLayer* layer : layers) names.push_back(layer->name);
  const bool is_certain = layers.size() == 1;
  SourcePos where = layers.empty() ? SourcePos{} : layers[0]->where;
  if (!is_certain) where = SourcePos::whole_file(where.file);
  faults.error("not-compiled", where, failure.first_line(),
               names.size() > 1 ? "it is one of the layers " + joined(names) : "");
}

/// One place of an included file is several: the way to it tells them apart.
std::string place_with_way(const SourcePos& where) { return place(where) + where.via; }

/// The warnings of layers that were compiled.
void forget_unchecked(const CheckedGraph& graph, const TorchProgram& program, Diagnostics& faults) {
  std::set<std::string> targets;
  for (const CheckedLayer& layer : graph.layers)
    if (std::count(program.layer_of_line.begin(), program.layer_of_line.end(), layer.name) > 0)
      targets.insert(place_with_way(layer.config.where("target")));
  const auto is_compiled = [&](const Diagnostic& fault) {
    return is_unchecked(fault) && targets.count(place_with_way(fault.where)) > 0;
  };
  faults.list.erase(std::remove_if(faults.list.begin(), faults.list.end(), is_compiled), faults.list.end());
}

/// All of operators of other libraries only libtorch knows: it compiles the graph.
void check_operators(const CheckedGraph& graph, const LoweredGraph& lowered, ModelDoor& door, Diagnostics& faults) {
  const TorchProgram program = make_torch_program(lowered, init_weights(lowered, /*seed=*/0), Precision::f64);
  try {
    door.torch().save_torchscript(program);
  } catch (const TorchFailure& failure) {
    if (failure.out_of_memory) throw;
    tell_failure(graph, failure, faults);
  } catch (const Error& error) {
    if (error.diagnostics().front().code != "no-torch") throw;
    return;  // the warnings say so
  }
  forget_unchecked(graph, program, faults);
}

/// What only libtorch can tell, where it is at hand.
void check_with_torch(const CheckedGraph& graph, ModelDoor& door, Diagnostics& faults) {
  const bool has_plugins = std::any_of(graph.layers.begin(), graph.layers.end(),
                                       [](const CheckedLayer& layer) { return !layer.declaration->plugin.empty(); });
  const bool has_operators =
      !graph.outputs.empty() && std::any_of(graph.layers.begin(), graph.layers.end(), calls_library_operator);
  if ((!has_plugins && !has_operators) || !door.has_torch()) return;
  const LoweredGraph lowered = lower_graph(graph);
  if (has_operators) check_operators(graph, lowered, door, faults);
  if (has_plugins && !faults.has_errors()) check_functions(lowered, door, faults);
}

/// A picture shows what flows between layers.
void refuse_picture(const GraphSpec& spec, const Options& options, Diagnostics& faults) {
  if (options.picture.empty() || !is_library(spec)) return;
  faults.error("no-outputs", SourcePos::whole_file(options.file),
               "there is nothing to draw: it has neither 'model_inputs' nor 'model_outputs', so it is a library of "
               "layers, which nothing connects",
               "leave --visualize out: the layers are listed");
}

/// By its ending: nothing else is said of a file before it is read.
void refuse_model(const std::string& path) {
  if (ending_of(path) != ".kiln" || !std::filesystem::exists(path)) return;
  throw Error(ErrorKind::configuration, "not-a-graph", SourcePos::whole_file(path),
              "it is a model, which was checked when it was made, not a graph",
              "kiln info " + path + " shows what it is");
}

int validate(const Options& options, Diagnostics& faults, Context& context) {
  if (!options.picture.empty()) {
    check_picture_path(options.picture);
    require_other_file(options.picture, options.file);
  }
  refuse_model(options.file);
  ModelDoor door(context, options.allow);
  GraphSpec spec = parse_graph_file(options.file, faults, context.environment);
  load_foreign_code(spec, door.host(), /*seed=*/0, faults);
  const CheckedGraph graph = check_graph(spec, table_of(door.host().layers), faults);
  if (!faults.has_errors()) check_with_torch(graph, door, faults);
  if (!faults.has_errors()) refuse_picture(spec, options, faults);
  if (options.allow_dangling) forget_dangling(faults);
  if (!options.picture.empty() && !faults.has_errors()) {
    for (const std::string& file : files_of(graph)) require_other_file(options.picture, file);
    write_picture(graph, std::filesystem::path(options.file).filename().string(), options.picture);
  }
  const Description description = faults.has_errors() ? Description{} : description_of(spec, graph);
  if (options.format == "json")
    print_json(description, faults, options, context.out);
  else
    print_text(description, faults, options, context);
  return faults.has_errors() ? static_cast<int>(error_kind(faults)) : 0;
}

}  // namespace

Run declare_validate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("FILE", options->file,
                 "the graph: a YAML file with model_inputs, model_layers and model_outputs (.yaml)")
      ->required()
      ->option_text(" ");
  app.add_option("-v,--visualize", options->picture,
                 "draw the graph: .svg, .png and .pdf through Graphviz, or .dot (default: not drawn)")
      ->option_text("FILE");
  app.add_flag("--allow-dangling", options->allow_dangling,
               "say nothing of layers that reach no output (they are warnings)");
  add_allow_option(app, options->allow);
  add_format_option(app, options->format);
  return [options](Context& context) {
    Diagnostics faults;
    return with_warnings_told(faults, [&] { return validate(*options, faults, context); });
  };
}

}  // namespace kiln
