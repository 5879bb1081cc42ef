#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/elements.h"
#include "base/files.h"
#include "cli/command.h"
#include "cli/json_line.h"
#include "cli/model_door.h"
#include "cli/report_error.h"
#include "graph/describe_graph.h"
#include "model/foreign_code.h"
#include "model/model_file.h"
#include "model/model_metadata.h"
#include "model/potential_graph.h"

namespace kiln {

namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> allow;
  std::string file;
  bool graph = false;
  std::string format = "text";
};

std::size_t count_parameters(const Weights& weights) {
  std::size_t count = 0;
  for (const auto& entry : weights) count += entry.second.data.size();
  return count;
}

std::string species_text(const Json& species) {
  std::vector<std::string> symbols;
  for (const Json& one : species) symbols.push_back(one.at("symbol").get<std::string>());
  return fmt::format("{}", fmt::join(symbols, ", "));
}

std::string line(const std::string& key, const std::string& value) { return fmt::format("{:<20} {}\n", key, value); }

/// What was verified, and who wrote the file. Everything else is derived from the graph, not from what the file claims.
Json gather(const TensorFile& file, const Model& model, const PotentialGraph& graph, double self_test) {
  const Json given = Json::parse(file.metadata.at("kiln"));
  Json json = {{"checksum", given.value("checksum", "")}};
  json.update(model_metadata(model, graph.checked));
  for (const char* key : {"format_version", "written_by"}) json[key] = given.at(key);
  json["n_parameters"] = count_parameters(model.weights);
  json["graph"] = Json::parse(describe_json(graph.checked));
  json["checkpoint"] = file.metadata.count("trainer") > 0;
  json["checksum_ok"] = true;
  json["self_test"] = {{"ok", true}, {"structures", model.self_tests.size()}, {"largest_difference", self_test}};
  return json;
}

std::string outputs_text(const Json& outputs) {
  std::vector<std::string> names;
  for (const Json& output : outputs)
    names.push_back(output.at("name").get<std::string>() + " (" + output.at("unit").get<std::string>() + ")");
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string info_text(const Json& info) {
  std::string text;
  text += line("kind", info["checkpoint"].get<bool>() ? "checkpoint" : "model");
  text += line("format version", info["format_version"].dump());
  text += line("written by", fmt::format("kiln {} ({})", info["written_by"]["kiln"].get<std::string>(),
                                         info["written_by"]["commit"].get<std::string>()));
  text += line("architecture", info["architecture"]["name"].get<std::string>());
  text += line("species", species_text(info["species"]));
  for (const Json& set : info["edge_sets"]) text += line("cutoff", fmt::format("{} Å", set["cutoff"].get<double>()));
  text += line("influence distance", info["graph"]["local"].get<bool>()
                                         ? fmt::format("{} Å", info["influence_distance"].get<double>())
                                         : "unbounded: the graph is global");
  text += line("outputs", outputs_text(info["outputs"]));
  text += line("conservative", info["conservative"].get<bool>() ? "yes" : "no");
  const Json plugins = info.value("plugins", Json::object());
  for (const auto& [layer, plugin] : plugins.items())
    text += line("plugin", fmt::format("{}, of its layer {}", plugin.get<std::string>(), layer));
  text += line("precision", info["dtype"].get<std::string>());
  text += line("parameters", info["n_parameters"].dump());
  for (const Json& reference : info["references"]) text += line("cite", reference.get<std::string>());
  for (const auto& [key, value] : info["provenance"].items()) text += line(key, value.get<std::string>());
  text += line("checksum", "ok, SHA-256 " + info["checksum"].get<std::string>().substr(0, 16) + "…");
  text += line("self-test", fmt::format("ok, {} structures, largest relative difference {:.1e}",
                                        info["self_test"]["structures"].get<int>(),
                                        info["self_test"]["largest_difference"].get<double>()));
  return text;
}

int show_info(const Options& options, Context& context) {
  const TensorFile file = open_sealed(read_file(options.file), options.file);
  const ModelDoor door(context, options.allow);
  const Model model = model_from_tensors(file, options.file, door.host());
  const PotentialGraph graph = potential_graph(model);
  Diagnostics faults;
  warn_of_allowance(model, options.file, door.host().allow, faults);
  Json info = gather(file, model, graph, run_self_test(model, door.host()));
  if (options.format == "json") {
    info.update(Json::parse(to_json(faults)));
    context.out << json_line(info, 2);
    return 0;
  }
  tell(faults, context);
  context.out << info_text(info);
  if (options.graph) context.out << "\n" << describe(graph.checked) << "\n" << to_string(graph.lowered);
  return 0;
}

}  // namespace

Run declare_info(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("MODEL", options->file, "the model or checkpoint (.kiln)")->required()->option_text(" ");
  app.add_flag(
      "--graph", options->graph,
      "show the graph too: layers with their hops counted from the inputs, then the operations they lower to, with the "
      "hops beyond the owned atoms that each must reach");
  add_allow_option(app, options->allow);
  add_format_option(app, options->format);
  return [options](Context& context) { return show_info(*options, context); };
}

}  // namespace kiln
