#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <sstream>

#include "base/files.h"
#include "cli/engine_choice.h"
#include "cli/error_table.h"
#include "cli/output_file.h"
#include "structure/cell.h"
#include "train/split.h"

namespace kiln {

namespace {

struct KeyOption {
  const char* option;
  std::string ReferenceKeys::*key;
  bool per_atom;  ///< a column of the atoms, else a key of the comment line
  const char* doc;
};
constexpr KeyOption kKeyOptions[] = {
    {"--energy-key", &ReferenceKeys::energy, false, "name of the reference energy, eV (default: energy)"},
    {"--forces-key", &ReferenceKeys::forces, true, "name of the reference forces, eV/Å (default: forces)"},
    {"--stress-key", &ReferenceKeys::stress, false, "name of the reference stress, eV/Å^3 (default: stress)"},
    {"--virial-key", &ReferenceKeys::virial, false, "name of the reference virial -dE/d(strain), eV (default: virial)"},
};

struct Options {
  std::string model, input, output;
  std::string indices;  // file, "": every frame
  std::string engine = "native";
  std::string format = "text";
  ReferenceKeys keys;
  std::vector<KeyOption> named;  ///< those that the command line gives
};

/// Names of what the frames have.
struct KeysFound {
  std::set<std::string> of_frames, of_atoms;

  void add(const Frame& frame) {
    for (const auto& entry : frame.info) of_frames.insert(entry.first);
    for (const auto& entry : frame.properties) of_atoms.insert(entry.first);
  }
};

struct Totals {
  std::size_t n_frames = 0, n_atoms = 0;
  double seconds = 0.0;
  ErrorTable errors;
  KeysFound keys;

  double microseconds_per_atom() const { return n_atoms == 0 ? 0.0 : 1e6 * seconds / static_cast<double>(n_atoms); }
};

/// Stress = -W / V where the structure is periodic along all three cell vectors, else empty. V is |det H|: a
/// left-handed cell has the same stress as its mirror image.
std::vector<double> stress_of(const Structure& structure, const std::vector<double>& virial) {
  for (const bool along : structure.periodic)
    if (!along) return {};
  std::vector<double> stress = virial;
  for (double& x : stress) x /= -std::abs(signed_volume(structure.cell));
  return stress;
}

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
void put_predictions(Frame& frame, const Prediction& prediction, const std::vector<double>& stress) {
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
  const ReferenceValues reference = reference_values(frame, options.keys);
  const auto start = std::chrono::steady_clock::now();
  const Prediction prediction = predict(engine, atom_graph_of(graph, frame.structure), {true, true, false}, scratch);
  totals.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::vector<double> stress = stress_of(frame.structure, prediction.virial);
  totals.errors.add(prediction, stress, reference, frame.structure.n_atoms());
  totals.keys.add(frame);
  totals.n_frames += 1;
  totals.n_atoms += frame.structure.n_atoms();
  put_predictions(frame, prediction, stress);
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
                fmt::format("no frame has '{}' ({})", key, one.option),
                fmt::format("the {} {}", one.per_atom ? "atoms have" : "comment lines have",
                            known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
  }
}

Totals evaluate_file(const Options& options, const ChosenEngine& chosen, const PotentialGraph& graph) {
  const auto scratch = chosen.engine->make_scratch();
  ExtendedXyzReader reader(options.input);
  std::optional<AtomicFile> out;
  if (!options.output.empty()) out.emplace(options.output);
  const FrameChoice choice(options.indices);
  Totals totals;
  std::int64_t n_read = 0;
  for (Frame frame; reader.read(frame);) {
    if (!choice.takes(n_read++)) continue;
    try {
      evaluate_frame(frame, options, *chosen.engine, graph, *scratch, totals);
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

void print_text(const Options& options, const Totals& totals, std::ostream& out) {
  const std::string table = to_string(totals.errors);
  out << fmt::format("{}: {} frames, {} atoms, {:.2f} us/atom ({} engine)\n", options.input, totals.n_frames,
                     totals.n_atoms, totals.microseconds_per_atom(), options.engine);
  if (table.empty())
    out << fmt::format("no reference to compare with: none of the keys '{}', '{}', '{}', '{}' is in the file\n",
                       options.keys.energy, options.keys.forces, options.keys.stress, options.keys.virial);
  out << table;
  if (!options.output.empty()) out << "predictions: " << options.output << "\n";
}

void print_json(const Options& options, const Totals& totals, std::ostream& out) {
  const nlohmann::ordered_json json = {{"model", options.model},
                                       {"input", options.input},
                                       {"output", options.output},
                                       {"engine", options.engine},
                                       {"frames", totals.n_frames},
                                       {"atoms", totals.n_atoms},
                                       {"us_per_atom", totals.microseconds_per_atom()},
                                       {"errors", to_json(totals.errors)}};
  out << json.dump(2) << "\n";
}

int evaluate(const Options& options, Context& context) {
  for (const std::string& input : {options.model, options.input, options.indices})
    require_other_file(options.output, input);
  const Model model = load_model(options.model);
  const PotentialGraph graph = potential_graph(model);
  const ChosenEngine chosen = choose_engine(options.engine, model, graph, context);
  const Totals totals = evaluate_file(options, chosen, graph);
  if (options.format == "json")
    print_json(options, totals, context.out);
  else
    print_text(options, totals, context.out);
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
         "directions, stress (eV/Å^3, positive under tension) (default: not written)")
      ->option_text("FILE");
  app.add_option(
         "--indices", o->indices,
         "text file of the frames to evaluate, one number from 0 a line, such as indices/test.txt of a training "
         "(default: all)")
      ->option_text("FILE");
  app.add_option("--engine", o->engine, "what computes: native or torch (default: native)")
      ->check(CLI::IsMember({"native", "torch"}))
      ->option_text("ENGINE");
  for (const KeyOption& one : kKeyOptions) app.add_option(one.option, o->keys.*one.key, one.doc)->option_text("KEY");
  add_format_option(app, o->format);
  return [o, &app](Context& context) {
    for (const KeyOption& one : kKeyOptions)
      if (app.count(one.option) > 0) o->named.push_back(one);
    return evaluate(*o, context);
  };
}

}  // namespace kiln
