#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "cli/engine_choice.h"
#include "cli/error_table.h"
#include "cli/partial_file.h"
#include "structure/cell.h"
#include "train/split.h"

namespace kiln {

namespace {

struct Options {
  std::string model, input, output;
  std::string indices;  // file, "": every frame
  std::string engine = "native";
  std::string format = "text";
  ReferenceKeys keys;
};

struct Totals {
  std::size_t n_frames = 0, n_atoms = 0;
  double seconds = 0.0;
  ErrorTable errors;

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

/// The predictions take the places of what the file had under these names.
void put_predictions(Frame& frame, const Prediction& prediction, const std::vector<double>& stress) {
  set_info(frame, "energy", fmt::format("{}", prediction.energy));
  if (!stress.empty()) set_info(frame, "stress", numbers_text(stress));
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
  totals.n_frames += 1;
  totals.n_atoms += frame.structure.n_atoms();
  put_predictions(frame, prediction, stress);
}

/// Which frames of the file to evaluate: all, or those an index file names (`kiln train` writes indices/test.txt).
class FrameChoice {
 public:
  explicit FrameChoice(const std::string& index_file) : all_(index_file.empty()) {
    if (!all_) wanted_ = read_indices({{}, index_file, {}}, index_file, std::numeric_limits<std::int64_t>::max());
  }
  bool takes(std::int64_t frame) const { return all_ || std::binary_search(wanted_.begin(), wanted_.end(), frame); }
  void require_within(std::int64_t n_frames, const std::string& file) const {
    if (!all_ && !wanted_.empty() && wanted_.back() >= n_frames)
      throw Error(ErrorKind::data, "index-out-of-range",
                  fmt::format("frame {} was asked for, {} has {} (counted from 0)", wanted_.back(), file, n_frames));
  }

 private:
  bool all_ = true;
  std::vector<std::int64_t> wanted_;
};

Totals evaluate_file(const Options& options, const ChosenEngine& chosen, const PotentialGraph& graph) {
  const auto scratch = chosen.engine->make_scratch();
  ExtendedXyzReader reader(options.input);
  std::optional<PartialFile> out;
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
    if (out) write_extended_xyz(out->stream(), frame);
  }
  choice.require_within(n_read, options.input);
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
  app.add_option("--energy-key", o->keys.energy, "name of the reference energy, eV (default: energy)")
      ->option_text("KEY");
  app.add_option("--forces-key", o->keys.forces, "name of the reference forces, eV/Å (default: forces)")
      ->option_text("KEY");
  app.add_option("--stress-key", o->keys.stress, "name of the reference stress, eV/Å^3 (default: stress)")
      ->option_text("KEY");
  app.add_option("--virial-key", o->keys.virial, "name of the reference virial -dE/d(strain), eV (default: virial)")
      ->option_text("KEY");
  add_format_option(app, o->format);
  return [o](Context& context) { return evaluate(*o, context); };
}

}  // namespace kiln
