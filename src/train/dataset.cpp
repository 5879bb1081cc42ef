#include "train/dataset.h"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <sstream>

#include "base/files.h"
#include "base/units.h"
#include "structure/atom_graph_builder.h"
#include "structure/labels.h"
#include "structure/stress.h"

namespace kiln {
namespace {

using Use = DerivativeOptions::Use;

/// Factors from the file's units to eV and Å.
struct Units {
  double length = 1.0, energy = 1.0, force = 1.0, stress = 1.0, virial = 1.0;
};

Units units_of(const DatasetOptions& o) {
  Units u;
  if (!o.length_unit.empty()) u.length = length_unit(o.length_unit);
  if (!o.energy_unit.empty()) u.energy = energy_unit(o.energy_unit);
  u.force = o.forces.unit.empty() ? u.energy / u.length : force_unit(o.forces.unit);
  u.stress = o.stress.unit.empty() ? u.energy / std::pow(u.length, 3) : stress_unit(o.stress.unit);
  u.virial = o.virial.unit.empty() ? u.energy : energy_unit(o.virial.unit);
  return u;
}

/// The keys to read; "" for what is switched off.
LabelKeys keys_of(const DatasetOptions& o) {
  const auto key = [](const DerivativeOptions& d) { return d.use == Use::off ? "" : d.key; };
  return {o.energy_key, key(o.forces), key(o.stress), key(o.virial)};
}

[[noreturn]] void fail(const Frame& frame, std::string code, std::string what, std::string hint) {
  throw in_frame(Error(ErrorKind::data, std::move(code), std::move(what), std::move(hint)), frame);
}

void require_label(bool has, const Frame& frame, const std::string& option, const char* kind, const std::string& key) {
  if (has) return;
  KeysFound found;
  found.add(frame);
  fail(frame, "missing-key", fmt::format("there is no {} '{}' ({})", kind, key, option), found.hint(key));
}

/// The keys that were asked for must be in every frame.
void require_labels(const Frame& frame, const Labels& labels, const DatasetOptions& o) {
  const std::string energy = o.name + ".targets.energy";
  const auto require = [&](const DerivativeOptions& d, const char* name, const char* kind, bool has) {
    require_label(has || d.use != Use::demanded, frame, energy + name, kind, d.key);
  };
  require_label(labels.energy.has_value(), frame, energy + ".key", "comment-line key", o.energy_key);
  require(o.forces, ".forces", "per-atom property", !labels.forces.empty());
  require(o.stress, ".stress", "comment-line key", !labels.stress.empty());
  require(o.virial, ".virial", "comment-line key", !labels.virial.empty());
}

std::vector<double> scaled(std::vector<double> values, double factor) {
  for (double& x : values) x *= factor;
  return values;
}

void set_virial(const Frame& frame, const Labels& labels, const DatasetOptions& o, const Units& units, Sample& sample) {
  sample.virial = scaled(labels.virial, units.virial);
  if (labels.stress.empty()) return;
  sample.stress_volume = stress_volume(sample.structure);
  if (sample.stress_volume == 0.0)
    fail(frame, "no-volume",
         fmt::format("'{}' is given, but the structure is not periodic along three cell vectors", o.stress.key),
         fmt::format("Give a Lattice and pbc=\"T T T\", or set {}.targets.energy.stress: false.", o.name));
  sample.virial = scaled(labels.stress, -sample.stress_volume * units.stress);
}

void scale_lengths(Structure& structure, double factor) {
  for (auto& r : structure.positions)
    for (double& x : r) x *= factor;
  for (double& x : structure.cell) x *= factor;
}

Sample sample_of(const Frame& frame, const DatasetOptions& o, const Units& units) {
  Sample sample;
  sample.frame = frame.index;
  sample.structure = frame.structure;
  scale_lengths(sample.structure, units.length);
  if (frame.structure.n_atoms() == 0)
    fail(frame, "no-atoms", "it has no atoms", "Remove it: nothing can be learned from it.");
  const Labels labels = read_labels(frame, keys_of(o));
  require_labels(frame, labels, o);
  sample.energy = units.energy * *labels.energy;
  sample.forces = scaled(labels.forces, units.force);
  set_virial(frame, labels, o, units, sample);
  return sample;
}

void note_units(const DatasetOptions& o, std::vector<std::string>& notes) {
  if (o.energy_unit.empty()) notes.push_back(fmt::format("{}.targets.energy has no unit: eV is assumed", o.name));
  if (o.length_unit.empty()) notes.push_back(fmt::format("{}.systems has no length_unit: angstrom is assumed", o.name));
}

void note_content(const DatasetOptions& o, const Dataset& set, std::vector<std::string>& notes) {
  std::size_t forces = 0, virials = 0;
  for (const Sample& s : set.samples) {
    forces += !s.forces.empty();
    virials += !s.virial.empty();
  }
  const char* tensor = o.virial.use == Use::off ? "stress" : "virial";
  notes.push_back(fmt::format("{}: {} structures in {}; energy in all, forces in {}, {} in {}", o.name,
                              set.samples.size(), o.file, forces, tensor, virials));
}

}  // namespace

Dataset read_dataset(const DatasetOptions& options, std::vector<std::string>& notes) {
  note_units(options, notes);
  const Units units = units_of(options);
  Dataset set;
  set.file = options.file;
  std::istringstream in(read_file(options.file));
  set.sha256 = sha256(in.str());
  ExtendedXyzReader reader(in, options.file);
  for (Frame frame; reader.read(frame);) set.samples.push_back(sample_of(frame, options, units));
  if (set.samples.empty())
    throw Error(ErrorKind::data, "empty-set", SourcePos::whole_file(options.file),
                options.name + " holds no structures");
  note_content(options, set, notes);
  return set;
}

std::vector<Sample> select(const Dataset& dataset, const std::vector<std::int64_t>& frames) {
  std::vector<Sample> samples;
  samples.reserve(frames.size());
  for (std::int64_t f : frames) samples.push_back(dataset.samples[static_cast<std::size_t>(f)]);
  return samples;
}

void build_graphs(std::vector<Sample>& samples, const std::vector<double>& cutoffs, int n_hops,
                  const std::vector<int>& species_of) {
  for (Sample& s : samples)
    s.graph = build_atom_graph(s.structure, Span<const double>(cutoffs), n_hops, Span<const int>(species_of));
}

std::vector<int> elements_of(const std::vector<Sample>& samples) {
  std::set<int> elements;
  for (const Sample& s : samples) elements.insert(s.structure.atomic_numbers.begin(), s.structure.atomic_numbers.end());
  return {elements.begin(), elements.end()};
}

}  // namespace kiln
