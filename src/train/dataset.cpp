#include "train/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/files.h"
#include "base/units.h"
#include "structure/atom_graph_builder.h"
#include "structure/extended_xyz.h"

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

[[noreturn]] void fail(const Frame& frame, std::string code, const std::string& what, std::string hint) {
  SourcePos where;
  where.file = frame.file;
  where.line = frame.line;
  where.column = 1;
  throw Error(ErrorKind::data, {{Severity::error, std::move(code), where,
                                 fmt::format("structure {}: {}", frame.index, what), std::move(hint)}});
}

std::string listed(const std::vector<std::string>& names) {
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

/// What the frame has, for messages.
std::string keys_found(const Frame& frame, const std::string& wanted) {
  std::vector<std::string> info, columns, all;
  for (const auto& entry : frame.info) info.push_back(entry.first);
  for (const auto& entry : frame.properties) columns.push_back(entry.first);
  all = info;
  all.insert(all.end(), columns.begin(), columns.end());
  const std::string guess = did_you_mean(wanted, all);
  return fmt::format("{}{}Found in the comment line: {}; per atom: {}.", guess, guess.empty() ? "" : " ", listed(info),
                     listed(columns));
}

[[noreturn]] void fail_missing(const Frame& frame, const std::string& option, const std::string& what,
                               const std::string& key) {
  fail(frame, "missing-key", fmt::format("there is no {} '{}' ({})", what, key, option), keys_found(frame, key));
}

/// Finite numbers of a comment-line key, `counts` of them.
std::vector<double> numbers_of(const Frame& frame, const std::string& key, std::initializer_list<std::size_t> counts) {
  std::vector<double> numbers = info_numbers(frame, key);
  if (std::find(counts.begin(), counts.end(), numbers.size()) == counts.end())
    fail(frame, "wrong-count", fmt::format("'{}' has {} numbers", key, numbers.size()),
         fmt::format("Expected: {}.", fmt::join(counts, " or ")));
  for (double x : numbers)
    if (!std::isfinite(x)) fail(frame, "not-finite", fmt::format("'{}' holds {}", key, x), "");
  return numbers;
}

std::vector<double> scaled(std::vector<double> values, double factor) {
  for (double& x : values) x *= factor;
  return values;
}

/// 3x3, row-major, from nine numbers or from xx yy zz yz xz xy.
std::vector<double> full_tensor(const std::vector<double>& v) {
  if (v.size() == 9) return v;
  return {v[0], v[5], v[4], v[5], v[1], v[3], v[4], v[3], v[2]};
}

double volume_of(const Structure& s) {
  const auto& h = s.cell;
  return std::abs(h[0] * (h[4] * h[8] - h[5] * h[7]) - h[1] * (h[3] * h[8] - h[5] * h[6]) +
                  h[2] * (h[3] * h[7] - h[4] * h[6]));
}

void read_forces(const Frame& frame, const DatasetOptions& o, const Units& units, Sample& sample) {
  if (o.forces.use == Use::off) return;
  const auto found = frame.properties.find(o.forces.key);
  if (found == frame.properties.end()) {
    if (o.forces.use == Use::demanded)
      fail_missing(frame, o.name + ".targets.energy.forces", "per-atom property", o.forces.key);
    return;
  }
  const AtomProperty& p = found->second;
  if (p.n_columns != 3 || p.type == 'S' || p.type == 'L')
    fail(frame, "wrong-count", fmt::format("property '{}' is {}:{}", o.forces.key, p.type, p.n_columns),
         "Forces are R:3.");
  sample.forces = scaled(p.numbers, units.force);
  for (double f : sample.forces)
    if (!std::isfinite(f)) fail(frame, "not-finite", fmt::format("property '{}' holds {}", o.forces.key, f), "");
}

bool wanted(const Frame& frame, const DerivativeOptions& d, const std::string& option) {
  if (d.use == Use::off) return false;
  if (frame.find_info(d.key)) return true;
  if (d.use == Use::demanded) fail_missing(frame, option, "comment-line key", d.key);
  return false;
}

void read_stress(const Frame& frame, const DatasetOptions& o, const Units& units, Sample& sample) {
  if (!wanted(frame, o.stress, o.name + ".targets.energy.stress")) return;
  const double volume = volume_of(sample.structure);
  if (!(volume > 1e-9))
    fail(frame, "no-volume", fmt::format("'{}' is given, but there is no cell", o.stress.key),
         fmt::format("Give a Lattice, or set {}.targets.energy.stress: false.", o.name));
  sample.stress_volume = volume;
  sample.virial = full_tensor(scaled(numbers_of(frame, o.stress.key, {9, 6}), -volume * units.stress));
}

void read_virial(const Frame& frame, const DatasetOptions& o, const Units& units, Sample& sample) {
  if (!wanted(frame, o.virial, o.name + ".targets.energy.virial")) return;
  sample.virial = full_tensor(scaled(numbers_of(frame, o.virial.key, {9, 6}), units.virial));
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
  if (!frame.find_info(o.energy_key))
    fail_missing(frame, o.name + ".targets.energy.key", "comment-line key", o.energy_key);
  sample.energy = units.energy * numbers_of(frame, o.energy_key, {1})[0];
  read_forces(frame, o, units, sample);
  read_stress(frame, o, units, sample);
  read_virial(frame, o, units, sample);
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
  set.sha256 = sha256(read_file(options.file));
  ExtendedXyzReader reader(options.file);
  for (Frame frame; reader.read(frame);) set.samples.push_back(sample_of(frame, options, units));
  if (set.samples.empty())
    throw Error(ErrorKind::data, "empty-set", fmt::format("{}: {} holds no structures", options.name, options.file));
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
