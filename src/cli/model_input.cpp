#include "cli/model_input.h"

#include <filesystem>
#include <sstream>

#include "base/elements.h"
#include "base/files.h"
#include "layers/layer_table.h"

namespace kiln {

namespace {

std::vector<int> parse_species(const std::string& list) {
  std::vector<int> numbers;
  std::istringstream in(list);
  for (std::string symbol; std::getline(in, symbol, ',');) {
    numbers.push_back(atomic_number_of(symbol));
    if (numbers.back() == 0)
      throw Error(ErrorKind::usage, "unknown-element", "there is no element '" + symbol + "'",
                  "write symbols with commas between them: --species Si,O");
  }
  return numbers;
}

Model model_from_graph(const std::string& path, const FreshModel& fresh) {
  if (fresh.species.empty())
    throw Error(ErrorKind::usage, "species-needed", "'" + path + "' is a graph: its species have no elements yet",
                "add --species Si,O: the elements in the order of the graph's species");
  Diagnostics faults;
  const GraphSpec spec = parse_graph_file(path, faults);
  const CheckedGraph graph = check_graph(spec, layer_table(), faults);
  throw_if_errors(faults, ErrorKind::configuration);
  Model model;
  model.graph_json = graph.canonical_json;
  model.source_yaml = read_file(path);
  model.atomic_numbers = parse_species(fresh.species);
  model.precision = fresh.precision;
  model.weights = init_weights(lower_graph(graph), fresh.seed);
  model.provenance = {{"weights", "drawn with seed " + std::to_string(fresh.seed) + ", not trained"}};
  return model;
}

}  // namespace

bool is_graph_file(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  return extension == ".yaml" || extension == ".yml";
}

Model read_model_input(const std::string& path, const FreshModel& fresh) {
  return is_graph_file(path) ? model_from_graph(path, fresh) : load_model(path);
}

}  // namespace kiln
