#include "cli/model_input.h"

#include <algorithm>
#include <sstream>

#include "base/elements.h"
#include "base/files.h"
#include "base/numbers.h"
#include "cli/output_file.h"
#include "model/foreign_code.h"
#include "model/weights_file.h"

namespace kiln {

namespace {

[[noreturn]] void refuse_species(const char* code, const std::string& list, const std::string& what) {
  throw Error(ErrorKind::usage, code, "--species " + list + ": " + what,
              "write each symbol once, with commas between them: --species Si,O");
}

std::vector<int> parse_species(const std::string& list) {
  std::vector<int> numbers;
  std::istringstream in(list + ",");  // each symbol ends with one
  for (std::string symbol; std::getline(in, symbol, ',');) {
    const int number = atomic_number_of(symbol);
    if (symbol.empty()) refuse_species("unknown-element", list, "a symbol is missing before or behind a comma");
    if (number == 0) refuse_species("unknown-element", list, "there is no element '" + symbol + "'");
    if (std::find(numbers.begin(), numbers.end(), number) != numbers.end())
      refuse_species("repeated-element", list, symbol + " stands twice");
    numbers.push_back(number);
  }
  return numbers;
}

/// A library of layers is right, but computes nothing.
void refuse_library(const GraphSpec& spec, const std::string& path) {
  if (is_library(spec))
    throw Error(ErrorKind::configuration, "no-outputs", SourcePos::whole_file(path),
                "there is nothing to compute: it has neither 'model_inputs' nor 'model_outputs', so it is a library of "
                "layers",
                "add both to make it a graph; 'kiln validate' checks a library");
}

Model model_from_graph(const std::string& path, const FreshModel& fresh, const ModelHost& host, Diagnostics& faults) {
  const CheckedGraph graph = read_checked_graph(path, host, fresh.seed, faults);
  for (const std::string& file : files_of(graph)) require_other_file(fresh.output, file);
  const LoweredGraph lowered = lower_graph(graph);
  if (fresh.needs_elements && fresh.species.empty() && lowered.n_species > 0)
    throw Error(ErrorKind::usage, "species-needed", "'" + path + "' is a graph: its species have no elements yet",
                "add --species Si,O: the elements in the order of the graph's species");
  Model model;
  model.graph_json = graph.canonical_json;
  model.source_yaml = read_file(path);
  model.foreign = graph.foreign;
  model.copies = graph.copies;
  model.layers = host.layers;
  if (!fresh.species.empty()) model.atomic_numbers = parse_species(fresh.species);
  const int n_given = static_cast<int>(model.atomic_numbers.size());
  if (!fresh.species.empty() && lowered.n_species > 0 && n_given != lowered.n_species)
    throw Error(ErrorKind::usage, "species-mismatch",
                "--species " + fresh.species + ": the graph has " + std::to_string(lowered.n_species) +
                    " species, this names " + std::to_string(n_given),
                "give one element for each, in the order of the graph's species");
  model.precision = fresh.precision;
  model.weights = init_weights(lowered, fresh.seed);
  model.provenance = {{"weights", "drawn with seed " + std::to_string(fresh.seed) + ", not trained"}};
  if (fresh.weights.empty()) return model;
  require_other_file(fresh.output, fresh.weights);
  load_weights(fresh.weights, graph, lowered.parameters, model.weights, faults);
  model.provenance = {{"weights", "read from " + fresh.weights}};
  return model;
}

}  // namespace

std::string fault_of_seed(const std::string& text) {
  std::int64_t seed = 0;
  return read_integer(text, seed) && seed >= 0 ? "" : "'" + text + "' is not a whole number from 0 to 2^63 - 1";
}

bool is_graph_file(const std::string& path) {
  const std::string extension = ending_of(path);
  return extension == ".yaml" || extension == ".yml";
}

CheckedGraph read_checked_graph(const std::string& path, const ModelHost& host, std::uint64_t seed,
                                Diagnostics& faults) {
  GraphSpec spec = parse_graph_file(path, faults, host.environment);
  load_foreign_code(spec, host, seed, faults);
  CheckedGraph graph = check_graph(spec, table_of(host.layers), faults);
  throw_if_errors(faults, error_kind(faults));
  refuse_library(spec, path);
  return graph;
}

Model read_model_input(const std::string& path, const FreshModel& fresh, const ModelHost& host, Diagnostics& faults) {
  if (is_graph_file(path)) return model_from_graph(path, fresh, host, faults);
  Model model = load_model(path, host);
  warn_of_allowance(model, path, host.allow, faults);
  return model;
}

}  // namespace kiln
