#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "base/files.h"
#include "cli/engine_choice.h"
#include "cli/json_line.h"
#include "cli/model_door.h"
#include "cli/output_file.h"
#include "cli/report_error.h"
#include "model/foreign_code.h"
#include "structure/labels.h"
#include "structure/stress.h"
#include "train/error_table.h"
#include "train/split.h"

namespace kiln {

namespace {

struct KeyOption {
  const char* option;
  std::string LabelKeys::*key;
  bool per_atom;  ///< a column of the atoms, else a key of the comment line
  const char* doc;
};
constexpr KeyOption kKeyOptions[] = {
    {"--energy-key", &LabelKeys::energy, false, "name of the reference energy, eV (default: energy)"},
    {"--forces-key", &LabelKeys::forces, true, "name of the reference forces, eV/Å (default: forces)"},
    {"--stress-key", &LabelKeys::stress, false, "name of the reference stress, eV/Å^3 (default: stress)"},
    {"--virial-key", &LabelKeys::virial, false, "name of the reference virial -dE/d(strain), eV (default: virial)"},
};

struct Options {
  std::string model, input, output;
  std::string indices;  // file, "": every frame
  std::string engine;   // "": native where it can, else torch
  std::vector<std::string> allow;
  std::string format = "text";
  LabelKeys keys;
  std::vector<KeyOption> named;  ///< those that the command line gives
};

struct Totals {
  std::size_t n_frames = 0, n_atoms = 0;
  double seconds = 0.0;
  Metrics errors;
  KeysFound keys;

  double microseconds_per_atom() const { return n_atoms == 0 ? 0.0 : 1e6 * seconds / static_cast<double>(n_atoms); }
};

std::string numbers_text(const std::vector<double>& numbers) { return fmt::format("{}", fmt::join(numbers, " ")); }

void set_info(Frame& frame, const std::string& key, std::string value) {
  for (auto& entry : frame.info)
    if (entry.first == key) {
      entry.second = std::move(value);
      return;
    }
  frame.info.emplace_back(key, std::move(value));
}

void erase_info(Frame& frame, const std::string& key) {
  const auto has_key = [&](const auto& entry) { return entry.first == key; };
  frame.info.erase(std::remove_if(frame.info.begin(), frame.info.end(), has_key), frame.info.end());
}

/// The predictions take the places of what the file had under these names; where there is none, nothing stays that one
/// could take for a prediction.
void put_predictions(Frame& frame, const Prediction& prediction) {
  const std::vector<double> stress = stress_of(frame.structure, prediction.virial);
  set_info(frame, "energy", fmt::format("{}", prediction.energy));
  erase_info(frame, "virial");
  if (stress.empty())
    erase_info(frame, "stress");
  else
    set_info(frame, "stress", numbers_text(stress));
  frame.properties["forces"] = AtomProperty{'R', 3, prediction.forces, {}};
}

void evaluate_frame(Frame& frame, const Options& options, const Engine& engine, const PotentialGraph& graph,
                    Engine::Scratch& scratch, Totals& totals) {
  const Labels reference = read_labels(frame, options.keys);
  const auto start = std::chrono::steady_clock::now();
  const Prediction prediction = predict(engine, atom_graph_of(graph, frame.structure), {true, true, false}, scratch);
  totals.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  add_errors(reference, frame.structure, prediction, totals.errors);
  totals.keys.add(frame);
  totals.n_frames += 1;
  totals.n_atoms += frame.structure.n_atoms();
  put_predictions(frame, prediction);
}

/// Which frames of the file to evaluate: all, or those an index file names (`kiln train` writes indices/test.txt).
class FrameChoice {
 public:
  explicit FrameChoice(const std::string& index_file) : all_(index_file.empty()) {
    if (!all_)
      wanted_ = read_indices({{}, index_file, SourcePos::whole_file(index_file)}, index_file,
                             std::numeric_limits<std::int64_t>::max());
  }
  bool takes(std::int64_t frame) const { return all_ || std::binary_search(wanted_.begin(), wanted_.end(), frame); }
  void require_within(std::int64_t n_frames, const std::string& file) const {
    if (!all_ && !wanted_.empty() && wanted_.back() >= n_frames)
      throw Error(ErrorKind::data, "index-out-of-range", SourcePos::whole_file(file),
                  fmt::format("frame {} was asked for, there are {} (counted from 0)", wanted_.back(), n_frames));
  }

 private:
  bool all_ = true;
  std::vector<std::int64_t> wanted_;
};

std::string text_of(const Frame& frame) {
  std::ostringstream text;
  write_extended_xyz(text, frame);
  return text.str();
}

/// A key that was asked for by name must be somewhere: a slip must not look like a file without reference.
void require_named_keys(const Options& options, const KeysFound& found) {
  for (const KeyOption& one : options.named) {
    const std::string& key = options.keys.*one.key;
    const std::set<std::string>& known = one.per_atom ? found.of_atoms : found.of_frames;
    if (known.count(key)) continue;
    throw Error(ErrorKind::data, "missing-key", SourcePos::whole_file(options.input),
                fmt::format("no frame has '{}' ({})", key, one.option), found.hint(key));
  }
}

Totals evaluate_file(const Options& options, const Engine& engine, const PotentialGraph& graph) {
  const auto scratch = engine.make_scratch();
  ExtendedXyzReader reader(options.input);
  std::optional<AtomicFile> out;
  if (!options.output.empty()) out.emplace(options.output);
  const FrameChoice choice(options.indices);
  Totals totals;
  std::int64_t n_read = 0;
  for (Frame frame; reader.read(frame);) {
    if (!choice.takes(n_read++)) continue;
    try {
      evaluate_frame(frame, options, engine, graph, *scratch, totals);
    } catch (const Error& error) {
      throw in_frame(error, frame);
    }
    if (out) out->write(text_of(frame));
  }
  if (n_read == 0) throw Error(ErrorKind::data, "no-frames", SourcePos::whole_file(options.input), "it has no frames");
  choice.require_within(n_read, options.input);
  require_named_keys(options, totals.keys);
  if (out) out->commit();
  return totals;
}

std::string nothing_to_compare(const LabelKeys& keys) {
  return fmt::format(
      "no reference to compare with under the keys '{}', '{}', '{}' (of structures that are periodic along all three "
      "cell vectors) and '{}'",
      keys.energy, keys.forces, keys.stress, keys.virial);
}

void print_text(const Options& options, const Totals& totals, std::ostream& out) {
  const std::string table = error_table({{"", totals.errors}});
  out << fmt::format("{}: {} frames, {} atoms, {:.2f} us/atom ({} engine)\n", options.input, totals.n_frames,
                     totals.n_atoms, totals.microseconds_per_atom(), options.engine);
  out << (table.empty() ? nothing_to_compare(options.keys) : table) << "\n";
  if (!options.output.empty()) out << "predictions: " << options.output << "\n";
}

nlohmann::ordered_json errors_json(const Metrics& errors) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const QuantityErrors& q : quantity_errors(errors))
    json[q.name] = {{"mae", q.mae}, {"rmse", q.rmse}, {"unit", q.unit}, {"frames", q.n_structures}};
  return json;
}

void print_json(const Options& options, const Totals& totals, const Diagnostics& faults, std::ostream& out) {
  auto json = nlohmann::ordered_json::parse(to_json(faults));
  json.update({{"model", options.model},
               {"input", options.input},
               {"output", options.output},
               {"engine", options.engine},
               {"frames", totals.n_frames},
               {"atoms", totals.n_atoms},
               {"us_per_atom", totals.microseconds_per_atom()},
               {"errors", errors_json(totals.errors)}});
  out << json_line(json, 2);
}

int evaluate(Options options, Diagnostics& faults, Context& context) {
  for (const std::string& input : {options.model, options.input, options.indices})
    require_other_file(options.output, input);
  ModelDoor door(context, options.allow);
  const Model model = load_model(options.model, door.host());
  warn_of_allowance(model, options.model, door.host().allow, faults);
  const PotentialGraph graph = potential_graph(model);
  if (options.engine.empty()) options.engine = torch_layer(graph.lowered).empty() ? "native" : "torch";
  const std::unique_ptr<Engine> engine = make_chosen_engine(options.engine, model, graph, door);
  const Totals totals = evaluate_file(options, *engine, graph);
  context.product_is_file = !options.output.empty();
  if (options.format == "json") {
    print_json(options, totals, faults, context.out);
  } else {
    tell(faults, context);
    print_text(options, totals, context.out);
  }
  return 0;
}

}  // namespace

Run declare_eval(CLI::App& app) {
  auto o = std::make_shared<Options>();
  app.add_option("MODEL", o->model, "the model or checkpoint (.kiln)")->required()->option_text(" ");
  app.add_option("STRUCTURES", o->input, "structures in extended XYZ; Å, eV")->required()->option_text(" ");
  app.add_option(
         "-o,--output", o->output,
         "where to write the structures with predictions: energy (eV), forces (eV/Å) and, where periodic in all "
         "directions, stress (eV/Å^3, positive under tension); what the file had under these keys is replaced there "
         "(default: not written)")
      ->option_text("FILE");
  app.add_option(
         "--indices", o->indices,
         "text file of the frames to evaluate, one number from 0 a line, such as indices/test.txt of a training "
         "(default: all)")
      ->option_text("FILE");
  app.add_option("--engine", o->engine, "what computes: native or torch (default: native where it can, else torch)")
      ->check(CLI::IsMember({"native", "torch"}))
      ->option_text("ENGINE");
  add_allow_option(app, o->allow);
  for (const KeyOption& one : kKeyOptions) app.add_option(one.option, o->keys.*one.key, one.doc)->option_text("KEY");
  add_format_option(app, o->format);
  return [o, &app](Context& context) {
    for (const KeyOption& one : kKeyOptions)
      if (app.count(one.option) > 0) o->named.push_back(one);
    Diagnostics faults;
    return with_warnings_told(faults, [&] { return evaluate(*o, faults, context); });
  };
}

}  // namespace kiln
