#include <filesystem>

#include "base/files.h"
#include "cli/model_input.h"
#include "cli/torch_process.h"
#include "export/kim_model.h"
#include "export/state_dict.h"
#include "export/torchscript.h"

namespace kiln {

namespace {

struct Options {
  std::string input, target, name, output;
  std::string dtype = "f64";
  FreshModel fresh;
};

std::string stem(const Options& options) { return std::filesystem::path(options.input).stem().string(); }

std::string output_or(const Options& options, const std::string& suffix) {
  return options.output.empty() ? stem(options) + suffix : options.output;
}

std::string write_torchscript(const Options& options, const Model& model, const Context& context) {
  const auto torch = open_torch(context);
  const std::string path = output_or(options, ".pt");
  write_file_atomically(path, torch->save_torchscript(torchscript_program(model)));
  return path;
}

std::string write_kim(const Options& options, const Model& model, const Context&) {
  const std::string name = options.name.empty() ? stem(options) : options.name;
  const std::string folder = options.output.empty() ? name : options.output;
  write_kim_model(folder, name, write_model(model));
  return folder;
}

std::string write_kiln(const Options& options, const Model& model, const Context&) {
  const std::string path = output_or(options, ".kiln");
  write_file_atomically(path, write_model(model));
  return path;
}

std::string write_state_dict(const Options& options, const Model& model, const Context&) {
  const std::string path = output_or(options, ".safetensors");
  write_file_atomically(path, state_dict(model));
  return path;
}

struct Target {
  const char* name;
  std::string (*write)(const Options&, const Model&, const Context&);
};
constexpr Target kTargets[] = {
    {"torchscript", write_torchscript}, {"kim", write_kim}, {"kiln", write_kiln}, {"state-dict", write_state_dict}};

std::vector<std::string> target_names() {
  std::vector<std::string> names;
  for (const Target& target : kTargets) names.push_back(target.name);
  return names;
}

int export_model(Options options, Context& context) {
  options.fresh.precision = options.dtype == "f64" ? Precision::f64 : Precision::f32;
  const Model model = read_model_input(options.input, options.fresh);
  for (const Target& target : kTargets) {
    if (options.target != target.name) continue;
    const std::string written = target.write(options, model, context);
    context.out << "written: " << written << "\n";
  }
  return 0;
}

}  // namespace

Run declare_export(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("INPUT", o->input, "a model or checkpoint (.kiln), or a graph (.yaml) with weights drawn anew")
      ->required()
      ->option_text(" ");
  app.add_option(
         "--to", o->target,
         "torchscript: a .pt for libtorch and Python; kim: a folder with a KIM portable model; kiln: a model file; "
         "state-dict: the weights as safetensors")
      ->required()
      ->check(CLI::IsMember(target_names()))
      ->option_text("TARGET");
  app.add_option("--name", o->name, "name of the KIM model, a C identifier (default: the input's name)")
      ->option_text("NAME");
  app.add_option("-o,--output", o->output, "file or folder to write (default: named after the input, or --name, here)")
      ->option_text("PATH");
  app.add_option("--species", o->fresh.species, "of a graph: its elements in the order of its species, such as Si,O")
      ->option_text("LIST");
  app.add_option("--seed", o->fresh.seed, "of a graph: seed of the weights (default: 0)")->option_text("N");
  app.add_option("--dtype", o->dtype, "of a graph: precision of the model: f32 or f64 (default: f64)")
      ->check(CLI::IsMember({"f32", "f64"}))
      ->option_text("DTYPE");
  return [o](Context& context) { return export_model(*o, context); };
}

}  // namespace kiln
