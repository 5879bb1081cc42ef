#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/files.h"
#include "base/numbers.h"
#include "cli/json_line.h"
#include "cli/model_door.h"
#include "cli/model_input.h"
#include "cli/output_file.h"
#include "cli/report_error.h"
#include "engines/torch/row_function_check.h"
#include "export/kim_model.h"
#include "export/state_dict.h"
#include "export/torchscript.h"

namespace kiln {

namespace {

struct Options {
  std::string input, target, output;
  std::optional<std::string> name;
  std::string dtype = "f64";
  std::string format = "text";
  FreshModel fresh;
  std::vector<std::string> allow;
};

std::string stem(const Options& options) { return std::filesystem::path(options.input).stem().string(); }

std::string kim_name(const Options& options) { return options.name.value_or(stem(options)); }

/// Makes the bytes only when the file is open: what cannot be written is refused before the work.
template <class MakeBytes>
void write_output(const Options& options, const MakeBytes& make_bytes) {
  require_other_file(options.output, options.input);
  AtomicFile file(options.output);
  file.write(make_bytes());
  file.commit();
}

void write_torchscript(const Options& options, const Model& model, ModelDoor& door) {
  write_output(options, [&] {
    require_row_functions(lower_graph(checked_graph_of(model)), door.torch());
    return door.torch().save_torchscript(torchscript_program(model));
  });
}

/// Nobody can allow a plugin in the program that runs the model.
void refuse_plugins(const Model& model) {
  for (const CheckedLayer& layer : checked_graph_of(model).layers)
    if (!layer.declaration->plugin.empty())
      throw Error(ErrorKind::configuration, "needs-plugin",
                  "layer '" + layer.name + "' is of the plugin '" + layer.declaration->plugin +
                      "': a KIM model runs with Kiln's own layers only",
                  "export it --to torchscript, which needs no plugin");
}

/// A domain of a simulation has its own atoms and those near them. Of code from outside nobody knows what it needs:
/// what runs it is told.
void require_local(const Model& model) {
  const CheckedGraph graph = checked_graph_of(model);
  const std::string& layer = graph.global_layer;
  if (!layer.empty() && graph.foreign.count(layer) == 0)
    throw Error(ErrorKind::configuration, "not-local",
                "layer '" + layer + "' needs all atoms: a KIM model sees those within its influence distance only",
                "export it --to torchscript, or let every atom depend on its neighbors alone");
}

void write_kim(const Options& options, const Model& model, ModelDoor&) {
  require_local(model);
  refuse_plugins(model);
  write_kim_model(options.output, kim_name(options), write_model(model));
}

void write_kiln(const Options& options, const Model& model, ModelDoor& door) {
  write_output(options, [&] { return write_model(model, door.host()); });
}

void write_state_dict(const Options& options, const Model& model, ModelDoor&) {
  const std::string ending = ending_of(options.output);
  if (ending == ".pt" || ending == ".pth")
    throw Error(ErrorKind::usage, "unknown-ending",
                "'" + options.output + "' would be no file of torch: a state dict is written as safetensors",
                "let it end in .safetensors, which safetensors.torch.load_file reads");
  write_output(options, [&] { return state_dict(model); });
}

struct Target {
  const char* name;
  const char* suffix;  ///< "": a folder
  void (*write)(const Options&, const Model&, ModelDoor&);
};
constexpr Target kTargets[] = {{"torchscript", ".pt", write_torchscript},
                               {"kim", "", write_kim},
                               {"kiln", ".kiln", write_kiln},
                               {"state-dict", ".safetensors", write_state_dict}};

std::vector<std::string> target_names() {
  std::vector<std::string> names;
  for (const Target& target : kTargets) names.push_back(target.name);
  return names;
}

const Target& target_of(const Options& options) {
  return *std::find_if(std::begin(kTargets), std::end(kTargets),
                       [&](const Target& target) { return options.target == target.name; });
}

/// Without -o: in this folder, with the input's name. A trained model is not replaced by chance.
std::string default_output(const Options& options) {
  if (options.target == "kim") return kim_name(options);
  const std::string path = stem(options) + target_of(options).suffix;
  if (options.target == "kiln" && is_graph_file(options.input) && std::filesystem::exists(path))
    throw Error(ErrorKind::usage, "output-exists", "'" + path + "' is there already",
                "give another file with -o, or this one to replace it");
  return path;
}

/// A model has its species, weights and precision.
void refuse_options_of_graphs(const CLI::App& app, const std::string& input) {
  for (const char* option : {"--species", "--seed", "--weights", "--dtype"})
    if (app.count(option) > 0 && !is_graph_file(input))
      throw Error(ErrorKind::usage, "option-of-graphs",
                  std::string(option) + " is for graphs (.yaml): '" + input + "' has its own already",
                  "leave it out, or give the graph");
}

void refuse_options_of_kim(const Options& options) {
  if (options.name && options.target != "kim")
    throw Error(ErrorKind::usage, "option-of-kim", "--name is for --to kim: it names the KIM model",
                "leave it out; -o says where " + options.target + " is written");
}

void report(const Options& options, const Diagnostics& faults, Context& context) {
  context.product_is_file = true;
  if (options.format == "json") {
    auto json = nlohmann::ordered_json::parse(to_json(faults));
    json["written"] = options.output;
    context.out << json_line(json);
  } else {
    tell(faults, context);
    context.out << "written: " << options.output << "\n";
  }
}

int export_model(Options options, Diagnostics& faults, Context& context) {
  options.fresh.precision = options.dtype == "f64" ? Precision::f64 : Precision::f32;
  if (options.output.empty()) options.output = default_output(options);
  options.fresh.output = options.output;
  options.fresh.needs_elements = options.target != "state-dict";  // weights have no elements
  ModelDoor door(context, options.allow);
  const Model model = read_model_input(options.input, options.fresh, door.host(), faults);
  target_of(options).write(options, model, door);
  report(options, faults, context);
  return 0;
}

}  // namespace

Run declare_export(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("INPUT", o->input,
                 "a model or checkpoint (.kiln), or a graph (.yaml) with weights drawn anew, or read")
      ->required()
      ->option_text(" ");
  app.add_option(
         "--to", o->target,
         "torchscript: a .pt for libtorch and Python; kim: a folder with a KIM portable model; kiln: a model file; "
         "state-dict: the weights as safetensors. kim and kiln are for potentials, graphs with an output 'energy'")
      ->required()
      ->check(CLI::IsMember(target_names()))
      ->option_text("TARGET");
  app.add_option("--name", o->name, "name of the KIM model, a C identifier (default: the input's name)")
      ->option_text("NAME");
  app.add_option("-o,--output", o->output, "file or folder to write (default: named after the input, or --name, here)")
      ->option_text("PATH");
  app.add_option("--species", o->fresh.species, "of a graph: its elements in the order of its species, such as Si,O")
      ->option_text("LIST");
  app.add_option("--seed", o->fresh.seed, "of a graph: seed of the weights (default: 0)")
      ->check(fault_of_seed)
      ->option_text("N");
  app.add_option(
         "--weights", o->fresh.weights,
         "of a graph: weights by layer names, as 'kiln run' takes them: a .safetensors or .kiln file, or a state "
         "dict of torch (.pt, .pth)")
      ->option_text("FILE");
  app.add_option("--dtype", o->dtype, "of a graph: precision of the model: f32 or f64 (default: f64)")
      ->check(CLI::IsMember({"f32", "f64"}))
      ->option_text("DTYPE");
  add_allow_option(app, o->allow);
  add_format_option(app, o->format);
  return [o, &app](Context& context) {
    refuse_options_of_graphs(app, o->input);
    refuse_options_of_kim(*o);
    Diagnostics faults;
    return with_warnings_told(faults, [&] { return export_model(*o, faults, context); });
  };
}

}  // namespace kiln
